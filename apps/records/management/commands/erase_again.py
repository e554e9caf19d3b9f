"""`manage.py erase_again`: after a restore, forget again who was erased since the backup was made."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.records import services


class Command(BaseCommand):
    help = "Erase everybody again who has a tombstone in the storage and is in the database as before."

    def handle(self, *args: Any, **options: Any) -> None:
        """Says how many."""
        found = services.erase_again()
        self.stdout.write(f"{len(found)} people were erased again.")
