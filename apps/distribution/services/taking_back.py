"""End leases that somebody else holds: the task is ready again, the draft stays, the holder is told."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from apps.core.errors import Refusal
from apps.distribution.models import Task, TaskState

from .holding import record
from .leases import back_to_queue, tell_holder

NOBODYS_YET = {"preferred_person": None, "assigned_by": None, "assigned_org_id": None, "postponed": False}
"""What makes a ready task anybody's again."""


class NotHeld(Refusal):
    code = "not_held"
    message = "Nobody holds this task now: it was handed in, given back, or its time ran out."


@transaction.atomic
def release_held(*, task: Task) -> None:
    """A manager ends somebody's lease; the task is anybody's then. Raises NotHeld."""
    held = list(Task.objects.select_for_update(of=("self",)).filter(pk=task.pk, state=TaskState.LEASED))
    if not held:
        raise NotHeld
    take_back(held)


def take_back(tasks: Iterable[Task]) -> None:
    """Leased tasks, under lock, return to the queue for all; each holder is told."""
    for task in tasks:
        holder, worker_org = str(task.holder), str(task.worker_org_id)
        tell_holder(task, {"type": "lease.lost"})
        record("task.take_back", "task.taken_back", task, holder=holder, worker_org=worker_org)
        back_to_queue(task, **NOBODYS_YET)


@transaction.atomic
def take_back_from(*, user_id: UUID, org_id: UUID, owners: Iterable[UUID], skills: Iterable[str] | None = None) -> None:
    """All that a person of an organization holds or was given of these owners' tasks; `skills` narrows it."""
    mine = Task.objects.filter(org_id__in=list(owners))
    if skills is not None:
        mine = mine.filter(required_skill__in=list(skills))
    held = mine.filter(holder=user_id, state=TaskState.LEASED, worker_org_id=org_id)
    take_back(held.select_for_update(of=("self",)).order_by("pk"))
    given = mine.filter(preferred_person=user_id, state=TaskState.READY, assigned_org_id=org_id)
    given.update(**NOBODYS_YET)
