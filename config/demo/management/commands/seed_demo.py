"""`manage.py seed_demo`: the demo's world, made once; a second call changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.accounts.demo import PASSWORD, SIGN_INS
from config.demo.world import make_world


class Command(BaseCommand):
    help = "Make the demo's organizations, people, project, pictures, model and pipeline run; print the sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, then print who can sign in."""
        make_world()
        self.stdout.write(f"\nSign in with the password {PASSWORD} as:")
        for person in SIGN_INS:
            self.stdout.write(f"  {person.email:24} {person.role.label}, {person.organization_name}")
