"""The engine's line and desks serve questions too."""

from tests.distribution.conftest import at, line

__all__ = ["at", "line"]
