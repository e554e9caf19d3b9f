"""The work of exports."""

from typing import Any
from uuid import UUID

from apps.jobs.actors import News, RunningJob, actor, minutes, subscribe

from . import services
from .services.exports import KIND


@actor(kind=KIND, time_limit=minutes(60))
def write_export(job: RunningJob) -> dict[str, Any]:
    """One export's file."""
    return services.write_export(job=job)


@subscribe(f"{KIND}.ended")
def tell_of_exports(news: list[News]) -> None:
    """Those that failed, to who asked for them."""
    for piece in news:
        if piece.payload["state"] == "failed":
            services.tell_failed(job_id=UUID(piece.payload["job"]))
