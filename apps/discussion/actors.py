"""What the scheduler runs for discussion, and what it hears of jobs."""

from uuid import UUID

from apps.jobs.actors import News, periodic, subscribe, visit_organizations

from . import services
from .services.endings import tell_joined, tell_upload_failed
from .services.engagements import tell_engaged

A_DAY = 24 * 3600


@periodic(every=A_DAY)
def forget_notifications() -> None:
    """Each organization's, after 90 days."""
    visit_organizations(services.forget_old)


@subscribe("upload.ingest.ended")
def tell_of_uploads(news: list[News]) -> None:
    """Files that did not come in, to who sent them."""
    for piece in news:
        if piece.payload["state"] == "failed":
            tell_upload_failed(job_id=UUID(piece.payload["job"]))


@subscribe("invitation.accepted")
def tell_of_joins(news: list[News]) -> None:
    """Who came in, to who invited them."""
    for piece in news:
        tell_joined(invited_by=UUID(piece.payload["invited_by"]), name=piece.payload["name"])


@subscribe("engagement.changed")
def tell_of_engagements(news: list[News]) -> None:
    """What one side did, to the other."""
    for piece in news:
        told = piece.payload
        tell_engaged(engagement_id=UUID(told["engagement"]), verb=told["verb"], by=UUID(told["by"]))
