"""Take a request back."""

from django.db import transaction
from django.utils import timezone

from apps.activity import services as activity
from apps.jobs.models import Job, JobState

from .telling import tell_ended


@transaction.atomic
def cancel(*, job: Job) -> Job:
    """Stop a job wherever it is; a run in progress notices within seconds and writes nothing more.

    Raises TransitionRefused when it has ended.
    """
    before = job.state
    withdraw(job=job)
    activity.record_audit("job.cancel", job, before=before, after=job.state)
    return job


@transaction.atomic
def withdraw(*, job: Job) -> None:
    """The same as a part of an act that has its own audit row. Raises TransitionRefused when it has ended."""
    job.move_to(JobState.CANCELLED, run_token=None, finished_at=timezone.now())
    tell_ended(job)
