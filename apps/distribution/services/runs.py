"""Runs of pipelines: started, paused, resumed, cancelled; filled and emptied by jobs in small chunks."""

import datetime
from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.activity import services as activity
from apps.core.errors import NotFound, TransitionRefused
from apps.core.tenancy import Context, active_tenant, tenant_tx
from apps.distribution.models import NEVER, PipelineRun, RunState, Task, TaskKind, TaskState, Unit, UnitState
from apps.jobs.models import Job
from apps.jobs.services import request
from apps.pipelines.models import PipelineVersion, Stage, StageKind, UnitKind
from apps.predictions.models import Deployment, DeploymentState, Inference, InferenceState
from apps.predictions.services import DeploymentStopped, cancel_inference
from apps.projects.models import Dataset, Project
from apps.projects.selectors import items_of

from .checked import checked_urgency
from .counts import announce_counts
from .machines import start_entered

CHUNK = 2000
FILL, EMPTY = "pipeline_run.fill", "pipeline_run.empty"

# New items after the last that has a unit: the run itself says where to go on, so a crash costs one chunk at most.
# Held, so that a deletion comes before these units or finds them: it tells of pictures once.
TAKE_ITEMS = """
WITH source AS MATERIALIZED (
  SELECT i.id FROM item i JOIN dataset d ON d.org_id = i.org_id AND d.id = i.dataset_id
  WHERE i.org_id = %(org)s AND i.dataset_id = %(dataset)s AND i.id > %(after)s
    AND i.deleted_at IS NULL AND d.deleted_at IS NULL
  ORDER BY i.id LIMIT %(limit)s FOR SHARE),
units AS (
  INSERT INTO unit (id, org_id, project_id, pipeline_run_id, item_id, kind, open_children, open_slots, workers,
                    worker_orgs, state)
  SELECT app.new_id(), %(org)s, %(project)s, %(run)s, source.id, 'item', 0,
         CASE WHEN %(slots)s > 1 THEN %(slots)s ELSE 0 END, '{}', '{}', 'open'
  FROM source ORDER BY source.id
  ON CONFLICT DO NOTHING RETURNING id, item_id),
tasks AS (
  INSERT INTO task (id, org_id, project_id, pipeline_run_id, stage_id, unit_id, kind, round, slot, state, arm, priority,
                    due_at, required_skill, preferred_until, postponed, note, skipped_by, skip_reason, attempt,
                    error_code, created_at)
  SELECT app.new_id(), %(org)s, %(project)s, %(run)s, %(stage)s, units.id, %(kind)s, 1, slot, %(state)s,
         app.arm(%(stage)s, units.id, %(held_out)s), %(priority)s, %(due)s, %(skill)s, '9999-12-31Z', false, '', '{}',
         '', 0, '', clock_timestamp()
  FROM units CROSS JOIN generate_series(1, %(slots)s) AS slot ORDER BY units.item_id, slot RETURNING id, unit_id)
SELECT tasks.id, units.item_id FROM tasks JOIN units ON units.id = tasks.unit_id
"""


@transaction.atomic
def start_run(
    *,
    project: Project,
    pipeline_version_id: UUID,
    dataset_id: UUID,
    priority: int | None = None,
    due_at: datetime.datetime | None = None,
) -> tuple[PipelineRun, Job]:
    """Put a dataset on a line; the job fills it.

    Raises NotFound for what is not this project's, DeploymentStopped, InvalidPriority, DueInThePast.
    """
    checked_urgency(priority, due_at)
    version = PipelineVersion.objects.filter(project=project, pk=pipeline_version_id).first()
    dataset = Dataset.objects.filter(project=project, pk=dataset_id, deleted_at=None).first()
    if version is None or dataset is None:
        raise NotFound
    _require_models(version)
    run: PipelineRun = PipelineRun.objects.create(
        org_id=project.org_id,
        project=project,
        pipeline_version=version,
        recipe_version_id=version.recipe_version_id,
        dataset=dataset,
        started_by=active_tenant().user_id,
        priority=100 if priority is None else priority,
        due_at=due_at or NEVER,
    )
    activity.record_audit("pipeline_run.start", run, pipeline_version=str(version.pk), dataset=str(dataset.pk))
    activity.record_activity("pipeline_run.started", run)
    job = request(
        kind=FILL,
        input={"pipeline_run": str(run.pk)},
        project_id=project.pk,
        org_id=project.org_id,
        total=items_of(dataset).count(),
    )
    announce_counts(project.pk)
    return run, job


