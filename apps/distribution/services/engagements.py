"""What a vendor's people hold and were given when an engagement ends or shares less: it is for others again.

Leases end, and the sweep hands them on.
"""

from uuid import UUID

from django.db.models.functions import Now

from apps.accounts.models import Engagement, EngagementState
from apps.distribution.models import Task, TaskState

from .taking_back import NOBODYS_YET


def end_leases(*, engagement_id: UUID) -> None:
    """Called in the customer's context. Drafts stay with who made them; the audit row is the engagement's."""
    row: Engagement = Engagement.objects.get(pk=engagement_id)
    if row.vendor_id is None or row.state == EngagementState.OFFERED:
        return
    live = Engagement.objects.filter(
        vendor_id=row.vendor_id, project_id=row.project_id, state=EngagementState.ACTIVE
    ).first()
    if live and not live.stages:
        return
    work = Task.objects.filter(org_id=row.org_id, project_id=row.project_id)
    if live:
        work = work.exclude(stage__key__in=live.stages)
    work.filter(worker_org_id=row.vendor_id, state=TaskState.LEASED).update(lease_until=Now())
    given = work.filter(assigned_org_id=row.vendor_id, preferred_person__isnull=False, state=TaskState.READY)
    given.update(**NOBODYS_YET)
