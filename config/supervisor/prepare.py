"""Run by the supervisor as a child of its own: migrations, static files and, in the demo, the seed."""

import os
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from config.storage import storage_at

from .home import SIGN_INS


def main() -> None:
    """One process for all three: each start of Django costs a second."""
    django.setup()
    storage_at(settings.STORAGE_URL)  # one that cannot be used is told now, and not at the first upload
    call_command("migrate", database="owner", interactive=False)
    if not settings.DEBUG:  # in development the files are served as they lie
        call_command("collectstatic", interactive=False, verbosity=0)
    if settings.DEMO:
        _wait_for(Path(os.environ["DETECTORS_READY"]))
        _seed(Path(settings.VAR) / SIGN_INS)


def _wait_for(note: Path) -> None:
    """Detectors are made ready beside us; the supervisor, which ends us if that fails, notes when they are."""
    while not note.exists():
        time.sleep(0.1)


def _seed(sign_ins: Path) -> None:
    sign_ins.unlink(missing_ok=True)
    with os.fdopen(os.open(sign_ins, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        call_command("seed_demo", stdout=file)


if __name__ == "__main__":
    main()
