"""Lines of any graph at work: published, filled with items, their machines' steps done when the test says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone

from apps.core.tenancy import Context
from apps.distribution.models import PipelineRun, Task, TaskState, Unit
from apps.distribution.services import runs
from apps.distribution.services.machines import inferences_finished, start_entered
from apps.jobs.models import Outbox
from apps.pipelines.graphs import Graph
from apps.pipelines.models import Pipeline, Stage
from apps.pipelines.services import publish_version
from apps.predictions.merge import Found, Merger
from apps.predictions.models import UNFINISHED, Inference, InferenceState
from apps.predictions.services import Run, TileResult, claim_inference, finish_inference
from apps.predictions.shapes import found_in_tile
from apps.predictions.tiling import Tile
from apps.projects.models import Item
from tests.conftest import as_worker
from tests.people import World

from .line import as_owner, make_recipe


def graph_of(stages: Sequence[tuple[str, str, dict[str, Any]]], *edges: tuple[str, str, str]) -> dict[str, Any]:
    """Stages (key, kind, settings) in a row, joined by `done` except where `edges` (from, outcome, to) say more."""
    stated = {(source, outcome) for source, outcome, _ in edges}
    inner = {source for source, outcome, _ in edges if outcome in {"agree", "default"}}
    row = [
        (one[0], "done", other[0])
        for one, other in zip(stages, stages[1:], strict=False)
        if (one[0], "done") not in stated and one[0] not in inner and one[1] != "done"
    ]
    return {
        "stages": [{"key": key, "kind": kind, "settings": settings} for key, kind, settings in stages],
        "edges": [{"from": one, "outcome": outcome, "to": other} for one, outcome, other in (*row, *edges)],
    }


class Works:
    """A run of a published graph over the world's dataset."""

    def __init__(self, world: World, graph: Mapping[str, Any]) -> None:
        self.world = world
        project = world.project
        self.recipe = make_recipe(project)
        with as_owner(project):
            pipeline: Pipeline = Pipeline.objects.create(org_id=project.org_id, project=project, name="Works")
            version = publish_version(
                pipeline=pipeline, graph=msgspec.convert(graph, Graph), recipe_version_id=self.recipe.pk
            )
            self.run, _ = runs.start_run(project=project, pipeline_version_id=version.pk, dataset_id=world.dataset.pk)
        runs.fill_run(context=Context(org_id=project.org_id), run_id=self.run.pk, progress=lambda _: None)

    def stage(self, key: str) -> Stage:
        with as_owner(self.world.project):
            stage: Stage = Stage.objects.get(pipeline_version_id=self.run.pipeline_version_id, key=key)
        return stage

    def step(self) -> int:
        """What entered machines' stages since: done now, also what comes of it; gives how many tasks there were."""
        done = 0
        while True:
            with as_owner(self.world.project):
                told = list(Outbox.objects.filter(topic="stage.entered", sent_at=None))
                Outbox.objects.filter(pk__in=[row.pk for row in told]).update(sent_at=timezone.now())
            if not told:
                return done
            with as_owner(self.world.project):
                start_entered([UUID(row.payload["task"]) for row in told])
            done += len(told)

    def tasks(self, key: str, state: str = TaskState.READY) -> list[Task]:
        with as_owner(self.world.project):
            rows = Task.objects.filter(stage=self.stage(key), state=state).select_related("unit__item", "stage")
            return list(rows.order_by("unit__region", "slot", "pk"))

    def unit(self, item: Item) -> Unit:
        with as_owner(self.world.project):
            unit: Unit = Unit.objects.get(pipeline_run=self.run, item=item, kind="item")
        return unit

    def again(self) -> PipelineRun:
        with as_owner(self.world.project):
            self.run.refresh_from_db()
        return self.run


@dataclass(frozen=True)
class Car:
    """What a model sees wherever it looks: a box in pixels of the item, with its score and label."""

    x: float
    y: float
    width: float = 60
    height: float = 40
    score: float = 0.9
    label: str = "car"


def read(works: Works, cars: Sequence[Car]) -> int:
    """Let the model answer all that it was asked, tile by tile, as the worker does; gives how many inferences."""
    with as_owner(works.world.project):
        asked = list(Inference.objects.filter(state__in=UNFINISHED).order_by("pk").values_list("pk", flat=True))
        Inference.objects.filter(pk__in=asked).update(state=InferenceState.QUEUED)
    for pk in asked:
        with as_worker():
            run = claim_inference(pk)
        assert run is not None
        merger = Merger(run.tiles, width=run.source.width, height=run.source.height)
        results = []
        for tile in run.tiles:
            found = [_seen(run, tile, rank, car) for rank, car in enumerate(cars) if _is_in_sight(tile, car)]
            results.append(TileResult(tile, found, merger.add(tile.index, found)))
        finish_inference(run=run, found=merger.merged(), last=results)
    with as_owner(works.world.project):
        inferences_finished([{"inference": str(pk)} for pk in asked])
    return len(asked)


def _is_in_sight(tile: Tile, car: Car) -> bool:
    across = min(tile.right, car.x + car.width) - max(tile.x, car.x)
    down = min(tile.bottom, car.y + car.height) - max(tile.y, car.y)
    return across > 0.2 * car.width and down > 0.2 * car.height


def _seen(run: Run, tile: Tile, rank: int, car: Car) -> Found:
    place = car.x - tile.x, car.y - tile.y, car.width, car.height
    return found_in_tile(run.inference_id, tile, rank, label=car.label, score=car.score, box=place)
