"""Rows for tests. A maker creates only what its test does not care about, in the owner's context."""

import datetime
from typing import Any

from apps.annotation.models import Annotation, AnnotationRevision
from apps.core.ids import new_id
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution.models import PipelineRun, RunState, Unit, UnitState
from apps.pipelines.models import Pipeline, PipelineVersion, UnitKind
from apps.predictions.models import Deployment, DeploymentState, Model, ModelVersion, ModelVersionState
from apps.projects.models import Item
from apps.recipes.models import Label, Recipe, RecipeVersion

from .people import World

NOW = datetime.datetime(2026, 11, 21, 9, 0, tzinfo=datetime.UTC)


def make_item(world: World, name: str = "lot.jpg", **fields: Any) -> Item:
    """A picture of 1000 × 800 pixels in the shared project; its file is not there."""
    values = {"media_type": "image/jpeg", "sha256": "0" * 64, "bytes": 1, "width": 1000, "height": 800, **fields}
    with tenant_tx(owner_context(world.parking.id)):
        item: Item = Item.objects.create(
            org_id=world.parking.id, project=world.project, dataset=world.dataset, name=name, **values
        )
    return item


def make_recipe_version(world: World, *names: str) -> RecipeVersion:
    """A published recipe with these labels, or car and van."""
    names = names or ("car", "van")
    with tenant_tx(owner_context(world.parking.id)):
        owner = {"org_id": world.parking.id, "project": world.project}
        recipe = Recipe.objects.create(**owner, name=f"Recipe {new_id()}")
        labels = [Label.objects.create(**owner, recipe=recipe, name=name) for name in names]
        version: RecipeVersion = RecipeVersion.objects.create(
            **owner,
            recipe=recipe,
            number=1,
            labels=[
                {
                    "id": str(label.pk),
                    "name": label.name,
                    "title": label.name.title(),
                    "color": number,
                    "key": str(number),
                    "geometry": ["box", "polygon"],
                    "attributes": [],
                }
                for number, label in enumerate(labels, start=1)
            ],
        )
    return version


def make_deployment(world: World, **fields: Any) -> Deployment:
    """A ready model version serving the shared project; its weights are not there."""
    with tenant_tx(owner_context(world.parking.id)):
        model = Model.objects.create(org_id=world.parking.id, name=f"Model {new_id()}")
        version = ModelVersion.objects.create(
            org_id=world.parking.id,
            model=model,
            number=1,
            architecture="nanodet-m",
            weights="",
            sha256="0" * 64,
            classes=["car", "van"],
            input_size=416,
            state=ModelVersionState.READY,
        )
        values = {
            "title": model.name,
            "version": 1,
            "classes": {"car": "car", "van": "van"},
            "tile_size": 416,
            **fields,
        }
        deployment: Deployment = Deployment.objects.create(
            org_id=world.parking.id,
            project=world.project,
            model_version=version,
            state=DeploymentState.READY,
            **values,
        )
    return deployment


def make_run(world: World, recipe_version: RecipeVersion | None = None) -> PipelineRun:
    """A running pipeline without stages."""
    recipe_version = recipe_version or make_recipe_version(world)
    with tenant_tx(owner_context(world.parking.id)):
        owner = {"org_id": world.parking.id, "project": world.project}
        pipeline = Pipeline.objects.create(**owner, name=f"Line {new_id()}")
        version = PipelineVersion.objects.create(
            **owner, pipeline=pipeline, number=1, recipe_version=recipe_version, graph={"stages": [], "edges": []}
        )
        run: PipelineRun = PipelineRun.objects.create(
            **owner,
            pipeline_version=version,
            recipe_version=recipe_version,
            dataset=world.dataset,
            state=RunState.RUNNING,
        )
    return run


def make_unit(world: World, run: PipelineRun, item: Item, state: str = UnitState.OPEN) -> Unit:
    """The unit of a whole item."""
    with tenant_tx(owner_context(world.parking.id)):
        unit: Unit = Unit.objects.create(
            org_id=world.parking.id,
            project=world.project,
            pipeline_run=run,
            item=item,
            kind=UnitKind.ITEM,
            state=state,
        )
    return unit


def make_annotation(world: World, item: Item, label: Label, **fields: Any) -> Annotation:
    """A box of 40 × 30 pixels, or what `fields` say, in a revision of its own."""
    values: dict[str, Any] = {
        "type": "box",
        "geometry": {"x": 10.0, "y": 20.0, "width": 40.0, "height": 30.0},
        "x1": 10.0,
        "y1": 20.0,
        "x2": 50.0,
        "y2": 50.0,
        "area": 1200.0,
        **fields,
    }
    with tenant_tx(owner_context(world.parking.id)):
        owner = {"org_id": world.parking.id, "project": world.project, "item": item}
        number = AnnotationRevision.objects.filter(item=item).count() + 1
        revision = AnnotationRevision.objects.create(
            **owner, number=number, document={"annotations": []}, digest=b"", source="api", at=NOW
        )
        row: Annotation = Annotation.objects.create(**owner, revision=revision, label=label, **values)
    return row
