"""Compare: what a model said held against what people accepted; where they disagree is kept as a subset."""

from collections.abc import Sequence

from apps.activity import services as activity
from apps.annotation.models import Annotation
from apps.catalog.services import keep_in_subset
from apps.distribution.models import Task
from apps.distribution.units import annotations_of, predictions_of
from apps.pipelines.models import Stage
from apps.pipelines.settings import CompareSettings, settings_of
from apps.predictions.models import Deployment, Prediction

from .finishing import leave


def compare(stage: Stage, tasks: Sequence[Task]) -> None:
    """Each unit goes by `agree` when every object was predicted and every prediction is an object."""
    settings: CompareSettings = settings_of(stage.kind, stage.settings)
    reads = Stage.objects.get(pipeline_version_id=stage.pipeline_version_id, key=settings.reads)
    deployment = Deployment.objects.filter(pk=reads.settings["deployment"]).first()
    outcomes = {task: _outcome(task, deployment, settings) for task in tasks}
    apart = [task.unit.item_id for task, outcome in outcomes.items() if outcome == "disagree"]
    if apart:
        name = settings.keep or _name(deployment)
        keep_in_subset(project=stage.project, name=name, items=apart)
    leave(outcomes)


def agreement(annotations: Sequence[Annotation], predictions: Sequence[Prediction], iou: float) -> tuple[int, int, int]:
    """How many objects were found, missed, and seen where none is: matched greedily, the best score first, within a
    label, at this intersection over union of their boxes."""
    left = list(annotations)
    found = 0
    for prediction in sorted(predictions, key=lambda one: (-one.score, str(one.pk))):
        same = [one for one in left if one.label_id == prediction.label_id]
        best = max(same, key=lambda one: _iou(one, prediction), default=None)
        if best is not None and _iou(best, prediction) >= iou:
            left.remove(best)
            found += 1
    return found, len(left), len(predictions) - found


def _outcome(task: Task, deployment: Deployment | None, settings: CompareSettings) -> str:
    if deployment is None:
        return "disagree"
    said = predictions_of(task.unit, floor=settings.floor).filter(model_version_id=deployment.model_version_id)
    found, missed, extra = agreement(list(annotations_of(task.unit)), list(said), settings.iou)
    activity.record_activity(
        "unit.compared",
        task,
        stage_id=task.stage_id,
        task_id=task.pk,
        unit_id=task.unit_id,
        model_version=str(deployment.model_version_id),
        found=found,
        missed=missed,
        extra=extra,
    )
    return "agree" if not missed and not extra else "disagree"


def _name(deployment: Deployment | None) -> str:
    return f"Failures of {deployment.title} {deployment.version}" if deployment else "Failures of a model that is gone"


def _iou(one: Annotation, other: Prediction) -> float:
    across = min(one.x2, other.x2) - max(one.x1, other.x1)
    down = min(one.y2, other.y2) - max(one.y1, other.y1)
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    whole = (one.x2 - one.x1) * (one.y2 - one.y1) + (other.x2 - other.x1) * (other.y2 - other.y1)
    return float(shared / (whole - shared))
