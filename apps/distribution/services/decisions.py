"""What a manager makes of a task that somebody laid before them: to all again, to one person, or left out."""

from typing import Literal
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from apps.activity import services as activity
from apps.core.errors import Invalid, Refusal
from apps.core.tenancy import active_tenant
from apps.distribution.models import Task, TaskState, Unit, UnitState
from apps.pipelines.models import Stage, StageKind, UnitKind

from .assignments import OwnWork, choose_people, deal, write_gifts
from .counts import announce_counts
from .leases import back_to_queue
from .taking_back import NOBODYS_YET

Decision = Literal["requeue", "give", "cancel"]

CLOSE_SLOT = "SELECT app.close_slot(t) FROM task t WHERE t.org_id = %s AND t.id = %s"
SET_ASIDE = "SELECT app.finish(t, 'set_aside') FROM task t WHERE t.org_id = %s AND t.id = %s"
# Where the unit's parent goes on; entering gathers the child, and the last child takes its parent along.
LEAVE_OUT = """
SELECT app.enter(t, %s, t.round, NULL, NULL, NULL, '') FROM task t WHERE t.org_id = %s AND t.id = %s
"""


class NotSkipped(Refusal):
    code = "not_skipped"
    message = "Somebody has decided about this task already. Look again."


class ReviewStays(Refusal):
    code = "review_stays"
    message = "A review cannot be left out: somebody's work waits for it. Give it to somebody, or to all again."


class PersonMissing(Invalid):
    code = "person_missing"
    message = "Choose who shall do it."


@transaction.atomic
def decide_skipped(*, task: Task, decision: Decision, person: UUID | None = None) -> None:
    """Put a task that was laid before a manager back into the queue, give it to a person, or leave it out: then its
    unit goes on without it, and a whole item is set aside.

    Raises NotSkipped, ReviewStays, PersonMissing, and what `choose_people` does.
    """
    held = Task.objects.select_for_update(of=("self",)).filter(pk=task.pk, state=TaskState.SKIPPED).first()
    if held is None:
        raise NotSkipped
    reason, skipper = held.skip_reason, str(held.holder)
    if decision == "cancel":
        _leave_out(held)
    elif decision == "give":
        _give(held, person)
    else:
        back_to_queue(held, **NOBODYS_YET, skip_reason="")
    activity.record_audit("task.decide", held, decision=decision, reason=reason, skipped_by=skipper)


def _give(task: Task, person: UUID | None) -> None:
    if person is None:
        raise PersonMissing(field="person")
    chosen = choose_people(task.stage, [person], "equal")
    gifts, left = deal([task], chosen, "equal", said=True)
    if left:
        raise OwnWork
    back_to_queue(task, skip_reason="")
    context = active_tenant()
    write_gifts(gifts, context.org_id, context.user_id, task.org_id)


def _leave_out(task: Task) -> None:
    """One slot of several is closed; a part is gathered without it; an item is set aside."""
    stage: Stage = task.stage
    if stage.kind == StageKind.REVIEW:
        raise ReviewStays
    key = [task.org_id, task.pk]
    task.move_to(TaskState.CANCELLED, ended_at=Now())
    with connection.cursor() as cursor:
        if stage.overlap > 1:
            cursor.execute(CLOSE_SLOT, key)
        elif task.unit.parent_id is None:
            cursor.execute(SET_ASIDE, key)
        else:
            cursor.execute(LEAVE_OUT, [_after(stage, task.unit.kind), *key])
            Unit.objects.filter(pk=task.unit_id).update(state=UnitState.SET_ASIDE)
    announce_counts(task.project_id)


def _after(stage: Stage, kind: str) -> UUID | None:
    """The first stage ahead that is about the whole again."""
    while stage.next_id is not None:
        stage = stage.next
        if stage.unit not in {kind, UnitKind.OBJECT}:
            break
    return stage.pk
