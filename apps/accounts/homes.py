"""Where each role begins. The apps whose pages these are say so in their `ready()`; no lower app names a higher one."""

from collections.abc import Callable

from .selectors import Member

# Gives an address; called inside the member's own transaction.
Way = Callable[[Member], str]

_ways: dict[str, Way] = {}


def begin_at(way: Way, *roles: str) -> None:
    """These roles begin there. A role has one home."""
    for role in roles:
        if role in _ways:
            raise ValueError(f"The role {role} has a home already.")
        _ways[role] = way


def home_of(member: Member) -> str | None:
    """The address at which a member begins, or None for a role that no app has a home for."""
    way = _ways.get(member.role)
    return way(member) if way else None
