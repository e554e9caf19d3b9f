"""Tile: an item is taken apart into regions, never into copied files."""

from collections.abc import Sequence
from math import ceil
from uuid import UUID

from apps.core.ids import new_id
from apps.distribution.advice import advised_tile
from apps.distribution.models import Task, Unit, UnitState
from apps.pipelines.models import Stage, UnitKind
from apps.pipelines.settings import TileSettings, settings_of

from .finishing import record, split


def cut(stage: Stage, tasks: Sequence[Task]) -> None:
    """Each item's unit gets its tiles, which go on to the next stage."""
    settings: TileSettings = settings_of(stage.kind, stage.settings)
    size = settings.size or advised_tile(stage.project).size
    for task in tasks:
        split(task, _tiles_of(task.unit, size), stage.next_id)
    record(tasks)


def cores(width: int, height: int, size: int) -> list[list[float]]:
    """Regions of about `size` a side that cover a picture without overlapping, row by row, as [x, y, width, height]."""
    across, down = _cuts(width, size), _cuts(height, size)
    return [
        [float(left), float(top), float(right - left), float(bottom - top)]
        for top, bottom in zip(down, down[1:], strict=False)
        for left, right in zip(across, across[1:], strict=False)
    ]


def _cuts(length: int, size: int) -> list[int]:
    parts = max(1, ceil(length / size))
    return [round(part * length / parts) for part in range(parts + 1)]


def _tiles_of(unit: Unit, size: int) -> list[UUID]:
    """The ids of the unit's open tiles; those of an earlier round are opened again."""
    there = {tuple(tile.region): tile for tile in Unit.objects.filter(parent=unit, kind=UnitKind.TILE)}
    regions = cores(unit.item.width, unit.item.height, size)
    fresh = [region for region in regions if tuple(region) not in there]
    made = [
        Unit(
            id=new_id(),
            org_id=unit.org_id,
            project_id=unit.project_id,
            pipeline_run_id=unit.pipeline_run_id,
            item_id=unit.item_id,
            kind=UnitKind.TILE,
            region=region,
            parent=unit,
        )
        for region in fresh
    ]
    Unit.objects.bulk_create(made)
    again = [there[tuple(region)].pk for region in regions if tuple(region) in there]
    Unit.objects.filter(pk__in=again).update(state=UnitState.OPEN, finished_at=None)
    return [*again, *(tile.pk for tile in made)]
