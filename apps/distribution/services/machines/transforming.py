"""Transform: a fixed catalogue of what can be done to items and predictions before and after a model."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q

from apps.distribution.models import Task, Unit
from apps.distribution.units import annotations_of, predictions_of
from apps.pipelines.models import Stage, UnitKind
from apps.pipelines.settings import Crop, FilterShapes, MapClasses, NearDuplicates, settings_of
from apps.predictions.models import Prediction
from apps.projects.fingerprints import has_near_duplicate
from apps.recipes.models import Label

from .finishing import leave


def transform(stage: Stage, tasks: Sequence[Task]) -> None:
    """What the stage's settings say."""
    settings = settings_of(stage.kind, stage.settings)
    if isinstance(settings, NearDuplicates):
        leave({task: _original_or_dropped(task, settings.distance) for task in tasks})
        return
    for task in tasks:
        _ACTS[type(settings)](task.unit, settings)
    leave(dict.fromkeys(tasks, "done"))


def _original_or_dropped(task: Task, distance: int) -> str:
    return "dropped" if has_near_duplicate(task.unit.item, distance) else "done"


def _crop(unit: Unit, settings: Crop) -> None:
    """To what people drew, else to what models say; a unit on which nothing lies stays whole."""
    rows: Any = annotations_of(unit)
    if not rows.exists():
        rows = predictions_of(unit, floor=0.25)
    boxes = list(rows.values_list("x1", "y1", "x2", "y2"))
    if not boxes or unit.kind != UnitKind.ITEM:
        return
    x1, y1 = min(box[0] for box in boxes), min(box[1] for box in boxes)
    x2, y2 = max(box[2] for box in boxes), max(box[3] for box in boxes)
    margin = settings.margin * max(x2 - x1, y2 - y1)
    left, top = max(0.0, x1 - margin), max(0.0, y1 - margin)
    right, bottom = min(float(unit.item.width), x2 + margin), min(float(unit.item.height), y2 + margin)
    region = [float(round(side)) for side in (left, top, right - left, bottom - top)]
    Unit.objects.filter(pk=unit.pk).update(region=region)


def _filter_shapes(unit: Unit, settings: FilterShapes) -> None:
    width, height = F("x2") - F("x1"), F("y2") - F("y1")
    rows = predictions_of(unit).annotate(w=width, h=height)
    least, most = settings.min_side, settings.max_side
    wrong = Q(w__lt=least) | Q(h__lt=least) | Q(w__lt=F("h") * settings.min_aspect)
    if most is not None:
        wrong |= Q(w__gt=most) | Q(h__gt=most)
    if settings.max_aspect is not None:
        wrong |= Q(w__gt=F("h") * settings.max_aspect)
    rows.model.objects.filter(pk__in=list(rows.filter(wrong).values_list("pk", flat=True))).update(superseded=True)


def _map_classes(unit: Unit, settings: MapClasses) -> None:
    labels = dict(Label.objects.filter(project_id=unit.project_id).order_by("id").values_list("name", "id"))
    # Read before anything is changed: a label that another becomes may itself become a third.
    named = list(predictions_of(unit).filter(label__name__in=settings.classes).values_list("pk", "label__name"))
    for name, target in settings.classes.items():
        change = {"label_id": labels[target]} if target in labels else {"superseded": True}
        Prediction.objects.filter(pk__in=[pk for pk, label in named if label == name]).update(**change)


_ACTS: dict[type, Any] = {Crop: _crop, FilterShapes: _filter_shapes, MapClasses: _map_classes}
