"""An inference in the hands of a worker: claimed with a token, beaten, ended or given back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.activity import services as activity
from apps.core.tenancy import owner_context, tenant_tx
from apps.predictions.models import (
    Deployment,
    DeploymentState,
    Inference,
    InferenceState,
    InferenceTile,
    ModelVersion,
)
from apps.predictions.selectors import plan_of
from apps.predictions.services.dispatching import top_up
from apps.predictions.services.requests import send_to_worker, tell_failure
from apps.predictions.tiling import Tile

# A locked row is passed over: it is being written, and whoever waited for it would let all other hearts stand still.
BEAT = """
WITH ours AS (
  SELECT inference.id FROM inference, unnest(%s::uuid[], %s::uuid[]) AS held (id, token)
  WHERE inference.id = held.id AND run_token = held.token AND state = 'running'
), free AS (
  SELECT inference.id FROM inference, ours WHERE inference.id = ours.id AND state = 'running'
  FOR UPDATE OF inference SKIP LOCKED
), beaten AS (
  UPDATE inference SET heartbeat_at = clock_timestamp() FROM free WHERE inference.id = free.id
)
SELECT id FROM ours
"""


class RunLost(Exception):
    """Somebody else holds this inference now, or nobody does: stop, write nothing."""


@dataclass(frozen=True, slots=True)
class Source:
    """The picture that a run looks at."""

    item_id: UUID
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Weights:
    """The model version that a run uses."""

    version_id: UUID
    architecture: str
    path: str
    sha256: str
    classes: tuple[str, ...]
    input_size: int


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt: all that a worker needs, read once, and the token that lets it write."""

    inference_id: UUID
    org_id: UUID
    project_id: UUID
    token: UUID
    attempt: int
    max_attempts: int
    lane: str
    source: Source
    weights: Weights
    classes: Mapping[str, str]  # the model's class name -> the project's label name
    floor: float
    tiles: tuple[Tile, ...]
    done: Mapping[int, list[dict[str, Any]]]  # tiles that an earlier attempt finished

    @property
    def topic(self) -> str:
        return f"item:{self.source.item_id}"


def claim_inference(inference_id: UUID) -> Run | None:
    """Take a queued inference; None when somebody else has it or it has ended. Committed before any work."""
    found = Inference.across_tenants.filter(pk=inference_id).values_list("org_id", flat=True).first()
    if found is None:
        return None
    now, token = timezone.now(), uuid4()
    with tenant_tx(owner_context(found)):
        claimed = Inference.objects.filter(pk=inference_id, state=InferenceState.QUEUED).update(
            state=InferenceState.RUNNING,
            attempt=F("attempt") + 1,
            run_token=token,
            heartbeat_at=now,
            started_at=now,
        )
        return _run(inference_id, token) if claimed else None


def beat(held: Mapping[UUID, UUID]) -> set[UUID]:
    """Renew the heart-beat of `{inference: token}`; gives the inferences that are no longer ours."""
    if not held:
        return set()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            BEAT,
            [list(held), list(held.values())],
        )
        alive = {row[0] for row in cursor.fetchall()}
    return set(held) - alive


def fail_inference(*, run: Run, code: str, message: str) -> None:
    """End it without a result: the sentence is shown, the pipeline goes on without it. Raises RunLost."""
    with tenant_tx(owner_context(run.org_id)):
        _leave(run, InferenceState.FAILED, error_code=code, error_message=message, finished_at=timezone.now())
        inference = Inference.objects.get(pk=run.inference_id)
        activity.record_audit("inference.fail", inference, code=code, attempt=run.attempt)
        tell_failure(inference, code=code, message=message)
        top_up(inference)


def requeue_inference(*, run: Run, counted: bool = True, after: timedelta | None = None) -> None:
    """Give it back to be tried again; an attempt that ended for reasons of ours is not counted. Raises RunLost."""
    with tenant_tx(owner_context(run.org_id)):
        attempt = run.attempt if counted else run.attempt - 1
        _leave(run, InferenceState.QUEUED, queued_at=timezone.now(), attempt=attempt)
        send_to_worker(Inference.objects.get(pk=run.inference_id), after=after)


def warming_weights(deployment_id: UUID) -> tuple[UUID, Weights] | None:
    """The organization of a deployment that waits to be warm, and what it serves; None when it waits no more."""
    row = Deployment.across_tenants.filter(pk=deployment_id, state=DeploymentState.WARMING).first()
    if row is None:
        return None
    with tenant_tx(owner_context(row.org_id)):
        return row.org_id, _weights(ModelVersion.objects.get(pk=row.model_version_id))


def served_weights() -> list[Weights]:
    """What any deployment serves: a worker that starts loads it before anybody asks."""
    served = Deployment.across_tenants.exclude(state=DeploymentState.STOPPED)
    found = []
    for org_id, version_id in served.values_list("org_id", "model_version_id").distinct():
        with tenant_tx(owner_context(org_id)):
            found.append(_weights(ModelVersion.objects.get(pk=version_id)))
    return found


def _weights(version: ModelVersion) -> Weights:
    return Weights(
        version.id, version.architecture, version.weights, version.sha256, tuple(version.classes), version.input_size
    )


def _leave(run: Run, state: InferenceState, **fields: Any) -> None:
    held = Inference.objects.filter(pk=run.inference_id, run_token=run.token, state=InferenceState.RUNNING)
    if not held.update(state=state, run_token=None, **fields):
        raise RunLost


def _run(inference_id: UUID, token: UUID) -> Run:
    inference = Inference.objects.select_related("item", "deployment", "model_version").get(pk=inference_id)
    item = inference.item
    # Not by the attempt: one that a stopping worker gave back is not counted, and its tiles are in all the same.
    done = InferenceTile.objects.filter(inference=inference) if inference.tiles_done else InferenceTile.objects.none()
    return Run(
        inference_id=inference.id,
        org_id=inference.org_id,
        project_id=inference.project_id,
        token=token,
        attempt=inference.attempt,
        max_attempts=inference.max_attempts,
        lane=inference.lane,
        source=Source(item.id, item.sha256, item.width, item.height),
        weights=_weights(inference.model_version),
        classes=inference.deployment.classes,
        floor=inference.parameters["floor"],
        tiles=tuple(plan_of(inference.parameters, width=item.width, height=item.height)),
        done=dict(done.values_list("number", "shapes")),
    )
