"""`manage.py erase_again`: after a restore, forget again who was erased since the backup was made."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.ids import as_id
from apps.records import services


class Command(BaseCommand):
    help = "Erase everybody again who has a tombstone and is in the database as before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where more tombstones lie than in the storage."""
        parser.add_argument(
            "--tombstones", type=Path, help="the folder `erased` of the storage as it last was, if it was restored too"
        )

    def handle(self, *args: Any, tombstones: Path | None, **options: Any) -> None:
        """Says how many."""
        if tombstones and not tombstones.is_dir():
            raise CommandError(f"{tombstones} is no folder.")
        others = [person for one in tombstones.iterdir() if (person := as_id(one.name))] if tombstones else []
        found = services.erase_again(others)
        self.stdout.write(f"{len(found)} people were erased again.")
