"""The work of exports."""

from typing import Any

from apps.jobs.actors import RunningJob, actor, minutes

from . import services
from .services.exports import KIND


@actor(kind=KIND, time_limit=minutes(60))
def write_export(job: RunningJob) -> dict[str, Any]:
    """One export's file."""
    return services.write_export(job=job)
