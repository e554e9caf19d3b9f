"""`manage.py let_in`: for who has lost their password, their second factor, or whose single sign-on is broken."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.accounts.models import User
from apps.accounts.selectors import enforcing_places
from apps.accounts.services import passwords, second_factors, sign_on
from apps.core.tenancy import owner_context, tenant_tx


class Command(BaseCommand):
    help = "Print a link by which a person chooses a new password. Be sure that it is the person who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, and what else is lifted."""
        parser.add_argument("email")
        parser.add_argument("--without-second-factor", action="store_true", help="turn the second factor off")
        parser.add_argument(
            "--without-single-sign-on",
            action="store_true",
            help="have the organizations of the person accept passwords again, from everybody",
        )
        parser.add_argument(
            "--address", default="http://127.0.0.1:8000", help="where people open Tessera, for the link"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Lift what is asked, then print the link."""
        person = User.objects.filter(email=options["email"].strip().lower(), is_active=True).first()
        if person is None:
            raise CommandError("Nobody has an account with this address.")
        if options["without_second_factor"]:
            second_factors.end_second_factor(person_id=person.pk)
            self.stdout.write("The second factor is off.")
        if options["without_single_sign_on"]:
            for place in enforcing_places(person.pk):
                with tenant_tx(owner_context(place.id)):
                    sign_on.enforce_provider(enforced=False, came_through=False)
                self.stdout.write(f"{place.name} accepts passwords again.")
        link = passwords.reset_link(person, options["address"].rstrip("/"))
        self.stdout.write(f"{person.name} chooses a new password by this link, once, within an hour:\n{link}")
