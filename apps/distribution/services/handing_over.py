"""Give a task that somebody holds, or was given, to somebody else."""

from uuid import UUID

from django.db import transaction

from apps.distribution.models import Task, TaskState

from .assignments import assign_tasks
from .taking_back import take_back


@transaction.atomic
def hand_over(*, task: Task, person: UUID) -> None:
    """End the lease, if there is one, and keep the task for this person. Raises as `assign_tasks`."""
    take_back(Task.objects.select_for_update(of=("self",)).filter(pk=task.pk, state=TaskState.LEASED))
    assign_tasks(project=task.project, people=[person], tasks=[task.pk])
