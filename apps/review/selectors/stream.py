"""What a reviewer decided lately, from the record of their work, and what became of what they returned."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.selectors import Member
from apps.activity.models import ActivityEvent
from apps.distribution.models import Task, UnitState
from apps.distribution.overviews import thumb_of
from apps.pipelines.models import StageKind
from apps.projects.models import Project
from apps.review.models import Verdict, VerdictKind

PILLS = {VerdictKind.ACCEPT: "good", VerdictKind.FIX: "good", VerdictKind.REJECT: "warn"}
# How far back one looks for what was returned and is not done yet.
LATELY = datetime.timedelta(days=14)
MOST_EVENTS = 500
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Given:
    """`today` is a number; `decided` today and `returned` are lists, newest first."""

    today: int
    decided: list[dict[str, Any]]
    returned: list[dict[str, Any]]


def stream_of(member: Member) -> Given:
    """Of this person alone. A returned picture is listed until it is accepted."""
    now = timezone.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    events = _events(member, min(midnight, now - LATELY))
    today = [event for event in events if event["at"] >= midnight]
    sent_back = [event for event in events if event["payload"].get("verdict") == VerdictKind.REJECT]
    wanted = {event["task_id"] for event in (*today[:SHOWN], *sent_back)}
    verdicts = {
        verdict.task_id: verdict
        for verdict in Verdict.objects.filter(task__in=wanted).select_related("task__unit__item", "project")
    }
    decided = [_row(member, verdicts[one["task_id"]]) for one in today[:SHOWN] if one["task_id"] in verdicts]
    returned = [verdicts[one["task_id"]] for one in sent_back if one["task_id"] in verdicts]
    return Given(today=len(today), decided=decided, returned=_still_open(member, returned))


def _events(member: Member, since: datetime.datetime) -> list[dict[str, Any]]:
    """The owners are named, so that each person's own line of the record is read through its index."""
    owners = Project.objects.filter(pk__in=member.context.projects).values_list("org_id", flat=True).distinct()
    rows = ActivityEvent.objects.filter(
        org_id__in={member.context.org_id, *owners},
        actor_id=member.id,
        at__gte=since,
        kind__in=("task.reviewed", "unit.reviewed"),
    )
    return list(rows.exclude(task_id=None).order_by("-at", "-id").values("task_id", "at", "payload")[:MOST_EVENTS])


def _still_open(member: Member, returned: list[Verdict]) -> list[dict[str, Any]]:
    """Each picture once, with whose turn it is; those that came back for review first."""
    by_unit: dict[UUID, Verdict] = {}
    for verdict in returned:
        if verdict.task.unit.state == UnitState.OPEN:
            by_unit.setdefault(verdict.task.unit_id, verdict)
    latest: dict[UUID, Task] = {}
    tasks = Task.objects.filter(unit__in=by_unit).select_related("stage").order_by("round", "id")
    for task in tasks:
        latest[task.unit_id] = task
    rows = [_row(member, verdict) | _turn(latest.get(unit)) for unit, verdict in by_unit.items()]
    return sorted(rows, key=lambda row: not row["is_back"])[:SHOWN]


def _turn(task: Task | None) -> dict[str, Any]:
    is_back = task is not None and task.stage.kind == StageKind.REVIEW
    text = _("Fixed, waits for review") if is_back else _("Being fixed")
    return {"is_back": is_back, "pill": {"kind": "info" if is_back else "warn", "text": text}}


def _row(member: Member, verdict: Verdict) -> dict[str, Any]:
    item = verdict.task.unit.item
    kind = VerdictKind(verdict.verdict)
    return {
        "name": item.name,
        "thumb": thumb_of(item.pk, member.context.org_slug),
        "project": verdict.project.name,
        "url": f"/o/{member.context.org_slug}/work/{verdict.task_id}",
        "comment": verdict.comment,
        "at": verdict.at,
        "pill": {"kind": PILLS[kind], "text": str(kind.label)},
    }
