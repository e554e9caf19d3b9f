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
    job.move_to(JobState.CANCELLED, run_token=None, finished_at=timezone.now())
    activity.record_audit("job.cancel", job, before=before, after=job.state)
    tell_ended(job)
    return job
