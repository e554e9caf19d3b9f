"""A served model, a large item and a recipe in Parking's project."""

from dataclasses import dataclass

import pytest

from apps.core.tenancy import Context, owner_context, tenant_tx
from apps.predictions.merge import Merger
from apps.predictions.models import Deployment, DeploymentState, Inference, Model, ModelVersion, ModelVersionState
from apps.predictions.services import Run, TileResult
from apps.predictions.shapes import found_in_tile
from apps.projects.models import Item
from apps.recipes.models import Label, Recipe
from tests.people import World

LABELS = ("cup", "cat")


@dataclass
class Served:
    world: World
    item: Item
    deployment: Deployment

    @property
    def owner(self) -> Context:
        return owner_context(self.world.parking.id)


def make_served(world: World, labels: tuple[str, ...] = LABELS) -> Served:
    project, org_id = world.project, world.parking.id
    with tenant_tx(owner_context(org_id)):
        item = Item.objects.create(
            org_id=org_id,
            project=project,
            dataset=world.dataset,
            name="lot.jpg",
            media_type="image/jpeg",
            sha256="0" * 64,
            bytes=1,
            width=1200,
            height=800,
        )
        recipe = Recipe.objects.create(org_id=org_id, project=project, name="Lots")
        for name in labels:
            Label.objects.create(org_id=org_id, project=project, recipe=recipe, name=name)
        version = ModelVersion.objects.create(
            org_id=org_id,
            model=Model.objects.create(org_id=org_id, name="NanoDet"),
            number=1,
            architecture="nanodet",
            weights="org/x/blob/00/00",
            sha256="0" * 64,
            classes=list(LABELS),
            input_size=416,
            state=ModelVersionState.READY,
        )
        deployment = Deployment.objects.create(
            org_id=org_id,
            project=project,
            model_version=version,
            title="NanoDet",
            version=1,
            classes={"cup": "cup", "cat": "cat"},
            tile_size=400,
            state=DeploymentState.READY,
        )
    return Served(world, item, deployment)


@pytest.fixture
def served(world: World) -> Served:
    return make_served(world)


def state_of(served: Served, inference: Inference) -> Inference:
    with tenant_tx(served.owner):
        found: Inference = Inference.objects.get(pk=inference.pk)
    return found


def results_of(run: Run, label: str = "cup") -> list[TileResult]:
    """One object in the middle of each tile that is not done yet."""
    merger = Merger(run.tiles, width=run.source.width, height=run.source.height)
    results = []
    for tile in run.tiles:
        box = (tile.width / 2, tile.height / 2, 20.0, 20.0)
        found = [found_in_tile(run.inference_id, tile, 0, label=label, score=0.5, box=box)]
        results.append(TileResult(tile, found, merger.add(tile.index, found)))
    return results
