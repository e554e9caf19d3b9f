"""What one side of an engagement did, told to those on the other side who can answer it."""

from uuid import UUID

from django.db.models import Q

from apps.accounts.engaged import is_vendor_known
from apps.accounts.models import Engagement, Organization
from apps.accounts.selectors import live_memberships
from apps.core.access import gate
from apps.core.tenancy import active_tenant, owner_context, tenant_tx
from apps.discussion.models import NotificationKind

from .notices import Notice, notify

KINDS = {
    "offer": NotificationKind.OFFERED,
    "accept": NotificationKind.ACCEPTED,
    "edit": NotificationKind.CHANGED,
    "refuse": NotificationKind.ENDED,
    "withdraw": NotificationKind.ENDED,
    "end": NotificationKind.ENDED,
}


def tell_engaged(*, engagement_id: UUID, verb: str, by: UUID) -> None:
    """Called in the customer's context; an offer that reached nobody is told to nobody."""
    row: Engagement = Engagement.objects.get(pk=engagement_id)
    if by != row.org_id:
        _tell(row, verb, action="engagement.edit")
    elif row.vendor_id:
        with tenant_tx(owner_context(row.vendor_id)):
            _tell(row, verb, action="engagement.accept")


def _tell(row: Engagement, verb: str, *, action: str) -> None:
    org_id = active_tenant().org_id
    partner = row.vendor_id if org_id == row.org_id else row.org_id
    known = Organization.objects.filter(pk=partner).first() if partner and is_vendor_known(row) else None
    notice = Notice(
        kind=KINDS[verb],
        org_id=org_id,
        about=f"{row.project_name} ({known.name if known else row.addressee})",
        page="accounts:engagement",
        route={"engagement_id": row.pk},
    )
    whole = Q(custom_role=None) | Q(custom_role__actions__contains=["engagement.list"])
    members = live_memberships().filter(whole, role__in=gate.table[action].own)
    notify(notice, [(person, org_id) for person in members.values_list("user_id", flat=True)])
