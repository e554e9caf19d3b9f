"""Pass a task on, with a reason: to others, to oneself for later, or to a manager who decides."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.tenancy import active_tenant
from apps.distribution.models import NEVER, Task, TaskState
from apps.pipelines.settings import SKIP_MODES

from .counts import announce_counts
from .holding import hold, record
from .leases import back_to_queue
from .taking_back import NOBODYS_YET

LONGEST_REASON = 500
LATER = timedelta(hours=24)


class ReasonMissing(Invalid):
    code = "reason_missing"
    message = f"Say in 1 to {LONGEST_REASON} characters why you pass this task on."


class ModeNotAllowed(Invalid):
    code = "skip_mode_not_allowed"
    message = "This stage does not let you pass tasks on this way."


@transaction.atomic
def skip_task(*, task_id: UUID, lease_token: UUID, reason: str, mode: str = "others") -> None:
    """Back to the queue for everybody else, kept for the caller to come last, or laid before a manager.

    Raises ReasonMissing, ModeNotAllowed (naming what the stage allows), NotFound, LeaseExpired, LeaseLost.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise ReasonMissing(field="reason")
    task = hold(task_id, lease_token)
    allowed = task.stage.settings.get("skip", SKIP_MODES)
    if mode not in allowed:
        raise ModeNotAllowed(_said(allowed), field="mode", allowed=list(allowed))
    record("task.skip", "task.skipped", task, reason=reason, mode=mode)
    if mode == "manager":
        # Its holder stays known: a manager of the same organization decides, and the person sees what became of it.
        task.move_to(TaskState.SKIPPED, skip_reason=reason, lease_token=None, lease_until=None, **NOBODYS_YET)
        announce_counts(task.project_id)
    else:
        back_to_queue(task, **(_for_later(task, reason) if mode == "later" else _for_others(task)))


def _for_others(task: Task) -> dict[str, Any]:
    return NOBODYS_YET | {"skipped_by": [*task.skipped_by, active_tenant().user_id]}


def _for_later(task: Task, reason: str) -> dict[str, Any]:
    """By the clock of the database; what a manager gave to the person stays theirs."""
    person = active_tenant().user_id
    is_given = task.assigned_by is not None and task.preferred_person == person
    until = NEVER if is_given else Now() + LATER
    return {"preferred_person": person, "preferred_until": until, "postponed": True, "skip_reason": reason}


def _said(allowed: list[str]) -> str:
    if not allowed:
        return _("This stage lets nobody pass a task on. Do it, or give it back.")
    words = {
        "others": _("to others"),
        "later": _("back to you later"),
        "manager": _("to a manager"),
    }
    ways = ", ".join(words[mode] for mode in allowed)
    return _("Tasks of this stage can be passed on %(ways)s. Choose that.") % {"ways": ways}
