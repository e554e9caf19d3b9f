"""Signs of work from the editor, put on the server's clock; the raw material of active time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.activity.models import ActivityEvent
from apps.core.errors import Invalid, NotFound
from apps.core.tenancy import active_tenant
from apps.distribution.models import Task, TaskState

from .refusals import LeaseLost

MOST_PULSES = 500
MOST_SHOWN = 1000
A_ROW = 80  # ids of predictions; a payload has 4 kB


class TooManyPulses(Invalid):
    code = "too_many_pulses"
    message = f"At most {MOST_PULSES} pulses and {MOST_SHOWN} shown predictions fit one request."


@dataclass(frozen=True, slots=True)
class Pulse:
    """One sign: its kind, its number on the page, and how long ago by the page's own clock."""

    kind: str
    seq: int
    ms_ago: int


@transaction.atomic
def record_pulses(*, task_id: UUID, pulses: Sequence[Pulse], shown: Sequence[UUID] = ()) -> None:
    """Keep them for the holder's task; times outside claim and now are drawn in. Raises NotFound, LeaseLost."""
    if len(pulses) > MOST_PULSES or len(shown) > MOST_SHOWN:
        raise TooManyPulses
    person = active_tenant().user_id
    task = Task.objects.filter(pk=task_id).first()
    if task is None:
        raise NotFound
    if task.holder != person or task.state != TaskState.LEASED:
        raise LeaseLost
    rows = [*rows_of(task, pulses, timezone.now()), *_shown_rows(task, shown)]
    ActivityEvent.objects.bulk_create(rows)


def rows_of(task: Task, pulses: Sequence[Pulse], now: datetime) -> Iterator[ActivityEvent]:
    """The pulses as events of a task, received now."""
    for pulse in pulses:
        ago = timedelta(milliseconds=min(max(pulse.ms_ago, 0), 86_400_000))
        yield _row(task, f"pulse.{pulse.kind}", max(now - ago, task.claimed_at or now), {"seq": pulse.seq})


def _shown_rows(task: Task, shown: Sequence[UUID]) -> Iterator[ActivityEvent]:
    now = timezone.now()
    for start in range(0, len(shown), A_ROW):
        ids = [str(prediction) for prediction in shown[start : start + A_ROW]]
        yield _row(task, "suggestions.shown", now, {"predictions": ids})


def _row(task: Task, kind: str, at: Any, payload: dict[str, Any]) -> ActivityEvent:
    context = active_tenant()
    return ActivityEvent(
        org_id=task.org_id,
        worker_org_id=context.org_id,
        project_id=task.project_id,
        stage_id=task.stage_id,
        task_id=task.pk,
        unit_id=task.unit_id,
        actor_id=context.user_id,
        kind=kind,
        at=at,
        payload=payload,
    )
