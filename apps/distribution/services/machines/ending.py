"""Done, where predictions count if nobody has decided: they become annotations that say so."""

from collections.abc import Sequence
from uuid import uuid5

from django.db import connection
from django.utils import timezone

from apps.annotation.machines import write_document
from apps.annotation.shapes import Written
from apps.distribution.models import Task, TaskState
from apps.distribution.units import is_decided_by_people, predictions_of
from apps.pipelines.models import Stage
from apps.predictions.models import Prediction

from .finishing import record

FINISH = "SELECT app.finish(t, %s) FROM task t WHERE t.org_id = %s AND t.id = %s"


def end(stage: Stage, tasks: Sequence[Task]) -> None:
    """Finish the units; what a model alone has decided is marked as not certified."""
    for task in tasks:
        if not is_decided_by_people(task.unit):
            rows = predictions_of(task.unit).select_related("label", "inference__deployment").order_by("-score", "id")
            kept = [row for row in rows if row.score >= row.inference.deployment.floor]
            write_document(org_id=task.org_id, unit_id=task.unit_id, shapes=[_decided(row) for row in kept])
        task.move_to(TaskState.ACCEPTED, ended_at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(FINISH, [stage.settings.get("final") or "accepted", task.org_id, task.pk])
    record(tasks)


def _decided(row: Prediction) -> Written:
    return Written(
        id=uuid5(row.pk, "decided"),
        label=row.label.name,
        label_id=row.label_id,
        type=row.type,
        geometry=row.geometry,
        attributes={},
        x1=row.x1,
        y1=row.y1,
        x2=row.x2,
        y2=row.y2,
        area=row.area,
        source={
            "kind": "model",
            "model_version": str(row.model_version_id),
            "prediction": str(row.pk),
            "action": "decided",
            "certified": "no",
        },
        score=row.score,
    )
