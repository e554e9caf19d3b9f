"""Jobs as people see them."""

from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.utils import timezone

from apps.core.errors import NotFound

from .models import TOPIC_KIND, Job, JobState


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: pieces done, of how many, how many a second, and the seconds left."""

    done: int
    total: int | None
    rate: float | None
    eta_s: int | None


def jobs_seen() -> "models.QuerySet[Job]":
    """The jobs that the acting organization may see, less those by which apps tell each other news."""
    return Job.objects.exclude(kind__startswith=TOPIC_KIND)


def job_seen(job_id: UUID) -> Job:
    """One of them. Raises NotFound."""
    job: Job | None = jobs_seen().filter(pk=job_id).first()
    if job is None:
        raise NotFound
    return job


def progress_of(job: Job) -> Progress:
    """The figures, by the time since the first run began."""
    rate = eta = None
    if job.started_at and job.done:
        until = job.finished_at or timezone.now()
        rate = round(job.done / max((until - job.started_at).total_seconds(), 0.001), 3)
    if rate and job.total is not None and job.state == JobState.RUNNING:
        eta = round(max(job.total - job.done, 0) / rate)
    return Progress(done=job.done, total=job.total, rate=rate, eta_s=eta)
