"""From the outbox to the broker. Any number of relays may run: each takes rows that no other holds."""

from collections import defaultdict
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from apps.jobs import broker, topics
from apps.jobs.models import Job, Outbox

from .news import queue_news

BATCH = 500


def relay() -> int:
    """Send what is due and mark it sent; gives the number of rows. Raises redis' errors, and then nothing is marked."""
    with transaction.atomic():
        rows = _due()
        jobs = Job.across_tenants.in_bulk([row.job_id for row in rows if row.job_id])
        for row in rows:
            if row.job_id and row.job_id in jobs:
                broker.ring_job(jobs[row.job_id])
            elif row.actor and row.row_id:
                broker.ring_row(actor=row.actor, row_id=row.row_id, queue=row.payload["queue"])
        _bundle([row for row in rows if row.topic])
        Outbox.across_tenants.filter(pk__in=[row.pk for row in rows]).update(sent_at=Now())
    return len(rows)


@transaction.atomic
def bundle_news() -> None:
    """The part of it that needs no broker."""
    rows = _due(~Q(topic=""))
    _bundle(rows)
    Outbox.across_tenants.filter(pk__in=[row.pk for row in rows]).update(sent_at=Now())


def _due(*which: Q) -> list[Outbox]:
    due = Q(not_before=None) | Q(not_before__lte=Now())
    waiting = Outbox.across_tenants.filter(due, *which, sent_at=None).order_by("id")
    return list(waiting.select_for_update(skip_locked=True)[:BATCH])


def _bundle(rows: list[Outbox]) -> None:
    bundles: dict[tuple[str, UUID], list[Outbox]] = defaultdict(list)
    for row in rows:
        bundles[row.topic, row.org_id].append(row)
    for (topic, org_id), bundle in bundles.items():
        pieces = [{"id": row.pk, "payload": row.payload} for row in bundle]
        for subscription in topics.subscribers_of(topic):
            queue_news(kind=subscription.kind, org_id=org_id, pieces=pieces)
