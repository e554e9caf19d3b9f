"""`manage.py close_account`: a person is out everywhere within seconds; `--open` lets them in again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.services.deactivation import close_account
from apps.core.errors import NotFound


class Command(BaseCommand):
    help = "Close a person's account in all organizations, or open it again. Their work stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, and which way."""
        parser.add_argument("email")
        parser.add_argument("--open", action="store_true", help="open the account again")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what became of it."""
        try:
            person = close_account(email=options["email"], closed=not options["open"])
        except NotFound as error:
            raise CommandError(error.text) from error
        self.stdout.write(f"The account of {person.name} is {'open' if person.is_active else 'closed'}.")
