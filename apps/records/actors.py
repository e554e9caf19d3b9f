"""The work of records, and what is done again and again."""

from typing import Any

from apps.jobs.actors import RunningJob, actor, minutes, periodic

from . import services
from .services.own_data import KIND
from .services.retention import forget_past

periodic(every=30)(services.sweep_erasures)
periodic(every=3600)(forget_past)


@actor(kind=KIND, time_limit=minutes(60))
def write_own_data(job: RunningJob) -> dict[str, Any]:
    """One person's file."""
    return services.write_own_data(job=job)
