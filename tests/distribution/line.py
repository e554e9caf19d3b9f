"""A line at work: recipe, stages, run, units and tasks, as the tests of the engine need them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.core.ids import new_id
from apps.core.tenancy import Context, tenant_tx
from apps.distribution.models import PipelineRun, RunState, Task, Unit
from apps.pipelines.models import Pipeline, PipelineVersion, Stage
from apps.projects.models import Item, Project
from apps.recipes.models import Label, Recipe, RecipeVersion
from tests.people import World

LABELS = [
    {"name": "car", "title": "Car", "color": 1, "key": "1", "attributes": [
        {"name": "model", "title": "Model", "type": "select", "options": ["van", "sedan"], "required": False},
        {"name": "parked", "title": "Parked", "type": "checkbox", "required": False},
        {"name": "note", "title": "Note", "type": "text", "required": False},
        {"name": "doors", "title": "Doors", "type": "number", "required": False},
    ]},
    {"name": "tree", "title": "Tree", "color": 2, "key": "2", "geometry": ["polygon"], "attributes": []},
]  # fmt: skip


def as_owner(project: Project) -> Any:
    """A transaction in the context of the project's owner."""
    return tenant_tx(Context(org_id=project.org_id))


def make_item(world: World, *, name: str = "lot.jpg", width: int = 1000, height: int = 800, **fields: Any) -> Item:
    """A picture of the project; its file does not exist."""
    with as_owner(world.project):
        item: Item = Item.objects.create(
            org_id=world.project.org_id,
            project=world.project,
            dataset=world.dataset,
            name=name,
            media_type="image/jpeg",
            sha256="0" * 64,
            bytes=1,
            width=width,
            height=height,
            **fields,
        )
    return item


def make_recipe(project: Project, labels: Sequence[dict[str, Any]] = LABELS) -> RecipeVersion:
    """A published recipe of cars and trees."""
    with as_owner(project):
        recipe = Recipe.objects.create(org_id=project.org_id, project=project, name=f"Recipe {new_id()}")
        rows = [
            Label.objects.create(org_id=project.org_id, project=project, recipe=recipe, name=label["name"])
            for label in labels
        ]
        stated = [{**label, "id": str(row.id)} for label, row in zip(labels, rows, strict=True)]
        version: RecipeVersion = RecipeVersion.objects.create(
            org_id=project.org_id, project=project, recipe=recipe, number=1, labels=stated
        )
    return version


@dataclass
class Line:
    """A published pipeline with its recipe, and a run of it."""

    run: PipelineRun
    recipe: RecipeVersion
    stages: dict[str, Stage]

    @property
    def label(self) -> Stage:
        return self.stages["label"]

    @property
    def review(self) -> Stage:
        return self.stages["review"]


def make_line(
    world: World, kinds: Sequence[str] = ("dataset", "label", "review", "done"), **stage_fields: dict[str, Any]
) -> Line:
    """A pipeline of these kinds in a row, keys being kinds, and a run of it; `label={"held_out": 0.5}` sets columns."""
    project = world.project
    recipe = make_recipe(project)
    common = {"org_id": project.org_id, "project": project}
    edges = [{"from": before, "outcome": "next", "to": after} for before, after in zip(kinds, kinds[1:], strict=False)]
    graph = {"stages": [{"key": kind, "kind": kind} for kind in kinds], "edges": edges}
    with as_owner(project):
        pipeline = Pipeline.objects.create(**common, name=f"Line {new_id()}")
        version = PipelineVersion.objects.create(
            **common, pipeline=pipeline, number=1, recipe_version=recipe, graph=graph
        )
        stages = make_stages(version, kinds, stage_fields)
        run = PipelineRun.objects.create(
            **common,
            pipeline_version=version,
            recipe_version=recipe,
            dataset=world.dataset,
            state=RunState.RUNNING,
        )
    return Line(run, recipe, stages)


def make_stages(version: PipelineVersion, kinds: Sequence[str], fields: dict[str, dict[str, Any]]) -> dict[str, Stage]:
    """Stages in a row; a review returns to the label stage."""
    stages: dict[str, Stage] = {}
    for position, kind in reversed(list(enumerate(kinds))):
        following = kinds[position + 1] if position + 1 < len(kinds) else ""
        stages[kind] = Stage.objects.create(
            org_id=version.org_id,
            project_id=version.project_id,
            pipeline_version=version,
            key=kind,
            kind=kind,
            title=kind.title(),
            position=position,
            next=stages.get(following),
            **fields.get(kind, {}),
        )
    if {"review", "label"} <= set(stages):
        stages["review"].rework = stages["label"]
        stages["review"].save()
    return stages


def make_unit(line: Line, item: Item) -> Unit:
    """The unit of an item in the line's run."""
    with as_owner(line.run.project):
        unit: Unit = Unit.objects.create(
            org_id=item.org_id, project_id=item.project_id, pipeline_run=line.run, item=item, kind="item"
        )
    return unit


def make_task(line: Line, item: Item, *, stage: Stage | None = None, **fields: Any) -> Task:
    """A ready task at the label stage, or another."""
    unit = make_unit(line, item)
    with as_owner(line.run.project):
        task: Task = Task.objects.create(
            org_id=item.org_id,
            project_id=item.project_id,
            pipeline_run=line.run,
            stage=stage or line.label,
            unit=unit,
            kind="human",
            created_at=timezone.now(),
            **fields,
        )
    return task


def make_tasks(world: World, line: Line, count: int) -> list[Task]:
    """Ready label tasks, each on a picture of its own."""
    return [make_task(line, make_item(world, name=f"lot {number}.jpg")) for number in range(count)]


def box(x: float = 10, y: float = 10, width: float = 50, height: float = 40, **fields: Any) -> dict[str, Any]:
    """A car in the shape form."""
    return {
        "id": str(new_id()),
        "label": "car",
        "type": "box",
        "x": x,
        "y": y,
        "width": width,
        "height": height,
    } | fields


def identity() -> UUID:
    """An id that nothing has."""
    return new_id()
