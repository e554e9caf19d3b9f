"""Models, their versions, and the deployments by which they serve a project."""

import datetime
from typing import Any, Literal
from uuid import UUID

from apps.core.answers import Result
from apps.core.errors import Invalid, NotFound, TransitionRefused
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.projects.models import Project
from apps.projects.selectors import project_for, row_for
from apps.recipes.models import Label

from . import services
from .models import Deployment, DeploymentState, Model, ModelVersion, ModelVersionState

SMALLEST_TILE, LARGEST_TILE = 128, 4096


class UnknownClass(Invalid):
    code = "unknown_class"
    message = "The model has no class of this name."


class LabelNotInRecipe(Invalid):
    code = "label_not_in_recipe"
    message = "The project has no label of this name."


class InvalidTileSize(Invalid):
    code = "invalid_tile_size"
    message = f"A tile is {SMALLEST_TILE} to {LARGEST_TILE} pixels wide."


class ModelOut(Answer):
    id: UUID
    name: str
    created_at: datetime.datetime


class ModelsOut(Answer):
    results: list[ModelOut]
    next: str | None
    previous: str | None


class ModelVersionOut(Answer):
    id: UUID
    model: UUID
    number: int
    architecture: str
    sha256: str
    classes: list[str]
    input_size: int
    licence: str
    state: str
    created_at: datetime.datetime


class ModelVersionsOut(Answer):
    results: list[ModelVersionOut]
    next: str | None
    previous: str | None


class Models(Api):
    @operation("model.see", "The organization's models.", query=Page, answers={200: ModelsOut})
    def get(self, request: Any, org: str, query: Page) -> Result:
        """In the order in which they came."""
        return 200, page_of(Model.objects.all(), query, _model)


class ModelVersions(Api):
    @operation("model.see", "A model's versions, newest first.", query=Page, answers={200: ModelVersionsOut})
    def get(self, request: Any, org: str, model_id: UUID, query: Page) -> Result:
        """With their classes."""
        model = Model.objects.filter(pk=model_id).first()
        if model is None:
            raise NotFound
        return 200, page_of(ModelVersion.objects.filter(model=model), query, _version, newest_first=True)


class OneModelVersion(Api):
    @operation("model.see", "A model version.", answers={200: ModelVersionOut})
    def get(self, request: Any, org: str, version_id: UUID) -> Result:
        """With its classes."""
        version = ModelVersion.objects.filter(pk=version_id).first()
        if version is None:
            raise NotFound
        return 200, _version(version)


class DeploymentIn(Struct):
    """`classes` maps the model's class names to label names; without it, classes map to labels of their own name."""

    model_version: UUID
    classes: dict[str, str] | None = None
    tile_size: int | None = None


class DeploymentEdit(Struct):
    state: Literal["stopped", "warming"]


class DeploymentOut(Answer):
    id: UUID
    project: UUID
    model_version: UUID
    title: str
    version: int
    classes: dict[str, str]
    tile_size: int
    overlap: float
    floor: float
    state: str
    created_at: datetime.datetime


class DeploymentsOut(Answer):
    results: list[DeploymentOut]
    next: str | None
    previous: str | None


class Deployments(Api):
    @operation("deployment.see", "What serves a project.", query=Page, answers={200: DeploymentsOut})
    def get(self, request: Any, org: str, project_id: UUID, query: Page) -> Result:
        """Stopped ones too."""
        project = project_for(request.member.context, "deployment.see", project_id)
        return 200, page_of(Deployment.objects.filter(project=project), query, _deployment)

    @operation("model.deploy", "Let a model version serve a project.", body=DeploymentIn, answers={201: DeploymentOut})
    def post(self, request: Any, org: str, project_id: UUID, body: DeploymentIn) -> Result:
        """It warms up by itself; the same version again starts what was stopped."""
        project = project_for(request.member.context, "model.deploy", project_id)
        ready = ModelVersion.objects.select_related("model").filter(state=ModelVersionState.READY)
        version = ready.filter(pk=body.model_version).first()
        if version is None:
            raise NotFound
        deployment = services.deploy(
            project=project,
            version=version,
            classes=_classes(project, version, body.classes),
            tile_size=_tile_size(body.tile_size or version.input_size),
        )
        return 201, _deployment(deployment)


class OneDeployment(Api):
    @operation("deployment.see", "A deployment.", answers={200: DeploymentOut})
    def get(self, request: Any, org: str, deployment_id: UUID) -> Result:
        """With its state."""
        return 200, _deployment(_seen(request, "deployment.see", deployment_id))

    @operation("model.deploy", "Stop or start a deployment.", body=DeploymentEdit, answers={200: DeploymentOut})
    def patch(self, request: Any, org: str, deployment_id: UUID, body: DeploymentEdit) -> Result:
        """What it said stays; `warming` loads the model again."""
        deployment = _seen(request, "model.deploy", deployment_id)
        if body.state == "stopped":
            return 200, _deployment(services.stop_deployment(deployment=deployment))
        if deployment.state != DeploymentState.STOPPED:
            raise TransitionRefused(f"This deployment is already {deployment.state}.")
        started = services.deploy(
            project=deployment.project,
            version=deployment.model_version,
            classes=deployment.classes,
            tile_size=deployment.tile_size,
            floor=deployment.floor,
        )
        return 200, _deployment(started)


def _seen(request: Any, action: str, deployment_id: UUID) -> Deployment:
    deployment: Deployment = row_for(Deployment.objects.all(), request.member.context, action, deployment_id)
    return deployment


def _classes(project: Project, version: ModelVersion, wanted: dict[str, str] | None) -> dict[str, str]:
    labels = set(Label.objects.filter(project=project).values_list("name", flat=True))
    if wanted is None:
        return {name: name for name in version.classes if name in labels}
    for name, label in wanted.items():
        if name not in version.classes:
            raise UnknownClass(f"The model has no class {name[:100]}.", field="classes")
        if label not in labels:
            raise LabelNotInRecipe(f"The project has no label {label[:100]}.", field="classes")
    return wanted


def _tile_size(pixels: int) -> int:
    if not SMALLEST_TILE <= pixels <= LARGEST_TILE:
        raise InvalidTileSize(field="tile_size")
    return pixels


def _model(row: Model) -> ModelOut:
    return ModelOut(id=row.pk, name=row.name, created_at=row.created_at)


def _version(row: ModelVersion) -> ModelVersionOut:
    return ModelVersionOut(
        id=row.pk,
        model=row.model_id,
        number=row.number,
        architecture=row.architecture,
        sha256=row.sha256,
        classes=row.classes,
        input_size=row.input_size,
        licence=row.licence,
        state=row.state,
        created_at=row.created_at,
    )


def _deployment(row: Deployment) -> DeploymentOut:
    return DeploymentOut(
        id=row.pk,
        project=row.project_id,
        model_version=row.model_version_id,
        title=row.title,
        version=row.version,
        classes=row.classes,
        tile_size=row.tile_size,
        overlap=row.overlap,
        floor=row.floor,
        state=row.state,
        created_at=row.created_at,
    )
