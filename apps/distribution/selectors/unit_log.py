"""The run log of a unit: everything that happened about it, in order, with who, when and how long."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.names import names_of
from apps.activity.models import ActivityEvent
from apps.core.tenancy import Context
from apps.distribution.models import Task, TaskKind, Unit
from apps.pipelines.models import Stage
from apps.projects.selectors import row_for

MOST_TASKS, MOST_EVENTS = 200, 500
WORDS: dict[str, str | Promise] = {
    "entered": _("Came to the stage"),
    "task.claimed": _("Taken"),
    "task.submitted": _("Handed in"),
    "task.reviewed accept": _("Accepted by review"),
    "task.reviewed fix": _("Fixed and accepted by review"),
    "task.reviewed reject": _("Returned by review"),
    "task.reviewed": _("Reviewed"),
    "unit.reviewed": _("Reviewed"),
    "task.skipped": _("Passed on"),
    "task.released": _("Given back"),
    "task.taken_back": _("Taken back by a manager"),
    "task.expired": _("Time ran out"),
    "task.finished": _("Done by a machine"),
    "task.failed": _("A machine could not do it"),
    "unit.compared": _("Compared with a model"),
    "unit.moved": _("Sent here by a manager"),
    "unit.finished": _("Left the line"),
}
KINDS = [kind for kind in WORDS if kind.count(" ") == 0 and kind != "entered"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `took_ms` is how long the person held it or worked at it, or the unit waited for its machine."""

    at: datetime.datetime
    kind: str
    text: str
    stage: str
    round: int
    task: UUID | None
    who: str
    took_ms: int | None
    detail: str


def unit_for(context: Context, action: str, unit_id: UUID) -> Unit:
    """A unit by the rules of `project_for`; hidden with its picture."""
    rows = Unit.objects.filter(item__deleted_at=None).select_related("project", "item", "pipeline_run", "parent")
    unit: Unit = row_for(rows, context, action, unit_id)
    return unit


def log_of(unit: Unit) -> list[Entry]:
    """Oldest first, as far as the caller may know: what other vendors did is not told to a vendor."""
    tasks = Task.objects.filter(org_id=unit.org_id, unit=unit).select_related("stage").order_by("created_at", "id")
    known = {task.pk: task for task in tasks[:MOST_TASKS]}
    events = ActivityEvent.objects.filter(org_id=unit.org_id, task_id__in=list(known), kind__in=KINDS)
    found = list(events.order_by("at", "id")[:MOST_EVENTS])
    names = names_of((_person(event) for event in found), unit.project_id)
    stages = dict(Stage.objects.filter(pk__in={event.stage_id for event in found}).values_list("pk", "title"))
    entries = [_entered(task) for task in known.values()]
    claimed: dict[UUID, datetime.datetime] = {}
    for event in found:
        task = known[event.task_id]
        began = task.created_at if task.kind == TaskKind.MACHINE else claimed.get(task.pk)
        if event.kind == "task.claimed":
            began, claimed[task.pk] = None, event.at
        entries.append(_entry(event, task, began, names[_person(event)], stages.get(event.stage_id, task.stage.title)))
    return sorted(entries, key=lambda entry: entry.at)


def parts_of(unit: Unit) -> Sequence[Unit]:
    """Its tiles and objects, in the order in which they were cut."""
    return list(Unit.objects.filter(org_id=unit.org_id, parent=unit).order_by("pk")[:MOST_TASKS])


def _entered(task: Task) -> Entry:
    text = str(WORDS["entered"])
    return Entry(task.created_at, "entered", text, task.stage.title, task.round, task.pk, "", None, task.note)


def _entry(event: Any, task: Task, began: datetime.datetime | None, who: str, stage: str) -> Entry:
    payload = event.payload
    exact = f"{event.kind} {payload.get('verdict', '')}".strip()
    took = payload.get("elapsed_ms")
    if took is None and began is not None:
        took = round((event.at - began) / datetime.timedelta(milliseconds=1))
    detail = str(payload.get("reason") or payload.get("error_code") or "")
    text = str(WORDS.get(exact) or WORDS[event.kind])
    return Entry(event.at, event.kind, text, stage, task.round, task.pk, who, took, detail)


def _person(event: Any) -> UUID | None:
    """Who did it; of a lease that ran out, who had it."""
    if event.kind == "task.expired":
        return UUID(event.payload["holder"])
    person: UUID | None = event.actor_id
    return person
