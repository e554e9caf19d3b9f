"""End machines' tasks: by an outcome, or with an error, and write what follows, in the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.activity import services as activity
from apps.activity.models import ActivityEvent
from apps.core.tenancy import active_tenant
from apps.distribution.models import Task, TaskKind, TaskState
from apps.distribution.services.counts import announce_counts
from apps.pipelines.models import HUMAN_KINDS, Stage, StageKind, UnitKind

ENTER = """
SELECT app.enter(t, %s, t.round, t.reviews_id, NULL, NULL, '') FROM task t WHERE t.org_id = %s AND t.id = %s
"""
# A child of the task's unit enters a stage, with the task's run, priority and due date.
ENTER_CHILD = """
SELECT app.enter(jsonb_populate_record(t, jsonb_build_object('unit_id', c.id)), %s, %s, NULL, NULL, NULL, '')
FROM task t, unnest(%s::uuid[]) WITH ORDINALITY AS c(id, n) WHERE t.org_id = %s AND t.id = %s ORDER BY c.n
"""


def waiting(task_ids: Iterable[UUID]) -> list[Task]:
    """Those of the tasks that machines still have to end, under lock, children of one parent side by side."""
    tasks = Task.objects.filter(pk__in=list(task_ids), kind=TaskKind.MACHINE, state=TaskState.WAITING)
    held = tasks.select_for_update(of=("self",)).select_related("stage", "unit__item")
    return sorted(held.order_by("pk"), key=lambda task: (task.unit.parent_id or task.unit_id, task.pk))


def finish_tasks(task_ids: Sequence[UUID], *, outcome: str = "done", error_code: str = "") -> None:
    """End those that wait, all by one outcome, or all failed; others are left as they are."""
    if task_ids:
        leave(dict.fromkeys(waiting(task_ids), outcome), error_code=error_code)


def leave(outcomes: Mapping[Task, str], *, error_code: str = "") -> None:
    """End held tasks, each by its outcome. A failed one goes where its stage says, or on to the next people along the
    line: they work without what the machine would have said."""
    for task, outcome in outcomes.items():
        if error_code:
            _end(task, TaskState.FAILED, error_code=error_code)
            _enter(task, _target(task.stage, "failed") or _people_after(task.stage, task.unit.kind))
        else:
            _end(task, TaskState.ACCEPTED)
            _enter(task, _target(task.stage, outcome))
    record(list(outcomes), error_code, outcomes)


def split(task: Task, children: Sequence[UUID], stage_id: UUID | None) -> None:
    """End a held task by sending these children of its unit to a stage; the unit waits for them.

    Without children the unit itself goes on there.
    """
    _end(task, TaskState.ACCEPTED)
    if not children:
        _enter(task, stage_id)
        return
    type(task.unit).objects.filter(pk=task.unit_id).update(open_children=len(children))
    with connection.cursor() as cursor:
        cursor.execute(ENTER_CHILD, [stage_id, task.round, list(children), task.org_id, task.pk])
        cursor.fetchall()


def record(tasks: Sequence[Task], error_code: str = "", outcomes: Mapping[Task, str] | None = None) -> None:
    """A measurement of each ended task, with the way that its unit took; one audit row for all of a project."""
    context, now = active_tenant(), timezone.now()
    verb, kind = ("task.fail", "task.failed") if error_code else ("task.finish", "task.finished")
    ways = outcomes or {}
    ActivityEvent.objects.bulk_create(
        ActivityEvent(
            org_id=task.org_id,
            worker_org_id=context.org_id,
            project_id=task.project_id,
            stage_id=task.stage_id,
            task_id=task.pk,
            unit_id=task.unit_id,
            kind=kind,
            at=now,
            payload={"error_code": error_code} if error_code else {"outcome": ways.get(task, "done")},
        )
        for task in tasks
    )
    projects = {task.project_id: task for task in tasks}
    for project_id, task in projects.items():
        count = sum(one.project_id == project_id for one in tasks)
        activity.record_audit(verb, task, count=count, error_code=error_code)
        announce_counts(project_id)


def _end(task: Task, state: TaskState, **fields: Any) -> None:
    task.move_to(state, ended_at=timezone.now(), **fields)


def _enter(task: Task, stage_id: UUID | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ENTER, [stage_id, task.org_id, task.pk])


def _target(stage: Stage, outcome: str) -> UUID | None:
    target = stage.edges.get(outcome)
    if target is None and outcome == "done":
        return stage.next_id
    return UUID(target) if target else None


def _people_after(stage: Stage, unit_kind: str) -> UUID | None:
    """What could not be cut is no work for people who look at tiles."""
    stages: dict[UUID, Stage] = Stage.objects.filter(pipeline_version_id=stage.pipeline_version_id).in_bulk()
    while stage.next_id:
        stage = stages[stage.next_id]
        is_theirs = stage.kind in HUMAN_KINDS and stage.unit in {unit_kind, UnitKind.OBJECT}
        if is_theirs or stage.kind == StageKind.DONE:
            return stage.pk
    return None
