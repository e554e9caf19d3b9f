"""Predict: the model that a stage names is asked, and the unit goes on when it has answered, or failed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.distribution.models import Task, TaskKind, TaskState
from apps.pipelines.models import Stage, StageKind
from apps.pipelines.settings import TileSettings, settings_of
from apps.predictions.models import Deployment, Inference, InferenceState
from apps.predictions.services import (
    DeploymentStopped,
    ModelIsExternal,
    Wanted,
    delivered_to,
    request_inferences,
)
from apps.predictions.tiling import Area

from .finishing import finish_tasks


def ask(stage: Stage, tasks: Sequence[Task]) -> None:
    """Ask the stage's model about the tasks' units.

    Where it has sent its word along with the item, the units go on at once. A model that is stopped, gone, or runs
    elsewhere fails the others, so that people get the units instead of nobody.
    """
    deployment = Deployment.objects.filter(pk=stage.settings.get("deployment"), project_id=stage.project_id).first()
    margin = _margin(stage)
    try:
        if deployment is None:
            raise DeploymentStopped
        told = delivered_to({task.unit.item_id for task in tasks}, deployment)
        finish_tasks([task.pk for task in tasks if task.unit.item_id in told])
        tasks = [task for task in tasks if task.unit.item_id not in told]
        if not tasks:
            return
        inferences = request_inferences(deployment=deployment, wanted=[_wanted(task, margin) for task in tasks])
    except (DeploymentStopped, ModelIsExternal) as refusal:
        finish_tasks([task.pk for task in tasks], error_code=refusal.code)
        return
    # Where the same run was under way for somebody else and ended just now, its result is there already.
    asked = {_place(inference.item_id, inference.parameters.get("region")) for inference in inferences}
    finish_tasks([task.pk for task in tasks if _place(task.unit.item_id, task.unit.region) not in asked])


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


def _wanted(task: Task, margin: float) -> Wanted:
    region = task.unit.region
    if region is None:
        return Wanted(task.unit.item, task.pk)
    area = Area(*(round(side) for side in region))
    return Wanted(task.unit.item, task.pk, area, round(margin * max(area.width, area.height)))


def _margin(stage: Stage) -> float:
    """How far beyond a tile the model reads, as a share of it: what the nearest tile stage before says."""
    before = Stage.objects.filter(
        pipeline_version_id=stage.pipeline_version_id, kind=StageKind.TILE, position__lt=stage.position
    )
    cut = before.order_by("-position").first()
    settings = settings_of(cut.kind, cut.settings) if cut else TileSettings()
    return float(settings.overlap)


def _place(item_id: UUID, region: Sequence[float] | None) -> tuple[UUID, tuple[int, ...]]:
    return item_id, tuple(round(side) for side in region or ())


def _waiting_for(inference: Inference) -> set[UUID]:
    """By the task that asked, and by item and region: one that found the run under way is not named in it."""
    waiting = Task.objects.filter(kind=TaskKind.MACHINE, state=TaskState.WAITING, stage__kind=StageKind.PREDICT)
    region = inference.parameters.get("region")
    joined = Q(unit__item_id=inference.item_id, stage__settings__deployment=str(inference.deployment_id))
    joined &= Q(unit__region=region) if region else Q(unit__region=None)
    if inference.task_id:
        joined |= Q(pk=inference.task_id)
    return set(waiting.filter(joined).values_list("pk", flat=True))