@transaction.atomic
def change_run(*, run: PipelineRun, state: str) -> PipelineRun:
    """Pause, resume or cancel. Leases run on while paused; cancelling takes them back. Raises TransitionRefused."""
    before = run.state
    if before == RunState.FILLING and state == RunState.RUNNING:
        raise TransitionRefused("The run is being made; it begins by itself.")  # or the job would stop half-way
    run.move_to(state)
    activity.record_audit(f"pipeline_run.{state}", run, before=before, after=state)
    if state == RunState.CANCELLED:
        job_input = {"pipeline_run": str(run.pk)}
        request(kind=EMPTY, input=job_input, project_id=run.project_id, org_id=run.org_id)
    announce_counts(run.project_id)
    return run


def fill_run(*, context: Context, run_id: UUID, progress: Callable[[int], None]) -> int:
    """Units and first tasks for every item of the run's dataset, in chunks; gives how many units there are.

    Each chunk is a transaction of its own: claims go on beside it, and it goes on where it stopped.
    """
    while True:
        with tenant_tx(context):
            run: PipelineRun = PipelineRun.objects.select_for_update().get(pk=run_id)
            if run.state != RunState.FILLING:
                return _units_of(run)
            stage = _first_stage(run)
            tasks = _take_items(run, stage)
            if tasks and not _is_for_people(stage):
                start_entered([task for task, _ in tasks])
            made = _units_of(run)
            if tasks:
                activity.record_activity("units.made", run, run=str(run.pk), units=len(tasks))
            if not tasks:
                run.move_to(RunState.RUNNING)
                activity.record_audit("pipeline_run.filled", run, count=made)
        announce_counts(run.project_id)
        progress(made)
        if not tasks:
            return made


def empty_run(*, context: Context, run_id: UUID, progress: Callable[[int], None]) -> int:
    """Cancel the open units of a cancelled run, their tasks and what models still had to do; gives how many."""
    emptied = 0
    while True:
        with tenant_tx(context):
            units = Unit.objects.filter(org_id=context.org_id, pipeline_run_id=run_id, state=UnitState.OPEN)
            chosen = list(units.select_for_update().order_by("pk").values_list("pk", flat=True)[:CHUNK])
            Unit.objects.filter(pk__in=chosen).update(state=UnitState.CANCELLED, finished_at=timezone.now())
            _cancel_tasks(chosen)
        emptied += len(chosen)
        progress(emptied)
        if not chosen:
            return emptied


def _require_models(version: PipelineVersion) -> None:
    for stage in Stage.objects.filter(pipeline_version=version, kind=StageKind.PREDICT):
        serving = Deployment.objects.filter(pk=stage.settings.get("deployment")).exclude(state=DeploymentState.STOPPED)
        if not serving.exists():
            raise DeploymentStopped


def _first_stage(run: PipelineRun) -> Stage:
    source = Stage.objects.select_related("next").get(
        pipeline_version_id=run.pipeline_version_id, kind=StageKind.DATASET
    )
    first: Stage = source.next
    return first


def _is_for_people(stage: Stage) -> bool:
    """One that asks about objects is a machine's first: it takes the item apart."""
    return stage.is_human and stage.unit == UnitKind.ITEM


def _take_items(run: PipelineRun, stage: Stage) -> list[tuple[UUID, UUID]]:
    values = {
        "org": run.org_id,
        "project": run.project_id,
        "run": run.pk,
        "dataset": run.dataset_id,
        "after": _last_item(run),
        "limit": CHUNK,
        "stage": stage.pk,
        "kind": TaskKind.HUMAN if _is_for_people(stage) else TaskKind.MACHINE,
        "state": TaskState.READY if _is_for_people(stage) else TaskState.WAITING,
        "slots": stage.overlap if _is_for_people(stage) else 1,
        "held_out": stage.held_out,
        "priority": run.priority,
        "due": run.due_at,
        "skill": stage.settings.get("skill"),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE_ITEMS, values)
        return list(cursor.fetchall())


def _last_item(run: PipelineRun) -> UUID:
    units = Unit.objects.filter(org_id=run.org_id, pipeline_run=run, kind="item").order_by("-item_id")
    return units.values_list("item_id", flat=True).first() or UUID(int=0)


def _units_of(run: PipelineRun) -> int:
    return Unit.objects.filter(org_id=run.org_id, pipeline_run=run).count()


def _cancel_tasks(units: list[UUID]) -> None:
    open_states = (TaskState.WAITING, TaskState.READY, TaskState.LEASED, TaskState.SUBMITTED)
    tasks = Task.objects.filter(unit_id__in=units, state__in=open_states)
    machines = list(tasks.filter(kind=TaskKind.MACHINE).values_list("pk", flat=True))
    tasks.update(state=TaskState.CANCELLED, lease_token=None, lease_until=None, ended_at=timezone.now())
    for inference in Inference.objects.filter(task_id__in=machines, state=InferenceState.WAITING):
        cancel_inference(inference=inference)
