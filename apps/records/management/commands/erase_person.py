"""`manage.py erase_person ada@example.org`: forget somebody who asked for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.core.errors import Refusal
from apps.records import services


class Command(BaseCommand):
    help = "Overwrite a person's name and address everywhere, end their access, and keep what they did as nobody's."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom."""
        parser.add_argument("email", help="the address of their account")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        """At once, in all organizations."""
        person = User.objects.filter(email=email.strip().lower()).first()
        if person is None:
            raise CommandError("Nobody has an account with this address.")
        try:
            services.erase(person_id=person.pk, asked_by=None)
        except Refusal as refusal:
            raise CommandError(refusal.text) from refusal
        services.sweep_erasures()
        self.stdout.write(f"{person.pk} is nobody's any more.")
