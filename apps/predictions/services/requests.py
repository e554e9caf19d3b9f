"""Ask for an inference, or take the request back."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from apps.activity import services as activity
from apps.core.errors import Refusal, TransitionRefused
from apps.core.tenancy import active_tenant
from apps.jobs import topics
from apps.jobs.models import Outbox
from apps.predictions.models import UNFINISHED, Deployment, DeploymentState, Inference, InferenceState, Lane
from apps.predictions.selectors import place_in_queue
from apps.predictions.tiling import Area
from apps.projects.models import Item

QUEUES = {Lane.ASSIST: "gpu.assist", Lane.BULK: "gpu.bulk"}
RUN = "run_inference"  # the worker's actor


class DeploymentStopped(Refusal):
    """Nobody runs a stopped model by accident."""

    code = "deployment_stopped"
    message = "This model is stopped. Start it on the models page, then try again."


class ModelIsExternal(Refusal):
    """Nobody here has its weights."""

    code = "model_is_external"
    message = "This model runs elsewhere, so it cannot be asked here. It sends what it sees with each picture."


def require_running(deployment: Deployment) -> None:
    """Raises DeploymentStopped, or ModelIsExternal for one that never runs here."""
    if deployment.is_external:
        raise ModelIsExternal
    if deployment.state == DeploymentState.STOPPED:
        raise DeploymentStopped


@transaction.atomic
def request_inference(
    *,
    item: Item,
    deployment: Deployment,
    lane: Lane = Lane.ASSIST,
    centre: tuple[float, float] | None = None,
    region: Area | None = None,
    task_id: UUID | None = None,
) -> Inference:
    """Queue a model over an item, or join the same request where it is still unfinished.

    Raises DeploymentStopped, ModelIsExternal.

    `centre` is where the viewer looks: those tiles come first. It does not make another request of it.
    """
    require_running(deployment)
    parameters = parameters_of(deployment, region)
    wanted = Inference(
        org_id=item.org_id,
        project_id=item.project_id,
        item=item,
        deployment=deployment,
        model_version_id=deployment.model_version_id,
        parameters=parameters | ({"centre": list(centre)} if centre else {}),
        parameters_hash=hash_of(parameters),
        lane=lane,
        queued_at=timezone.now(),
        requested_by=active_tenant().user_id,
        task_id=task_id,
    )
    Inference.objects.bulk_create([wanted], ignore_conflicts=True)
    inference = _unfinished(wanted)
    if inference.id == wanted.id:
        activity.record_audit("inference.request", inference, lane=lane)
        _send(inference)
    elif _is_overtaken(inference, lane):
        _send(inference)
    return inference


@transaction.atomic
def cancel_inference(*, inference: Inference) -> Inference:
    """Stop it wherever it is; the worker notices before its next tile. Raises TransitionRefused when it has ended."""
    cancelled: Inference = inference.move_to(InferenceState.CANCELLED, finished_at=timezone.now(), run_token=None)
    activity.record_audit("inference.cancel", inference)
    tell_failure(cancelled, code="cancelled", message="The run was cancelled.")
    return cancelled


def tell_failure(inference: Inference, *, code: str, message: str) -> None:
    """Tell the item's viewers and the pipeline that there will be no result."""
    topic = f"item:{inference.item_id}"
    frame = {
        "type": "inference.failed",
        "topic": "item",
        "id": str(inference.item_id),
        "inference": str(inference.id),
        "code": code,
        "message": message,
    }
    activity.publish(topic, frame, org_id=inference.org_id, project_id=inference.project_id)
    tell_pipeline(inference)


def tell_pipeline(inference: Inference) -> None:
    """News for whoever waits for this inference: that it ended, and how."""
    news = {
        "inference": inference.id,
        "item": inference.item_id,
        "deployment": inference.deployment_id,
        "task": inference.task_id,
        "state": inference.state,
    }
    topics.publish("inference.finished", news, inference.org_id, inference.project_id)


def parameters_of(deployment: Deployment, region: Area | None = None, margin: int | None = None) -> dict[str, Any]:
    """What is asked of the model; two requests with the same parameters are one.

    With a margin (pixels) the model's own tiles cover the region and so much around it, and nothing else.
    """
    parameters: dict[str, Any] = {
        "tile_size": deployment.tile_size,
        "overlap": deployment.overlap,
        "floor": deployment.floor,
    }
    if region:
        parameters["region"] = [region.x, region.y, region.width, region.height]
        if margin is not None:
            parameters["margin"] = margin
    return parameters


def hash_of(parameters: dict[str, Any]) -> str:
    """By what the database knows them."""
    return hashlib.sha256(msgspec.json.encode(parameters, order="sorted")).hexdigest()


def _unfinished(wanted: Inference) -> Inference:
    found: Inference | None = Inference.objects.filter(
        item_id=wanted.item_id,
        model_version_id=wanted.model_version_id,
        parameters_hash=wanted.parameters_hash,
        state__in=UNFINISHED,
    ).first()
    if found is None:  # the one that was in our way has just ended
        raise TransitionRefused("The same run has just ended. Look at its result, or ask again.")
    return found


def _is_overtaken(inference: Inference, lane: Lane) -> bool:
    """A person now waits for what a bulk run would have done some time: it changes lanes."""
    if lane != Lane.ASSIST or inference.lane == Lane.ASSIST or inference.state == InferenceState.RUNNING:
        return False
    inference.lane, inference.state = Lane.ASSIST, InferenceState.QUEUED
    waiting = Inference.objects.filter(pk=inference.pk, state__in=(InferenceState.WAITING, InferenceState.QUEUED))
    return bool(waiting.update(lane=Lane.ASSIST, state=InferenceState.QUEUED, queued_at=timezone.now()))


def _send(inference: Inference) -> None:
    send_to_worker(inference)
    frame = {
        "type": "inference.queued",
        "topic": "item",
        "id": str(inference.item_id),
        "inference": str(inference.id),
        **place_in_queue(inference),
    }
    activity.publish(f"item:{inference.item_id}", frame, org_id=inference.org_id, project_id=inference.project_id)


def send_to_worker(inference: Inference, *, after: timedelta | None = None) -> None:
    """One outbox row that names the actor and the row; `after` holds it back that long."""
    now = timezone.now()
    Outbox.objects.create(
        org_id=inference.org_id,
        project_id=inference.project_id,
        actor=RUN,
        row_id=inference.id,
        payload={"queue": QUEUES[Lane(inference.lane)]},
        created_at=now,
        not_before=now + after if after else None,
    )
