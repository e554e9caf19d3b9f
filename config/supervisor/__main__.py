"""`python -m config.supervisor demo|start|dev`, `… backup FOLDER` and `… restore FOLDER`."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from .backup import back_up
from .home import Home
from .programs import ROOT
from .refusal import CannotStart
from .restore import restore
from .run import run

MODES = ("demo", "start", "dev")
WITH_FOLDER = {"backup": back_up, "restore": restore}


def main(arguments: list[str]) -> int:
    """The exit status: 0 when all went well, 1 with a sentence when it could not, 2 for a wrong command."""
    match arguments:
        case [mode] if mode in MODES:
            return _told(lambda: run(mode, os.environ), "Tessera cannot start.")
        case [act, folder] if act in WITH_FOLDER:
            return _told(lambda: _with_folder(act, Path(folder)), f"No {act} was made.")
    print(f"Usage: python -m config.supervisor {'|'.join(MODES)} or backup|restore FOLDER", file=sys.stderr)
    return 2


def _with_folder(act: str, folder: Path) -> None:
    home = Home(Path(os.environ.get("TESSERA_VAR") or ROOT / "var"))
    try:
        WITH_FOLDER[act](home, os.environ, folder.absolute())
    except OSError as error:  # a full disk, or a folder of somebody else
        raise CannotStart(f"{error}.") from error


def _told(act: Callable[[], None], complaint: str) -> int:
    try:
        act()
    except CannotStart as refusal:
        print(f"{complaint} {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
