"""The lines on which the machine lets people work: as published graphs, and as places of the twin."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from apps.pipelines.graphs import Graph
from apps.pipelines.line import Line
from apps.pipelines.models import Pipeline, PipelineVersion, Stage
from apps.pipelines.services import publish_version
from tests.people import World

from .graphs import graph_of
from .line import as_owner, make_recipe
from .machine_twin import Place

SKILL = "cars"
WIDTH, HEIGHT, TILE = 1000, 400, 512
CUTS = [0.0, 500.0]
HALF = {"test": "share", "percent": 50}

# Items are cut, tiles are labeled and some reviewed, objects are named by two people each, half of the items are looked
# at by somebody who had no part in them, and mended.
PARTS = graph_of(
    [
        ("dataset", "dataset", {}),
        ("cut", "tile", {"size": TILE}),
        ("find", "label", {"most_held": 2, "most_per_person": 3}),
        ("check", "review", {"sample": 0.5}),
        ("merge", "merge", {}),
        ("name", "label", {"unit": "object", "question": {"attribute": "model"}, "overlap": 2}),
        ("share", "route", {"rules": [{"key": "some", "when": [HALF]}]}),
        ("look", "review", {"sample": 0.7}),
        ("mend", "label", {}),
        ("done", "done", {}),
    ],
    ("check", "rework", "find"),
    ("share", "some", "look"),
    ("share", "default", "done"),
    ("look", "done", "done"),
    ("look", "rework", "mend"),
    ("mend", "done", "look"),
)
# Two people with a skill at each item, two reviews after them; what the machine fails at is given out by hand.
PEOPLE = graph_of(
    [
        ("dataset", "dataset", {}),
        ("turn", "convert", {"to": "polygon"}),
        ("draw", "label", {"overlap": 2, "skill": SKILL}),
        ("first", "review", {"sample": 0.5}),
        ("second", "review", {}),
        ("given", "label", {"hand_out": "push"}),
        ("done", "done", {}),
    ],
    ("turn", "failed", "given"),
    ("first", "rework", "draw"),
    ("second", "rework", "draw"),
    ("second", "done", "done"),
    ("given", "done", "first"),
)


@dataclass
class Laid:
    """A published line, and what the twin knows of it."""

    version: UUID
    places: dict[str, Place]
    first: str
    stages: dict[str, UUID]


def lay(world: World) -> dict[str, Laid]:
    """Both lines in the world's project."""
    recipe = make_recipe(world.project)
    laid = {}
    for name, graph in {"parts": PARTS, "people": PEOPLE}.items():
        with as_owner(world.project):
            pipeline: Pipeline = Pipeline.objects.create(org_id=world.project.org_id, project=world.project, name=name)
            stated = msgspec.convert(graph, Graph)
            version = publish_version(pipeline=pipeline, graph=stated, recipe_version_id=recipe.pk)
            laid[name] = Laid(version.pk, *_places(stated), _stages(version))
    return laid


def _places(graph: Graph) -> tuple[dict[str, Place], str]:
    line = Line(graph)
    places = {}
    for position, key in enumerate(line.order):
        stage, stated = line.stages[key], line.stages[key].settings
        rules: Any = stated.get("rules")
        places[key] = Place(
            key,
            stage.kind,
            position,
            unit=str(line.units[key]),
            to=line.edges[key],
            overlap=stated.get("overlap", 1),
            sample=stated.get("sample", 1),
            skill=stated.get("skill"),
            most_held=stated.get("most_held"),
            most_per_person=stated.get("most_per_person"),
            pushed=stated.get("hand_out") == "push",
            percent=rules[0]["when"][0]["percent"] if rules else None,
        )
    return places, line.edges[line.order[0]]["done"]


def _stages(version: PipelineVersion) -> dict[str, UUID]:
    return dict(Stage.objects.filter(pipeline_version=version).values_list("key", "pk"))
