"""Take weights in as a model version and let it serve a project."""

import hashlib
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.activity import services as activity
from apps.core.tenancy import active_tenant, owner_context, tenant_tx
from apps.jobs.models import Outbox
from apps.predictions.models import EXTERNAL, Deployment, DeploymentState, Model, ModelVersion, ModelVersionState
from apps.projects.models import Project

FLOOR = 0.1  # hardly a detection below it is right, and rows and frames would fill with them (bench/recall.py)
WARM = "warm_deployment"  # the worker's actor


@transaction.atomic
def register_version(
    *, name: str, architecture: str, weights: bytes, classes: list[str], input_size: int, licence: str
) -> ModelVersion:
    """Keep weights that come from us or were checked, as the next ready version of a model of the acting organization.

    The same weights again give the version that is there.
    """
    org_id = active_tenant().org_id
    digest = hashlib.sha256(weights).hexdigest()
    model, _ = Model.objects.get_or_create(org_id=org_id, name=name)
    known: ModelVersion | None = ModelVersion.objects.filter(model=model, sha256=digest).first()
    if known:
        return known
    path = f"org/{org_id}/blob/{digest[:2]}/{digest}"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(weights))
    version: ModelVersion = ModelVersion.objects.create(
        org_id=org_id,
        model=model,
        number=1 + (ModelVersion.objects.filter(model=model).aggregate(last=Max("number"))["last"] or 0),
        architecture=architecture,
        weights=path,
        sha256=digest,
        classes=classes,
        input_size=input_size,
        licence=licence,
        state=ModelVersionState.READY,
    )
    activity.record_audit("model_version.register", version, sha256=digest)
    return version


@transaction.atomic
def deploy(
    *, project: Project, version: ModelVersion, classes: dict[str, str], tile_size: int, floor: float = FLOOR
) -> Deployment:
    """Let a version serve a project, `classes` mapping its class names to the project's label names, and warm it up.

    One that runs elsewhere serves where it was heard of; it may be stopped, and is ready again at once.
    """
    fields: dict[str, Any] = {
        "title": version.model.name,
        "version": version.number,
        "classes": classes,
        "tile_size": tile_size,
        "floor": floor,
    }
    deployment: Deployment
    deployment, made = Deployment.objects.get_or_create(
        org_id=project.org_id, project=project, model_version=version, defaults=fields
    )
    if deployment.state == DeploymentState.STOPPED and version.architecture == EXTERNAL:
        deployment.move_to(DeploymentState.READY, is_external=True)
        activity.record_audit("deployment.start", deployment, made=made, external=True)
    elif deployment.state == DeploymentState.STOPPED:
        deployment.move_to(DeploymentState.WARMING, **fields)
        Outbox.objects.create(
            org_id=project.org_id,
            project_id=project.id,
            actor=WARM,
            row_id=deployment.id,
            payload={"queue": "gpu.assist"},
            created_at=timezone.now(),
        )
        activity.record_audit("deployment.start", deployment, made=made)
    return deployment


@transaction.atomic
def stop_deployment(*, deployment: Deployment) -> Deployment:
    """Take it out of service; what it said stays."""
    deployment.move_to(DeploymentState.STOPPED)
    activity.record_audit("deployment.stop", deployment)
    return deployment


def mark_ready(*, org_id: UUID, deployment_id: UUID) -> None:
    """Say that a worker has the deployment's model loaded and warm."""
    with tenant_tx(owner_context(org_id)):
        warming = Deployment.objects.filter(pk=deployment_id, state=DeploymentState.WARMING)
        if warming.update(state=DeploymentState.READY):
            activity.record_audit("deployment.ready", Deployment.objects.get(pk=deployment_id))
