"""What grows without end is cut back: feeds, idempotency keys, what was sent, news that was told."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from apps.activity import sealing
from apps.activity.models import Feed, IdempotencyKey
from apps.core.tenancy import active_tenant
from apps.jobs.models import TOPIC_KIND, Job, JobState, Outbox
from apps.jobs.periodic import visit_organizations

KEPT = timedelta(hours=24)
SENT_KEPT = timedelta(hours=1)


def forget_old() -> None:
    """Remove what no reconnect, repeated request or reader asks for any more."""
    visit_organizations(_forget_told)
    now = timezone.now()
    with transaction.atomic():
        Outbox.across_tenants.filter(sent_at__lt=now - SENT_KEPT).delete()
        told = Job.across_tenants.filter(kind__startswith=TOPIC_KIND, state=JobState.DONE)
        told.filter(finished_at__lt=now - SENT_KEPT).delete()


def seal_audit() -> None:
    """Chain each organization's new audit rows."""
    visit_organizations(sealing.seal)


def make_partitions() -> None:
    """Activity's partitions of this month and the two to come."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.make_activity_partition((now() + make_interval(months => n))::date)"
            " FROM generate_series(0, 2) AS n"
        )


def _forget_told() -> None:
    """The acting organization's."""
    org_id, kept_since = active_tenant().org_id, timezone.now() - KEPT
    Feed.objects.filter(org_id=org_id, at__lt=kept_since).delete()
    IdempotencyKey.objects.filter(org_id=org_id, at__lt=kept_since).delete()
