"""An organization's own name and calendar."""

from typing import Any
from zoneinfo import available_timezones

from django.db import transaction

from apps.accounts.models import Organization
from apps.activity.services import record_audit
from apps.core.errors import Invalid
from apps.core.etags import etag_of, require_current
from apps.core.tenancy import active_tenant
from apps.core.text import clean_name


class InvalidTimezone(Invalid):
    code = "invalid_timezone"
    message = "Give a time zone by its name, as Europe/Berlin or UTC."


@transaction.atomic
def edit_organization(*, seen: str | None, name: str | None = None, timezone: str | None = None) -> Organization:
    """The acting one; its slug, which is in every address, stays. Raises PreconditionFailed, InvalidName,
    InvalidTimezone."""
    row = Organization.objects.select_for_update().get(pk=active_tenant().org_id)
    before = organization_state(row)
    require_current(seen, etag_of(before))
    if name is not None:
        row.name = clean_name(name)
    if timezone is not None:
        if timezone not in available_timezones():
            raise InvalidTimezone(field="timezone")
        row.timezone = timezone
    row.save(update_fields=["name", "timezone"])
    after = organization_state(row)
    record_audit("organization.edit", row, before=before, after=after, was=before, now=after)
    return row


def organization_state(row: Organization) -> dict[str, Any]:
    """What people edit of it: the base of its ETag and of audit digests."""
    return {"id": str(row.pk), "name": row.name, "timezone": row.timezone}
