"""Where each role begins. The apps whose pages these are say so in their `ready()`; no lower app names a higher one."""

from collections.abc import Callable

from apps.core.access import gate

from .selectors import Member

# Gives an address; called inside the member's own transaction.
Way = Callable[[Member], str]

_ways: dict[str, tuple[Way, str]] = {}


def begin_at(way: Way, *roles: str, action: str) -> None:
    """These roles begin there, if `action`, which opens the page, is left to them. A role has one home."""
    for role in roles:
        if role in _ways:
            raise ValueError(f"The role {role} has a home already.")
        _ways[role] = way, action


def home_of(member: Member) -> str | None:
    """The address at which a member begins, or None for a role that no app has a home for, or whose home is closed."""
    way, action = _ways.get(member.role, (None, ""))
    return way(member) if way and gate.admits(action, member.context) else None
