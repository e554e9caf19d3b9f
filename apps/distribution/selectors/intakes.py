"""Intakes as they stand: what their units, tasks and routes say, read when somebody asks."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import msgspec
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.activity.models import ActivityEvent
from apps.annotation.selectors import annotations_of
from apps.core.tenancy import Context
from apps.distribution.models import Intake, Task, TaskKind, TaskState, UnitState
from apps.distribution.units import is_decided_by_people
from apps.pipelines.models import StageKind
from apps.projects.models import Dataset
from apps.projects.selectors import row_for

State = Literal["deciding", "with_people", "decided", "set_aside", "failed"]
ENDED = (UnitState.ACCEPTED, UnitState.SET_ASIDE)
WITH_PEOPLE = (TaskState.READY, TaskState.LEASED, TaskState.SUBMITTED, TaskState.SKIPPED)
WITHDRAWN = ("withdrawn", "The picture was deleted, or the run cancelled, before anything was decided.")


@dataclass(frozen=True, slots=True)
class Way:
    """The rule of a route by which the item went; `default` where none held."""

    stage: str
    stage_title: str
    rule: str
    rule_title: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and how it came to that."""

    by: Literal["model", "people"]
    certified: bool
    ways: Sequence[Way]
    shapes: msgspec.Raw
    decided_at: datetime.datetime


def intakes_of(dataset: Dataset) -> "QuerySet[Intake]":
    """A dataset's intakes with what their state is read from."""
    return _read(Intake.objects.filter(dataset=dataset))


def intake_for(context: Context, action: str, intake_id: UUID) -> Intake:
    """One, by the rules of `project_for`; hidden with its dataset."""
    found: Intake = row_for(_read(Intake.objects.filter(dataset__deleted_at=None)), context, action, intake_id)
    return found


def in_state(rows: "QuerySet[Intake]", state: str) -> "QuerySet[Intake]":
    """Those of the intakes: `open`, `late` (open past the deadline), `decided`, `set_aside` or `failed`."""
    failed = ~Q(error_code="") | Q(unit__state=UnitState.CANCELLED)
    if state == "failed":
        return rows.filter(failed)
    if state in {UnitState.SET_ASIDE, "decided"}:
        return rows.filter(unit__state=UnitState.SET_ASIDE if state == UnitState.SET_ASIDE else UnitState.ACCEPTED)
    still = rows.filter(Q(unit=None) | Q(unit__state=UnitState.OPEN), error_code="")
    return still.filter(deadline__lt=timezone.now()) if state == "late" else still


def state_of(intake: Intake) -> State:
    """Where it stands now."""
    if intake.error_code or (intake.unit and intake.unit.state == UnitState.CANCELLED):
        return "failed"
    if intake.unit and intake.unit.state == UnitState.ACCEPTED:
        return "decided"
    if intake.unit and intake.unit.state == UnitState.SET_ASIDE:
        return "set_aside"
    return "with_people" if intake.has_people else "deciding"  # type: ignore[attr-defined] # annotated below


def error_of(intake: Intake) -> tuple[str, str] | None:
    """Code and sentence, of one that failed."""
    if intake.error_code:
        return intake.error_code, intake.error_message
    return WITHDRAWN if intake.unit and intake.unit.state == UnitState.CANCELLED else None


def decided_at_of(intake: Intake) -> datetime.datetime | None:
    """When its unit ended, other than by being withdrawn."""
    unit = intake.unit
    return unit.finished_at if unit and unit.state in ENDED else None


def was_met(intake: Intake) -> bool | None:
    """Whether its deadline was kept; None without one, and while it can be."""
    if intake.deadline is None:
        return None
    if intake.met is not None:
        return bool(intake.met)
    ended = decided_at_of(intake)
    if ended is not None:
        return ended <= intake.deadline
    return None if timezone.now() <= intake.deadline else False


def decision_on(intake: Intake) -> Decision | None:
    """Its shapes are the item's as they are now; nothing before the unit has ended."""
    unit, decided_at = intake.unit, decided_at_of(intake)
    if unit is None or decided_at is None:
        return None
    return Decision(
        by="people" if is_decided_by_people(unit) else "model",
        certified=False,
        ways=_ways([unit.pk]),
        shapes=annotations_of(unit.item),
        decided_at=decided_at,
    )


def _read(rows: "QuerySet[Intake]") -> "QuerySet[Intake]":
    human = Task.objects.filter(
        org_id=OuterRef("org_id"),
        pipeline_run_id=OuterRef("pipeline_run_id"),
        unit__item_id=OuterRef("item_id"),
        kind=TaskKind.HUMAN,
        state__in=WITH_PEOPLE,
    )
    return rows.select_related("unit__item", "deployment").annotate(has_people=Exists(human))


def _ways(units: Iterable[UUID]) -> list[Way]:
    """By the routes' tasks in the order in which they ended; what each said is in its event."""
    tasks = Task.objects.filter(unit_id__in=list(units), stage__kind=StageKind.ROUTE, state=TaskState.ACCEPTED)
    ended = {task.pk: task for task in tasks.select_related("stage").order_by("ended_at")}
    events = ActivityEvent.objects.filter(task_id__in=list(ended), kind="task.finished").order_by("at")
    return [_way(ended[event.task_id], str(event.payload.get("outcome", ""))) for event in events if event.task_id]


def _way(task: Task, outcome: str) -> Way:
    rules = {str(rule["key"]): str(rule.get("title") or "") for rule in task.stage.settings.get("rules", [])}
    return Way(task.stage.key, task.stage.title, outcome, rules.get(outcome, ""))
