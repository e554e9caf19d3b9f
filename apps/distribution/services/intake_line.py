"""An intake's unit on its line: made or found, given its deadline, and led as far as it goes without people."""

import datetime
import json
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from apps.core.errors import Refusal
from apps.core.ids import new_id
from apps.distribution.models import Intake, Task, TaskKind, TaskState, Unit, UnitState
from apps.pipelines.models import Stage, StageKind, UnitKind
from apps.projects.models import Item

from .counts import announce_counts
from .machines import start_entered

PLACE = """
SELECT app.enter(jsonb_populate_record(NULL::task, %s::jsonb), %s, 1, NULL, NULL, NULL, '')
"""
MOST_STEPS = 20  # machine stages in a row that a request waits for
UNFINISHED = (TaskState.WAITING, TaskState.READY, TaskState.LEASED)
# What only reads and writes rows; models, pictures and tiles take longer than a request should.
QUICK = frozenset(
    {StageKind.MERGE, StageKind.ROUTE, StageKind.COMPARE, StageKind.CONVERT, StageKind.DONE, StageKind.LABEL}
)
QUICK_TRANSFORMS = frozenset({"crop", "filter_shapes", "map_classes"})


class AlreadyOnLine(Refusal):
    code = "already_on_line"
    message = "This item is on this line already, by an earlier intake. Read what became of that one."


class AlreadyDecided(Refusal):
    code = "already_decided"
    message = "This run has decided about this item already. Send it to another run, or as a new picture."


def place(intake: Intake, item: Item) -> Unit:
    """The item's unit at the first stage; one that the run has taken by itself is given the intake's deadline.

    Raises AlreadyOnLine, AlreadyDecided.
    """
    tasks = hold_tasks(intake.pipeline_run_id, item)
    # Held, so that a deletion comes before this unit or finds it.
    Item.objects.select_for_update(no_key=True).get(pk=item.pk)
    there: Unit | None = _units(intake, item).select_for_update().first()
    if there is None:
        return _entered(intake, item)
    earlier = Intake.objects.filter(unit=there).exclude(pk=intake.pk).first()
    if earlier is not None:
        raise AlreadyOnLine(field="item", intake=str(earlier.pk))
    if there.state != UnitState.OPEN:
        raise AlreadyDecided(field="item")
    opened = [task for task in tasks if task.state in UNFINISHED]
    rows = Task.objects.filter(pk__in=[task.pk for task in opened])
    if opened and all(map(_is_untouched, opened)) and not any(task.attempt for task in tasks):
        # It waits for people who would have been spared it: the line begins anew, now that there is a prediction.
        rows.update(state=TaskState.CANCELLED, ended_at=timezone.now())
        _enter(intake, there)
    else:
        rows.update(priority=intake.priority, due_at=_due(intake))
    return there


def hold_tasks(run_id: UUID, item: Item) -> list[Task]:
    """All of a run's tasks about an item, under lock: before the item and its unit, in the order of a submission."""
    tasks = Task.objects.filter(pipeline_run_id=run_id, unit__item=item)
    return list(tasks.select_for_update(of=("self",)).select_related("unit").order_by("pk"))


def work_at_once(unit: Unit, deployment_id: UUID) -> None:
    """Let the machines work that need no model, or whose model has sent its word: each as a job would."""
    begun: set[UUID] = set()
    for _ in range(MOST_STEPS):
        waiting = Task.objects.filter(unit=unit, kind=TaskKind.MACHINE, state=TaskState.WAITING)
        tasks = [task for task in waiting.select_related("stage") if _is_quick(task.stage, deployment_id)]
        fresh = [task.pk for task in tasks if task.pk not in begun]
        if not fresh:
            break
        begun.update(fresh)
        start_entered(fresh)
    unit.refresh_from_db()
    announce_counts(unit.project_id)


def _units(intake: Intake, item: Item) -> "QuerySet[Unit]":
    return Unit.objects.filter(pipeline_run_id=intake.pipeline_run_id, item=item, kind=UnitKind.ITEM)


def _is_untouched(task: Task) -> bool:
    """Whether it is about the whole item, and waits for somebody."""
    return task.kind == TaskKind.HUMAN and task.state == TaskState.READY and task.unit.kind == UnitKind.ITEM


def _entered(intake: Intake, item: Item) -> Unit:
    unit: Unit = Unit.objects.create(
        id=new_id(),
        org_id=item.org_id,
        project_id=item.project_id,
        pipeline_run_id=intake.pipeline_run_id,
        item=item,
        kind=UnitKind.ITEM,
    )
    _enter(intake, unit)
    return unit


def _enter(intake: Intake, unit: Unit) -> None:
    first = Stage.objects.get(
        pipeline_version_id=intake.pipeline_run.pipeline_version_id, kind=StageKind.DATASET
    ).next_id
    comes = {
        "org_id": str(unit.org_id),
        "project_id": str(unit.project_id),
        "pipeline_run_id": str(intake.pipeline_run_id),
        "unit_id": str(unit.pk),
        "priority": intake.priority,
        "due_at": _due(intake).isoformat(),
        "round": 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(PLACE, [json.dumps(comes), first])


def _due(intake: Intake) -> datetime.datetime:
    return intake.deadline or intake.pipeline_run.due_at


def _is_quick(stage: Stage, deployment_id: UUID) -> bool:
    if stage.kind == StageKind.PREDICT:
        return bool(stage.settings.get("deployment") == str(deployment_id))
    if stage.kind == StageKind.TRANSFORM:
        return stage.settings.get("does") in QUICK_TRANSFORMS
    return stage.kind in QUICK
