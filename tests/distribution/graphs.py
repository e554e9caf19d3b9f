"""Lines of any graph at work: published, filled with items, their machines' steps done when the test says so."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone

from apps.core.tenancy import Context
from apps.distribution.models import PipelineRun, Task, TaskState, Unit
from apps.distribution.services import runs
from apps.distribution.services.machines import start_entered
from apps.jobs.models import Outbox
from apps.pipelines.graphs import Graph
from apps.pipelines.models import Pipeline, Stage
from apps.pipelines.services import publish_version
from apps.predictions.models import Inference, Prediction
from apps.projects.models import Item
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


def make_prediction(inference: Inference, *, label: Any, score: float, box: Sequence[float]) -> Prediction:
    """What a model said, as its row."""
    x, y, width, height = box
    row: Prediction = Prediction.objects.create(
        org_id=inference.org_id,
        project_id=inference.project_id,
        item_id=inference.item_id,
        inference=inference,
        model_version_id=inference.model_version_id,
        label=label,
        score=score,
        type="box",
        geometry={"x": x, "y": y, "width": width, "height": height},
        x1=x,
        y1=y,
        x2=x + width,
        y2=y + height,
        area=width * height,
    )
    return row
