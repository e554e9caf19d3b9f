"""Machines' tasks: handed to the model that a stage names, and moved on when it has answered, or failed.

All of it runs in jobs, in the owner's context, some hundreds at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.activity import services as activity
from apps.activity.models import ActivityEvent
from apps.core.tenancy import active_tenant
from apps.distribution.models import Task, TaskKind, TaskState
from apps.pipelines.models import HUMAN_KINDS, Stage, StageKind
from apps.predictions.models import Deployment, Inference, InferenceState
from apps.predictions.services import DeploymentStopped, request_inferences
from apps.projects.models import Item

from .counts import announce_counts


@transaction.atomic
def start_entered(task_ids: Sequence[UUID]) -> None:
    """Tasks that entered a machine's stage along an edge: ask for their inferences."""
    by_stage: defaultdict[UUID, list[tuple[UUID, UUID]]] = defaultdict(list)
    waiting = Task.objects.filter(pk__in=task_ids, kind=TaskKind.MACHINE, state=TaskState.WAITING)
    for task_id, stage_id, item_id in waiting.values_list("pk", "stage_id", "unit__item_id"):
        by_stage[stage_id].append((task_id, item_id))
    for stage_id, tasks in by_stage.items():
        start_tasks(Stage.objects.get(pk=stage_id), tasks)


def start_tasks(stage: Stage, tasks: Sequence[tuple[UUID, UUID]]) -> None:
    """Ask the stage's model about (task, item) pairs, in the caller's transaction.

    A model that is stopped or gone fails them, so that people get the units instead of nobody.
    """
    deployment = Deployment.objects.filter(pk=stage.settings.get("deployment"), project_id=stage.project_id).first()
    items = Item.objects.in_bulk([item_id for _, item_id in tasks])
    try:
        if deployment is None:
            raise DeploymentStopped
        inferences = request_inferences(
            deployment=deployment, wanted=[(items[item_id], task_id) for task_id, item_id in tasks]
        )
    except DeploymentStopped as refusal:
        finish_tasks([task_id for task_id, _ in tasks], error_code=refusal.code)
        return
    # Where the same run was under way for somebody else and ended just now, its result is there already.
    asked = {inference.item_id for inference in inferences}
    finish_tasks([task_id for task_id, item_id in tasks if item_id not in asked])


@transaction.atomic
def inferences_finished(news: Iterable[dict[str, Any]]) -> None:
    """Move on the tasks that waited for these inferences, also those that joined somebody else's."""
    ended = Inference.objects.in_bulk([UUID(one["inference"]) for one in news])
    done: set[UUID] = set()
    failed: defaultdict[str, set[UUID]] = defaultdict(set)
    for inference in ended.values():
        waiting = _waiting_for(inference)
        if inference.state == InferenceState.DONE:
            done |= waiting
        elif inference.state in {InferenceState.FAILED, InferenceState.CANCELLED}:
            failed[inference.error_code or str(inference.state)] |= waiting
    finish_tasks(sorted(done))
    for code, tasks in failed.items():
        finish_tasks(sorted(tasks - done), error_code=code)


def finish_tasks(task_ids: Sequence[UUID], *, error_code: str = "") -> None:
    """End waiting tasks of machines and write what follows, in the caller's transaction; others are left as they are.

    A failed one goes on to the next people along the line: they label without what the machine would have said.
    """
    if not task_ids:
        return
    waiting = Task.objects.filter(pk__in=task_ids, kind=TaskKind.MACHINE, state=TaskState.WAITING)
    tasks = list(waiting.select_for_update().order_by("pk"))
    with connection.cursor() as cursor:
        if not error_code:
            sql = "SELECT app.advance(t) FROM task t WHERE t.org_id = %s AND t.id = ANY(%s)"
            cursor.execute(sql, [active_tenant().org_id, [task.pk for task in tasks]])
        for task in tasks if error_code else ():
            task.move_to(TaskState.FAILED, error_code=error_code, ended_at=timezone.now())
            sql = "SELECT app.enter(t, %s, t.round, NULL, NULL, NULL, '') FROM task t WHERE t.org_id = %s AND t.id = %s"
            cursor.execute(sql, [_people_after(task), task.org_id, task.pk])
    _record(tasks, error_code)


def _waiting_for(inference: Inference) -> set[UUID]:
    """By the task that asked, and by item: one that found the run under way is not named in it."""
    waiting = Task.objects.filter(kind=TaskKind.MACHINE, state=TaskState.WAITING, stage__kind=StageKind.PREDICT)
    named = waiting.filter(pk=inference.task_id) if inference.task_id else waiting.none()
    found = set(named.values_list("pk", flat=True))
    if "region" not in inference.parameters:
        joined = waiting.filter(
            unit__item_id=inference.item_id, stage__settings__deployment=str(inference.deployment_id)
        )
        found |= set(joined.values_list("pk", flat=True))
    return found


def _people_after(task: Task) -> UUID | None:
    stages: dict[UUID, Stage] = Stage.objects.filter(pipeline_version_id=task.stage.pipeline_version_id).in_bulk()
    stage = stages[task.stage_id]
    while stage.next_id:
        stage = stages[stage.next_id]
        if stage.kind in HUMAN_KINDS or stage.kind == StageKind.DONE:
            return stage.pk
    return None


def _record(tasks: Sequence[Task], error_code: str) -> None:
    """A measurement each, one audit row for all of a project."""
    context, now = active_tenant(), timezone.now()
    verb, kind = ("task.fail", "task.failed") if error_code else ("task.finish", "task.finished")
    payload = {"error_code": error_code} if error_code else {}
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
            payload=payload,
        )
        for task in tasks
    )
    projects = {task.project_id: task for task in tasks}
    for project_id, task in projects.items():
        count = sum(one.project_id == project_id for one in tasks)
        activity.record_audit(verb, task, count=count, error_code=error_code)
        announce_counts(project_id)
