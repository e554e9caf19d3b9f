"""The limited child that decodes: reads orders as lines of JSON, answers each with one line.

Run as `python -m apps.projects.pictures.child`. It imports neither Django nor settings, so it has no secrets to lose.
"""

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .archives import extract, members_of
from .decoding import header_of
from .derived import make_derived
from .rules import ArchiveTooLarge, ImageTooLarge, PictureRefused, UnsafeEntry, kind_of

MEMORY = 3 * 1024**3
LARGEST_FILE = 25 * 1024**3
OPEN_FILES = 256


def main() -> None:
    """Serve until the parent closes our input."""
    _limit()
    for line in sys.stdin:
        order = json.loads(line)
        sys.stdout.write(json.dumps(_obey(order)) + "\n")
        sys.stdout.flush()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _obey(order: dict[str, Any]) -> dict[str, Any]:
    path = Path(order["path"])
    try:
        return ORDERS[order["do"]](path, order)
    except PictureRefused as refusal:
        return {"refused": refusal.code, "message": str(refusal)}
    except MemoryError:
        large = ArchiveTooLarge() if order["do"] == "list" else ImageTooLarge()
        return {"refused": large.code, "message": str(large)}


def _kind(path: Path, order: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind_of(path)}


def _list(path: Path, order: dict[str, Any]) -> dict[str, Any]:
    return {"members": [asdict(member) for member in members_of(path)]}


def _extract(path: Path, order: dict[str, Any]) -> dict[str, Any]:
    to = Path(order["to"])
    extract(path, order["index"], to)
    if kind_of(to) == "ZIP":
        raise UnsafeEntry
    return {}


def _derive(path: Path, order: dict[str, Any]) -> dict[str, Any]:
    return asdict(make_derived(path, Path(order["to"]), full=order["full"]))


def _header(path: Path, order: dict[str, Any]) -> dict[str, Any]:
    return asdict(header_of(path))


ORDERS = {"kind": _kind, "list": _list, "extract": _extract, "derive": _derive, "header": _header}

if __name__ == "__main__":
    main()
