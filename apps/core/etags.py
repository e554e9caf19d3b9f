"""Whether a person edits what they have read: the ETag of a resource's state, and the If-Match that must name it."""

import hashlib
from typing import Any

import msgspec

from .errors import BadRequest, PreconditionFailed, PreconditionRequired


class InvalidPrecondition(BadRequest):
    code = "invalid_if_match"
    message = "If-Match takes one ETag that this resource gave, not *."


def etag_of(state: Any) -> str:
    """A strong tag of whatever the caller is shown."""
    return f'"{hashlib.sha256(msgspec.json.encode(state, order="sorted")).hexdigest()[:32]}"'


def require_current(seen: str | None, current: str) -> None:
    """Raise PreconditionRequired without a tag, PreconditionFailed (with the current one) on a stale one."""
    if seen is None:
        raise PreconditionRequired
    if seen.strip() == "*":
        raise InvalidPrecondition
    if seen.strip().removeprefix("W/") != current:
        raise PreconditionFailed(etag=current)
