"""Merge: the tiles of an item are one picture again, what models said of it and what people drew."""

from collections.abc import Sequence
from uuid import UUID

from apps.annotation.machines import as_written, without_doubles, write_document
from apps.distribution.models import Task, Unit
from apps.distribution.units import annotations_of
from apps.pipelines.models import Stage, StageKind, UnitKind
from apps.pipelines.settings import MergeSettings, settings_of
from apps.predictions.services import merge_regions

from .finishing import leave


def merge(stage: Stage, tasks: Sequence[Task]) -> None:
    """Each item's predictions of the models of the line, and its annotations; the result depends on no order."""
    settings: MergeSettings = settings_of(stage.kind, stage.settings)
    deployments = _deployments(stage)
    for task in tasks:
        tiles = Unit.objects.filter(parent=task.unit, kind=UnitKind.TILE).order_by("pk")
        regions = list(tiles.values_list("region", flat=True))
        for deployment in deployments:
            merge_regions(
                item=task.unit.item,
                deployment_id=deployment,
                regions=regions,
                threshold=settings.threshold,
                joins=settings.method == "greedy",
            )
        _merge_annotations(task, settings.threshold)
    leave(dict.fromkeys(tasks, "done"))


def _deployments(stage: Stage) -> list[UUID]:
    """Of the predict stages that worked on tiles before this merge."""
    before = Stage.objects.filter(
        pipeline_version_id=stage.pipeline_version_id,
        kind=StageKind.PREDICT,
        unit=UnitKind.TILE,
        position__lt=stage.position,
    )
    return list(dict.fromkeys(UUID(one.settings["deployment"]) for one in before.order_by("position")))


def _merge_annotations(task: Task, threshold: float) -> None:
    rows = list(annotations_of(task.unit).select_related("label").order_by("pk"))
    kept = without_doubles([(as_written(row), row.unit_id) for row in rows], threshold=threshold)
    if len(kept) < len(rows):
        write_document(org_id=task.org_id, unit_id=task.unit_id, shapes=kept)
