"""Move a run that is at work to another version of its pipeline: at once for what comes, by a job for what is open."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.activity import services as activity
from apps.core.errors import Invalid, NotFound, TransitionRefused
from apps.core.tenancy import Context, tenant_tx
from apps.distribution.models import PipelineRun, RunState, Task, TaskKind, TaskState
from apps.distribution.selectors.moves import OPEN, Way, stands_for, ways_between
from apps.jobs.models import Job
from apps.jobs.services import request
from apps.pipelines.models import HUMAN_KINDS, PipelineVersion, Stage
from apps.predictions.models import Inference, InferenceState
from apps.predictions.services import cancel_inference

from .counts import announce_counts
from .emptying import walk_items
from .entering import Kept, enter, fits, settle_reviewed

MOVE = "pipeline_run.move"
MOVABLE = (RunState.FILLING, RunState.RUNNING, RunState.PAUSED, RunState.DRAINING)


class TargetMissing(Invalid):
    code = "target_missing"
    message = "Say for each stage that the new version lacks where its open work goes."


class TargetUnfit(Invalid):
    code = "target_unfit"
    message = "This stage cannot take that work."


@transaction.atomic
def move_run(*, run: PipelineRun, version_id: UUID, mapping: Mapping[str, str]) -> Job:
    """From now on units go by the version's edges; the job brings what is open to its stages. Leased tasks are finished
    where they are. `mapping` names, by key, where the work of removed stages goes.

    Raises NotFound for a version that is not the pipeline's, TransitionRefused, UnknownTarget, TargetMissing and
    TargetUnfit.
    """
    held: PipelineRun = PipelineRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    before = held.pipeline_version
    version = PipelineVersion.objects.filter(pk=version_id, pipeline_id=before.pipeline_id).first()
    if version is None:
        raise NotFound
    if held.state not in MOVABLE:
        raise TransitionRefused("This run has ended. Start a new one on the version that you want.")
    if version == before:
        raise TransitionRefused("The run is on this version already.")
    ways = ways_between(held, version, mapping)
    for way in ways:
        _require_fit(way)
    held.moved_to = _moved_on(held, version, ways) | stands_for(ways)
    held.pipeline_version, held.recipe_version_id = version, version.recipe_version_id
    held.save(update_fields=["moved_to", "pipeline_version", "recipe_version"])
    told = {way.stage.key: {"open": way.open, "to": way.target.key if way.target else ""} for way in ways}
    activity.record_audit(
        "pipeline_run.move", held, before=str(before.pk), after=str(version.pk), version=str(version.pk), stages=told
    )
    stated = {"pipeline_run": str(held.pk), "version": str(version.pk)}
    job = request(
        kind=MOVE, input=stated, project_id=held.project_id, org_id=held.org_id, total=held.units_made or None
    )
    announce_counts(held.project_id)
    return job


def move_open_work(*, context: Context, run_id: UUID, progress: Callable[[int], None]) -> int:
    """Bring the open tasks of earlier versions' stages to those of the run's, in chunks; gives how many were moved.

    Begun again after a crash, it finds the first chunks done.
    """
    looked_at = moved = 0
    for items in walk_items(context, run_id):
        with tenant_tx(context):
            run: PipelineRun = PipelineRun.objects.select_related("pipeline_version").get(pk=run_id)
            moved += _move_chunk(run, items)
        looked_at += len(items)
        announce_counts(run.project_id)
        progress(looked_at)
    return moved


def _require_fit(way: Way) -> None:
    if way.target is None:
        raise TargetMissing(
            f"The new version has no stage {way.stage.key}, and {way.open + way.leased:,} tasks are there."
            " Say to which stage they go.",
            field="mapping",
        )
    if not fits(way.stage.unit, way.target):
        raise TargetUnfit(
            f"What lies at {way.stage.key} is about one {way.stage.unit} each, and {way.target.key} works on one"
            f" {way.target.unit}. Choose another stage for it.",
            field="mapping",
        )


def _moved_on(run: PipelineRun, version: PipelineVersion, ways: Sequence[Way]) -> dict[str, str]:
    """What stood for stages of earlier versions still does, or what stands for that."""
    now = {str(way.stage.pk): str(way.target.pk) for way in ways if way.target}
    return {old: now.get(target, target) for old, target in run.moved_to.items()}


def _move_chunk(run: PipelineRun, items: Sequence[UUID]) -> int:
    rows = Task.objects.filter(unit__item_id__in=items, unit__pipeline_run=run, state__in=OPEN)
    rows = rows.exclude(stage__pipeline_version_id=run.pipeline_version_id)
    by_stage: defaultdict[UUID, list[Task]] = defaultdict(list)
    for task in rows.select_for_update(of=("self",)).select_related("stage").order_by("pk"):
        by_stage[task.stage_id].append(task)
    for tasks in by_stage.values():
        _move_tasks(run, tasks)
    return sum(len(tasks) for tasks in by_stage.values())


def _move_tasks(run: PipelineRun, tasks: Sequence[Task]) -> None:
    """All of one stage. They stay the same tasks where the stage asks the same of them."""
    stage, target = tasks[0].stage, _target(run, tasks[0].stage)
    if target is None:
        return
    there = set()
    if _is_alike(stage, target):
        units = [task.unit_id for task in tasks]
        there = set(Task.objects.filter(stage=target, unit_id__in=units).values_list("unit_id", "round", "slot"))
        same = [task.pk for task in tasks if (task.unit_id, task.round, task.slot) not in there]
        Task.objects.filter(pk__in=same).update(stage=target, required_skill=target.settings.get("skill"))
        tasks = [task for task in tasks if (task.unit_id, task.round, task.slot) in there]
    _take_from(tasks)
    entered = set()
    for task in tasks:
        if task.unit_id not in entered:  # of several slots one
            enter(task, target, kept=_kept(task, target))
            entered.add(task.unit_id)


def _target(run: PipelineRun, stage: Stage) -> Stage | None:
    now = Stage.objects.filter(pipeline_version_id=run.pipeline_version_id)
    same: Stage | None = now.filter(key=stage.key, kind=stage.kind).first()
    return same or now.filter(pk=run.moved_to.get(str(stage.pk))).first()


def _is_alike(stage: Stage, target: Stage) -> bool:
    same = (stage.kind, stage.unit, stage.overlap) == (target.kind, target.unit, target.overlap)
    return same and (stage.kind in HUMAN_KINDS or stage.settings == target.settings)


def _take_from(tasks: Sequence[Task]) -> None:
    ids = [task.pk for task in tasks]
    Task.objects.filter(pk__in=ids).update(state=TaskState.CANCELLED, ended_at=timezone.now())
    machines = [task.pk for task in tasks if task.kind == TaskKind.MACHINE]
    for inference in Inference.objects.filter(task_id__in=machines, state=InferenceState.WAITING):
        cancel_inference(inference=inference)


def _kept(task: Task, target: Stage) -> Kept:
    reviews = settle_reviewed(task, target)
    if target.kind not in HUMAN_KINDS or target.kind != task.stage.kind:
        return Kept(round=task.round, reviews=reviews)
    return Kept(task.round, reviews, task.preferred_person, task.preferred_until, task.note)
