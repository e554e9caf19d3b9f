"""`python -m config.supervisor demo|start|dev`."""

import os
import sys

from .refusal import CannotStart
from .run import run

MODES = ("demo", "start", "dev")


def main(arguments: list[str]) -> int:
    """The exit status: 0 after an orderly stop, 1 with a sentence when Tessera cannot start, 2 for a wrong command."""
    if len(arguments) != 1 or arguments[0] not in MODES:
        print(f"Usage: python -m config.supervisor {'|'.join(MODES)}", file=sys.stderr)
        return 2
    try:
        run(arguments[0], os.environ)
    except CannotStart as refusal:
        print(f"Tessera cannot start. {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
