"""Hand out work: one statement that never gives a task to two people."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from apps.core import request_id
from apps.core.access import leaves
from apps.core.errors import NotFound, Refusal
from apps.core.tenancy import active_tenant, tenant_tx
from apps.distribution.models import Task, TaskState
from apps.distribution.selectors.payloads import payload, read_frames
from apps.pipelines.models import StageKind

from .counts import announce_counts
from .refusals import LeaseExpired, TaskTaken, call

MOST_AT_ONCE = 10
MOST_HELD = 20

CLAIM = """SELECT c::text FROM app.claim(%s, %s::uuid[], %s, %s, %s, %s, %s, %s, %s, %s, %s::text[]) c"""
KINDS = {StageKind.LABEL: "task.work", StageKind.REVIEW: "review.decide"}


def claim_tasks(
    *, project_id: UUID, stage_id: UUID | None = None, task_id: UUID | None = None, limit: int = 1
) -> list[dict[str, Any]]:
    """Payloads of tasks that are now the caller's, most urgent first; empty when there is nothing to do.

    Raises NotFound, TooManyHeld and, where one task was asked for, TaskTaken. It opens its own transaction.
    """
    context = active_tenant()
    rows = call(
        CLAIM,
        [
            context.org_id,
            list(context.projects),
            context.user_id,
            context.role,
            project_id,
            stage_id,
            task_id,
            limit,
            MOST_HELD,
            request_id.current.get(),
            [kind for kind, action in KINDS.items() if leaves(action, context)],
        ],
    )
    if not rows and task_id:
        raise _why_not(task_id, project_id)
    if rows:
        announce_counts(project_id)
    return [payload(frame, context) for frame in read_frames(row for (row,) in rows)]


def _why_not(task_id: UUID, project_id: UUID) -> Refusal:
    with tenant_tx(active_tenant()):
        is_there = Task.objects.filter(pk=task_id, project_id=project_id, project__deleted_at=None).exists()
    return TaskTaken() if is_there else NotFound()


def require_held(leases: Mapping[UUID, UUID]) -> None:
    """Raise LeaseExpired unless the caller still holds every task by its token."""
    held = Task.objects.filter(
        pk__in=leases, holder=active_tenant().user_id, state=TaskState.LEASED, lease_until__gt=Now()
    )
    if dict(held.values_list("pk", "lease_token")) != dict(leases):
        raise LeaseExpired
