"""What the engine refuses, and the one place where SQLSTATEs of its functions become these refusals."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from django.db import DatabaseError, connection, transaction

from apps.core.errors import BadRequest, Invalid, NotAllowed, NotFound, Refusal


class LeaseExpired(Refusal):
    code = "lease_expired"
    message = "Your time for this task ran out. Your work is kept as a draft; take the task again to hand it in."


class LeaseLost(Refusal):
    code = "lease_lost"
    message = "This task is no longer yours. Your work is kept as a draft."


class TooManyHeld(Refusal):
    code = "too_many_held"
    message = "You hold as many tasks as you may. Hand one in, or give one back, then take the next."


class DraftConflict(Refusal):
    code = "draft_conflict"
    message = "This draft was changed elsewhere. Look at both versions, then decide."


class TaskTaken(Refusal):
    code = "task_taken"
    message = "This task cannot be taken: somebody works on it, it is done, or it is meant for others."


class LeaseTokenMissing(BadRequest):
    code = "lease_token_missing"
    message = "Send the Lease-Token header with the token that came with the task."


class NotYourTask(NotAllowed):
    code = "not_your_task"
    message = "This task was not given to you."


class WrongStage(Refusal):
    code = "wrong_stage"
    message = "This kind of task is ended in another way: labeling by a submission, reviewing by a verdict."


class ShapeTaken(Invalid):
    code = "shape_id_taken"
    message = "The id of a shape is in use elsewhere. Give it a new one."


_BY_STATE: dict[str, type[Refusal]] = {
    "TS404": NotFound,
    "TS410": LeaseExpired,
    "TS412": LeaseLost,
    "TS428": DraftConflict,
    "TS429": TooManyHeld,
}


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the engine's functions raise into refusals; all else passes through."""
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        refusal = _BY_STATE.get(getattr(cause, "sqlstate", None) or "")
        if refusal:
            raise refusal from error
        if getattr(getattr(cause, "diag", None), "constraint_name", None) in {
            "annotation_pkey",
            "annotation_org_id_id",
        }:
            raise ShapeTaken from error
        raise


def call(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run one of the engine's functions; its refusals are raised as ours, and leave an open transaction usable."""
    outer = transaction.atomic() if connection.in_atomic_block else nullcontext()
    with refusals(), outer, connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
