"""What a vendor's people hold when an engagement ends or shares less: their leases end, and the sweep hands them on."""

from uuid import UUID

from django.utils import timezone

from apps.accounts.models import Engagement, EngagementState
from apps.distribution.models import Task, TaskState


def end_leases(*, engagement_id: UUID) -> None:
    """Called in the customer's context. Drafts stay with who made them; the audit row is the engagement's."""
    row: Engagement = Engagement.objects.get(pk=engagement_id)
    if row.vendor_id is None or row.state == EngagementState.OFFERED:
        return
    live = Engagement.objects.filter(
        vendor_id=row.vendor_id, project_id=row.project_id, state=EngagementState.ACTIVE
    ).first()
    held = Task.objects.filter(
        org_id=row.org_id, project_id=row.project_id, worker_org_id=row.vendor_id, state=TaskState.LEASED
    )
    if live and not live.stages:
        return
    if live:
        held = held.exclude(stage__key__in=live.stages)
    held.update(lease_until=timezone.now())
