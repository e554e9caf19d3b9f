"""Values as JSON has them, and what makes two requests the same."""

import hashlib
from typing import Any
from uuid import UUID

import msgspec


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """UUIDs, datetimes and structs become text and objects."""
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(values))
    return decoded


def digest_of(values: dict[str, Any], asked_by: UUID) -> str:
    """The same for the same request of one organization; a vendor's never joins one that it may not see."""
    return hashlib.sha256(msgspec.json.encode([str(asked_by), values], order="sorted")).hexdigest()
