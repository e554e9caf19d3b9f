"""Runs of pipelines: started, filled by a job in small chunks, paused, resumed, drained, cancelled."""

import datetime
import time
from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from apps.activity import services as activity
from apps.catalog.services.refreshing import catch_up
from apps.core.errors import NotFound, TransitionRefused
from apps.core.tenancy import Context, active_tenant, tenant_tx
from apps.distribution.models import NEVER, PipelineRun, RunState
from apps.jobs.models import UNFINISHED, Job, JobState
from apps.jobs.services import request
from apps.pipelines.models import PipelineVersion, Stage, StageKind
from apps.predictions.models import Deployment, DeploymentState
from apps.predictions.services import DeploymentStopped
from apps.projects.models import Dataset, Project

from .checked import checked_urgency
from .counts import announce_counts
from .emptying import DRAIN, EMPTY
from .taking import expected_items, source_of, take_next

CHUNK = 2000
LONGEST_PAUSE = 1.0
FILL = "pipeline_run.fill"
TAKES_OFF: dict[str, str] = {RunState.CANCELLED: EMPTY, RunState.DRAINING: DRAIN}


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

    Raises NotFound for what is not this project's, DeploymentStopped, InvalidPriority, DueInThePast, and what
    `filter_of` does.
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
        total=expected_items(version, dataset),
    )
    announce_counts(project.pk)
    return run, job


@transaction.atomic
def change_run(*, run: PipelineRun, state: str) -> PipelineRun:
    """Pause, resume, drain or cancel. Leases run on while paused and while draining; cancelling takes them back, and
    draining takes off what nobody has begun. Raises TransitionRefused."""
    before = run.state
    if before == RunState.FILLING and state == RunState.RUNNING:
        return _fill_again(run)
    run.move_to(state)
    activity.record_audit(f"pipeline_run.{state}", run, before=before, after=state)
    if state in TAKES_OFF:
        stated = {"pipeline_run": str(run.pk)}
        request(kind=TAKES_OFF[state], input=stated, project_id=run.project_id, org_id=run.org_id)
    announce_counts(run.project_id)
    return run


def _fill_again(run: PipelineRun) -> PipelineRun:
    """Resume a run whose job failed half-way. While one is at work, the run begins by itself."""
    stated = {"pipeline_run": str(run.pk)}
    if Job.objects.filter(org_id=run.org_id, kind=FILL, input=stated, state__in=UNFINISHED).exists():
        raise TransitionRefused("The run is being made; it begins by itself.")
    request(kind=FILL, input=stated, project_id=run.project_id, org_id=run.org_id)
    activity.record_audit("pipeline_run.fill", run)
    return run


def fill_run(*, context: Context, run_id: UUID, progress: Callable[[int], None]) -> int:
    """Units and first tasks for every item of the run's dataset, in chunks; gives how many units there are.

    Each chunk is a transaction of its own, and the run says how far it has looked: a crash costs one chunk at most.
    After each, claims have the database for as long as it took.
    """
    _require_facets(context, run_id)
    while True:
        began = time.monotonic()
        with tenant_tx(context):
            # Without its key, which who writes a task of the run needs: nobody's submission waits for a chunk.
            held = PipelineRun.objects.select_for_update(no_key=True, of=("self",))
            run: PipelineRun = held.select_related("project", "dataset").get(pk=run_id)
            if run.state != RunState.FILLING:
                return run.units_made
            more = take_next(run, CHUNK)
            if not more:
                run.move_to(RunState.RUNNING)
                activity.record_audit("pipeline_run.filled", run, count=run.units_made)
        announce_counts(run.project_id)
        progress(run.units_made)
        if not more:
            return run.units_made
        time.sleep(min(time.monotonic() - began, LONGEST_PAUSE))


@transaction.atomic
def give_up_filling(*, run_id: UUID, state: str) -> None:
    """The job that fills a run has ended without having done so: cancelled, it takes the run with it; failed, it
    leaves the run as it is, until somebody resumes or cancels it."""
    run: PipelineRun = PipelineRun.objects.select_for_update(no_key=True).get(pk=run_id)
    if run.state == RunState.FILLING and state == JobState.CANCELLED:
        change_run(run=run, state=RunState.CANCELLED)


def _require_facets(context: Context, run_id: UUID) -> None:
    """A filter finds by facets, which follow what they are made from by a second or two: none shall be missed."""
    with tenant_tx(context):
        run: PipelineRun = PipelineRun.objects.get(pk=run_id)
        is_filtered = bool(source_of(run.pipeline_version_id).settings.filter)
    if is_filtered:
        catch_up(context=context, project_id=run.project_id, progress=lambda done: None)


def _require_models(version: PipelineVersion) -> None:
    for stage in Stage.objects.filter(pipeline_version=version, kind=StageKind.PREDICT):
        serving = Deployment.objects.filter(pk=stage.settings.get("deployment")).exclude(state=DeploymentState.STOPPED)
        if not serving.exists():
            raise DeploymentStopped
