"""The engine's line and desks serve figures too."""

from tests.distribution.conftest import at, line

__all__ = ["at", "line"]
