"""News in jobs: a bundle for each subscriber, and half a bundle where one piece spoils the whole."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.core.tenancy import tenant_tx
from apps.jobs.models import UNFINISHED, Job, Outbox
from apps.jobs.plain import digest_of

from .runs import RunningJob, finish

Piece = dict[str, Any]


@transaction.atomic
def queue_news(*, kind: str, org_id: UUID, pieces: list[Piece]) -> None:
    """A job that tells one subscriber; in the transaction that marks the news as sent."""
    now, input_ = timezone.now(), {"news": pieces}
    job = Job(
        org_id=org_id,
        kind=kind,
        input=input_,
        input_hash=digest_of({"ids": [piece["id"] for piece in pieces]}, org_id),
        queued_at=now,
        created_at=now,
    )
    Job.across_tenants.bulk_create([job], ignore_conflicts=True)
    if Job.across_tenants.filter(pk=job.pk, state__in=UNFINISHED).exists():
        Outbox.across_tenants.create(org_id=org_id, job_id=job.pk, created_at=now)


def halve(run: RunningJob) -> bool:
    """Where a bundle fails, tell its halves apart, so that one bad piece ends alone; False where there is but one."""
    pieces = run.input.get("news", [])
    if len(pieces) < 2:
        return False
    middle = len(pieces) // 2
    with tenant_tx(run.context):
        for half in (pieces[:middle], pieces[middle:]):
            queue_news(kind=run.kind, org_id=run.org_id, pieces=half)
        finish(run, {"halved": len(pieces)})
    return True
