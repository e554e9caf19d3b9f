"""The jobs of this app."""

from typing import Any
from uuid import UUID

from apps.jobs.actors import News, RunningJob, actor, minutes, subscribe

from . import services


@actor(kind="upload.ingest", time_limit=minutes(120))
def ingest_upload(job: RunningJob) -> dict[str, Any]:
    """Make items of an upload's files; each is decoded in a limited child of the service's own."""
    return services.ingest_upload(upload_id=UUID(job.input["upload"]), context=job.context, progress=job.progress)


@subscribe("upload.ingest.ended")
def close_uploads(news: list[News]) -> None:
    """A job that was cancelled or failed leaves no entry waiting for ever."""
    for piece in news:
        ended = piece.payload
        services.close_upload(upload_id=UUID(ended["input"]["upload"]), code=ended["code"], message=ended["message"])


@actor(kind="item.derive", time_limit=minutes(10))
def derive_item(job: RunningJob) -> None:
    """Make an item's derived files again."""
    services.derive_item(item_id=UUID(job.input["item"]), full=bool(job.input["full"]), context=job.context)
