"""Bulk work reaches the workers a little at a time, so that no organization's million stands before another's ten.

Rows wait in PostgreSQL; of each organization and model version only a few are in the broker, and each that ends lets
the next one in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from apps.activity import services as activity
from apps.core.tenancy import active_tenant, owner_context, tenant_tx
from apps.predictions.models import UNFINISHED, Deployment, Inference, InferenceState, Lane
from apps.predictions.services.requests import hash_of, parameters_of, require_running, send_to_worker
from apps.predictions.tiling import Area
from apps.projects.models import Item

IN_FLIGHT = 16  # of one organization and model version


@dataclass(frozen=True, slots=True)
class Wanted:
    """An item to be read, the machine task that waits for it, if any, and the region (with a margin in pixels) that
    is to be read alone."""

    item: Item
    task_id: UUID | None = None
    region: Area | None = None
    margin: int | None = None


@transaction.atomic
def request_inferences(*, deployment: Deployment, wanted: Sequence[Wanted]) -> list[Inference]:
    """Put a model to work on many items or regions of them.

    Gives the unfinished inference of each, also where the same was asked before.
    Raises DeploymentStopped, ModelIsExternal.
    """
    require_running(deployment)
    rows = [_row(deployment, one) for one in wanted]
    Inference.objects.bulk_create(rows, ignore_conflicts=True)
    activity.record_audit("inference.request_many", deployment, count=len(rows))
    _fill(deployment.org_id, deployment.model_version_id)
    return list(
        Inference.objects.filter(
            item__in=[one.item for one in wanted],
            model_version_id=deployment.model_version_id,
            parameters_hash__in={row.parameters_hash for row in rows},
            state__in=UNFINISHED,
        )
    )


def _row(deployment: Deployment, wanted: Wanted) -> Inference:
    parameters = parameters_of(deployment, wanted.region, wanted.margin)
    return Inference(
        org_id=wanted.item.org_id,
        project_id=wanted.item.project_id,
        item=wanted.item,
        deployment=deployment,
        model_version_id=deployment.model_version_id,
        parameters=parameters,
        parameters_hash=hash_of(parameters),
        lane=Lane.BULK,
        state=InferenceState.WAITING,
        queued_at=timezone.now(),
        requested_by=active_tenant().user_id,
        task_id=wanted.task_id,
    )


def top_up(ended: Inference) -> None:
    """One bulk inference has ended: the next of its organization and version may go. In the caller's transaction."""
    if ended.lane == Lane.BULK:
        _fill(ended.org_id, ended.model_version_id)


def dispatch() -> int:
    """Fill up what has room, for all organizations: after a crash, or where a top-up was lost. Gives what it sent."""
    waiting = Inference.across_tenants.filter(state=InferenceState.WAITING)
    sent = 0
    for org_id, version_id in waiting.values_list("org_id", "model_version_id").distinct():
        with tenant_tx(owner_context(org_id)):
            sent += _fill(org_id, version_id)
    return sent


def _fill(org_id: UUID, version_id: UUID) -> int:
    of_version = Inference.objects.filter(org_id=org_id, model_version_id=version_id, lane=Lane.BULK)
    if not of_version.filter(state=InferenceState.WAITING).exists():
        return 0
    with connection.cursor() as cursor:  # two that fill at once would both see the same room
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"dispatch:{org_id}:{version_id}"])
    flying = of_version.aggregate(
        count=Count("id", filter=Q(state__in=(InferenceState.QUEUED, InferenceState.RUNNING)))
    )["count"]
    waiting = of_version.filter(state=InferenceState.WAITING).order_by("queued_at", "id")
    chosen = list(waiting.select_for_update(skip_locked=True)[: max(0, IN_FLIGHT - flying)])
    for inference in chosen:
        inference.move_to(InferenceState.QUEUED, queued_at=timezone.now())
        send_to_worker(inference)
    return len(chosen)
