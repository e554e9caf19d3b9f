"""Who holds a task, who held it, and what the others are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from apps.activity import services as activity
from apps.activity.models import ActivityEvent
from apps.core.errors import NotFound
from apps.core.tenancy import active_tenant, tenant_tx
from apps.distribution.models import Draft, Task
from apps.distribution.services.refusals import LeaseExpired, LeaseLost, call


def hold(task_id: UUID, lease_token: UUID) -> Task:
    """Lock a task that the caller holds by this token. Raises NotFound, LeaseExpired, LeaseLost."""
    with lost_if_mine(task_id):
        call("SELECT id FROM app.hold(%s, %s, %s)", [task_id, active_tenant().user_id, lease_token])
    task: Task = Task.objects.get(pk=task_id)
    return task


@contextmanager
def lost_if_mine(task_id: UUID) -> Iterator[None]:
    """A task that has gone on to another vendor cannot be seen any more; to who had it, it is lost, not unknown.

    And one that is seen by the database alone is unknown: its functions know no scoping but the policies.
    """
    context = active_tenant()
    try:
        yield
    except (NotFound, LeaseLost, LeaseExpired) as refusal:
        with tenant_tx(context):
            seen = Task.objects.filter(pk=task_id).exists()
            given = was_given(task_id)
        if not (seen or given):
            raise NotFound from None
        if isinstance(refusal, NotFound):
            raise LeaseLost from None
        raise


def was_given(task_id: UUID) -> bool:
    """Whether the caller ever had this task: its draft, or the record of a claim, outlives the lease."""
    person = active_tenant().user_id
    drafts = Draft.objects.filter(task_id=task_id, author_id=person)
    claims = ActivityEvent.objects.filter(task_id=task_id, actor_id=person, kind="task.claimed")
    return drafts.exists() or claims.exists()


def record(verb: str, kind: str, task: Task, **payload: Any) -> None:
    """One audit row and one measurement of what was done to a task."""
    activity.record_audit(verb, task, **payload)
    activity.record_activity(kind, task, stage_id=task.stage_id, task_id=task.pk, unit_id=task.unit_id, **payload)
