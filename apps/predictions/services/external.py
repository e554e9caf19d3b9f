"""What a model elsewhere has said of an item, kept as if it had run here: what comes after knows no difference."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.activity import services as activity
from apps.core.errors import Refusal
from apps.predictions.merge import Found
from apps.predictions.models import (
    EXTERNAL,
    Deployment,
    DeploymentState,
    Inference,
    InferenceState,
    Lane,
    Model,
    ModelVersion,
    ModelVersionState,
    Prediction,
)
from apps.predictions.services.requests import DeploymentStopped, hash_of, tell_pipeline
from apps.predictions.services.results import prediction_of, supersede
from apps.predictions.shapes import as_shape
from apps.projects.models import Item, Project
from apps.recipes.models import Label


class ModelRunsHere(Refusal):
    code = "model_runs_here"
    message = "A model of this name runs on this platform. Name its deployment, or give the other model another name."


@transaction.atomic
def external_deployment(*, project: Project, name: str, version: int, labels: Iterable[str]) -> Deployment:
    """The deployment of a model that runs elsewhere, made when it is first heard of; `labels` are what it may say.

    Nothing can be asked of it. Raises ModelRunsHere.
    """
    model, _ = Model.objects.get_or_create(org_id=project.org_id, name=name)
    if ModelVersion.objects.filter(model=model).exclude(architecture=EXTERNAL).exists():
        raise ModelRunsHere(field="model.name")
    said = sorted(labels)
    known, _ = ModelVersion.objects.get_or_create(
        org_id=project.org_id,
        model=model,
        number=version,
        defaults={"architecture": EXTERNAL, "classes": said, "input_size": 0, "state": ModelVersionState.READY},
    )
    deployment: Deployment
    deployment, made = Deployment.objects.get_or_create(
        org_id=project.org_id,
        project=project,
        model_version=known,
        defaults={
            "title": name,
            "version": version,
            "classes": {label: label for label in said},
            "tile_size": 0,
            "floor": 0.0,
            "is_external": True,
            "state": DeploymentState.READY,
        },
    )
    if made:
        activity.record_audit("deployment.start", deployment, made=True, external=True)
    return deployment


@transaction.atomic
def keep_delivered(*, item: Item, deployment: Deployment, found: Sequence[Found]) -> Inference:
    """Predictions that came from outside, as a finished inference; what the version said before is superseded.

    Raises DeploymentStopped. The labels must be the project's.
    """
    if deployment.state == DeploymentState.STOPPED:
        raise DeploymentStopped
    now, parameters = timezone.now(), {"external": True}
    inference: Inference = Inference.objects.create(
        org_id=item.org_id,
        project_id=item.project_id,
        item=item,
        deployment=deployment,
        model_version_id=deployment.model_version_id,
        parameters=parameters,
        parameters_hash=hash_of(parameters),
        lane=Lane.BULK,
        state=InferenceState.DONE,
        queued_at=now,
        started_at=now,
        finished_at=now,
        requested_by=None,
    )
    labels = dict(Label.objects.filter(project_id=item.project_id).order_by("id").values_list("name", "id"))
    supersede(inference)
    Prediction.objects.bulk_create([prediction_of(inference, one, labels[one.label]) for one in found])
    _tell(inference, found)
    return inference


def _tell(inference: Inference, found: Sequence[Found]) -> None:
    """The item's viewers, whoever waits for this model's word, and the record."""
    shapes = [as_shape(one, model_version=inference.model_version_id) for one in found]
    frame = {
        "type": "overlay.final",
        "topic": "item",
        "id": str(inference.item_id),
        "inference": str(inference.pk),
        "shapes": shapes,
    }
    topic = f"item:{inference.item_id}"
    activity.publish(topic, frame, org_id=inference.org_id, project_id=inference.project_id)
    tell_pipeline(inference)
    activity.record_audit("inference.deliver", inference, after=shapes, predictions=len(shapes))


def delivered_to(items: Iterable[UUID], deployment: Deployment) -> set[UUID]:
    """Those of the items of which the deployment's model said something elsewhere, and nothing since."""
    told = Inference.objects.filter(
        item_id__in=list(items),
        deployment=deployment,
        state=InferenceState.DONE,
        superseded_at=None,
        parameters__external=True,
    )
    return set(told.values_list("item_id", flat=True))
