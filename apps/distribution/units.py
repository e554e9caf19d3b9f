"""What lies on a unit: the annotations that it owns, the current predictions inside it, who decided about them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet

from apps.annotation.models import Annotation
from apps.pipelines.models import UnitKind
from apps.predictions.models import Prediction

from .models import Submission, Unit


def annotations_of(unit: Unit) -> "QuerySet[Annotation]":
    """The annotations that a unit owns, as `app.owns` has it."""
    rows = Annotation.objects.filter(org_id=unit.org_id, project_id=unit.project_id, item_id=unit.item_id)
    if unit.kind == UnitKind.OBJECT:
        return rows.filter(pk=unit.subject)
    return centred_in(rows, unit.region) if unit.kind == UnitKind.TILE else rows


def predictions_of(unit: Unit, *, floor: float = 0.0) -> "QuerySet[Prediction]":
    """Current predictions inside a unit; about an object nothing is predicted."""
    rows = Prediction.objects.filter(org_id=unit.org_id, item_id=unit.item_id, superseded=False, score__gte=floor)
    if unit.kind == UnitKind.OBJECT:
        return rows.none()
    return centred_in(rows, unit.region) if unit.kind == UnitKind.TILE else rows


def centred_in(rows: Any, region: Sequence[float] | None) -> Any:
    """Those whose centre lies in a region [x, y, width, height], half-open."""
    if region is None:
        return rows
    x, y, width, height = region
    centred = rows.annotate(cx=(F("x1") + F("x2")) / 2, cy=(F("y1") + F("y2")) / 2)
    return centred.filter(cx__gte=x, cx__lt=x + width, cy__gte=y, cy__lt=y + height)


def is_decided_by_people(unit: Unit) -> bool:
    """Whether anybody has handed something in about the unit, or about a part of it, in its run."""
    if unit.workers:
        return True
    return Submission.objects.filter(org_id=unit.org_id, task__unit_id=unit.pk).exists()
