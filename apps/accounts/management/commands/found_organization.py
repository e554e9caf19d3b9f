"""`manage.py found_organization`: what the first-run page does, and as often as wanted, from a shell."""

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.services import found_organization
from apps.core.errors import Refusal


class Command(BaseCommand):
    help = "Found an organization. A new owner's password is asked for; with --link a link to choose one is printed."

    def add_arguments(self, parser: CommandParser) -> None:
        """The organization, its owner, and how the owner comes in."""
        parser.add_argument("--name", required=True, help="what the organization is called")
        parser.add_argument("--owner-email", required=True)
        parser.add_argument("--owner-name", required=True)
        parser.add_argument("--link", action="store_true", help="print a link by which the owner chooses a password")
        parser.add_argument(
            "--address", default="http://127.0.0.1:8000", help="where people open Tessera, for the link"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Found it, and say how the owner comes in."""
        password = "" if options["link"] else _asked()
        try:
            founded = found_organization(
                name=options["name"],
                owner_email=options["owner_email"],
                owner_name=options["owner_name"],
                password=password,
                origin=options["address"].rstrip("/"),
            )
        except Refusal as refusal:
            raise CommandError(refusal.text) from refusal
        self.stdout.write(f"{founded.organization.name} is founded, at /o/{founded.organization.slug}/.")
        if founded.invited:
            self.stdout.write(f"The owner comes in by this link, once, within 7 days:\n{founded.invited.link}")
        else:
            self.stdout.write(f"{options['owner_email']} is its owner and can sign in.")


def _asked() -> str:
    """The password from the terminal, twice; nothing (a link instead) where there is no terminal."""
    if not sys.stdin.isatty():
        return ""
    password = getpass.getpass("Password of the owner (empty: print a link; not needed by who has an account): ")
    if password and password != getpass.getpass("Once more: "):
        raise CommandError("The two are not the same. Nothing was founded.")
    return password
