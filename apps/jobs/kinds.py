"""Which kinds of job there are: filled by `@actor` as the apps' `actors` modules are imported."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .services.runs import RunningJob

DEFAULT_QUEUE = "jobs"

Work = Callable[["RunningJob"], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of job is run. `child`: in a process of its own, with at most `memory` bytes of address space."""

    name: str
    work: Work
    queue: str
    time_limit: float
    child: bool
    memory: int


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known. A name belongs to one function."""
    known = _kinds.get(kind.name)
    if known and (known.work.__module__, known.work.__qualname__) != (kind.work.__module__, kind.work.__qualname__):
        raise ValueError(f"Two actors claim the kind {kind.name}.")
    _kinds[kind.name] = kind


def kind_named(name: str) -> Kind | None:
    """The kind, or None when no imported app has it."""
    return _kinds.get(name)


def every_kind() -> list[Kind]:
    """All kinds, by name."""
    return sorted(_kinds.values(), key=lambda kind: kind.name)
