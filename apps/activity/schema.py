"""What each kind of activity event says: schema 1. Figures are made from these alone, so a payload only ever grows.

`task_id`, `stage_id`, `unit_id` and `actor_id` are columns. Times are the server's; `at` of a pulse is the server's
clock less the age that the page gave, drawn in to between claim and receipt. Milliseconds everywhere.
"""

from typing import Any
from uuid import UUID

import msgspec


class Payload(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of all payloads of schema 1."""


class Claimed(Payload):
    attempt: int
    round: int
    waited_ms: int = 0  # since the task was made ready


class Pulse(Payload):
    seq: int


class Shown(Payload):
    predictions: list[UUID]


class Submitted(Payload):
    shapes: int
    rejected: int
    elapsed_ms: int
    attempt: int
    round: int
    arm: str
    accepted: int = 0
    edited: int = 0
    drawn: int = 0
    kept: int = 0


class Decided(Payload):
    """What a submission decided, in one or more events: the first one carries the totals.

    `rows`: label, model version or null, band 0 to 9 or null, accepted, edited, rejected, drawn.
    """

    round: int
    arm: str
    rows: list[tuple[UUID, UUID | None, int | None, int, int, int, int]]
    added: int = 0
    changed: int = 0
    removed: int = 0


class Judged(Payload):
    """A verdict. `reviewed` is the task that was judged, `stage` its stage, `author` and `worker_org` who made it.

    `again`: another review had judged the same submission before.
    """

    verdict: str
    reviewed: UUID
    author: UUID
    round: int
    elapsed_ms: int
    reason: str = ""
    stage: UUID | None = None
    worker_org: UUID | None = None
    again: bool = False


class UnitJudged(Payload):
    """A verdict on what was gathered from several people."""

    verdict: str
    round: int
    elapsed_ms: int
    reason: str = ""


class Compared(Payload):
    """What a verdict left of a submission; `rows`: label, kept, changed, removed, added, returned."""

    verdict: str
    author: UUID
    round: int
    stage: UUID
    worker_org: UUID
    rows: list[tuple[UUID, int, int, int, int, int]]


class Skipped(Payload):
    reason: str
    mode: str = "others"


class Released(Payload):
    pass


class Expired(Payload):
    holder: UUID
    worker_org: UUID


class TakenBack(Payload):
    """A lease that somebody else than its holder ended."""

    holder: UUID
    worker_org: UUID


class Agreement(Payload):
    """Objects that a model found, missed, and saw where people accepted none."""

    model_version: UUID
    found: int
    missed: int
    extra: int


class UnitFinished(Payload):
    run: UUID
    round: int


class UnitsMade(Payload):
    run: UUID
    units: int


SCHEMA: dict[str, type[Payload]] = {
    "task.claimed": Claimed,
    "pulse.work": Pulse,
    "pulse.focus": Pulse,
    "pulse.idle": Pulse,
    "suggestions.shown": Shown,
    "task.submitted": Submitted,
    "objects.decided": Decided,
    "task.reviewed": Judged,
    "unit.reviewed": UnitJudged,
    "objects.reviewed": Compared,
    "task.skipped": Skipped,
    "task.released": Released,
    "task.expired": Expired,
    "task.taken_back": TakenBack,
    "unit.compared": Agreement,
    "unit.finished": UnitFinished,
    "units.made": UnitsMade,
}


def read(kind: str, payload: Any) -> Payload:
    """The payload of an event that figures are made from. Raises KeyError for another kind, ValidationError."""
    return msgspec.convert(payload, SCHEMA[kind])
