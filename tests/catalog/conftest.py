"""The engine's line and desks make what the catalog lists."""

from tests.distribution.conftest import at, line

__all__ = ["at", "line"]
