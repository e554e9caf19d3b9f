"""Pass a task on to others, with a reason."""

from uuid import UUID

from django.db import transaction

from apps.core.errors import Invalid
from apps.core.tenancy import active_tenant

from .holding import hold, record
from .leases import back_to_queue

LONGEST_REASON = 500


class ReasonMissing(Invalid):
    code = "reason_missing"
    message = f"Say in 1 to {LONGEST_REASON} characters why you pass this task on."


@transaction.atomic
def skip_task(*, task_id: UUID, lease_token: UUID, reason: str) -> None:
    """Back to the queue for everybody else. Raises ReasonMissing, NotFound, LeaseExpired, LeaseLost."""
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise ReasonMissing(field="reason")
    task = hold(task_id, lease_token)
    record("task.skip", "task.skipped", task, reason=reason)
    person = active_tenant().user_id
    back_to_queue(task, skipped_by=[*task.skipped_by, person], preferred_person=None)
