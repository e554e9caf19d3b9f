"""The engine's line and desks serve reviews too."""

from tests.distribution.conftest import at, line

__all__ = ["at", "line"]
