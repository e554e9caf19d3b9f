"""Engagements as each of their sides may know them."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from apps.core.errors import NotFound
from apps.core.tenancy import active_tenant

from .models import Engagement, EngagementState, Organization
from .selectors import engagements_seen


def engagement_for(engagement_id: UUID) -> Engagement:
    """One of them. Raises NotFound."""
    row: Engagement | None = engagements_seen().filter(pk=engagement_id).first()
    if row is None:
        raise NotFound
    return row


def engagement_state(row: Engagement) -> dict[str, Any]:
    """What people edit of an engagement, and where it stands: the base of its ETag and of audit digests."""
    names = ("state", "stages", "roles", "run_models", "names_shown", "starts_at", "ends_at")
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}


def is_vendor_known(row: Engagement) -> bool:
    """Whether the acting organization may know whom an offer reached: the vendor itself, or once it was accepted."""
    accepted = row.accepted_at is not None or row.state == EngagementState.ACTIVE
    return accepted or row.vendor_id == active_tenant().org_id


def organization_called(words: str) -> UUID | None:
    """Whom an offer is for. Whether there is anybody must not be told to who offers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.organization_called(%s)", [words])
        found: UUID | None = cursor.fetchone()[0]
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """Something done to an engagement; who did it is known of one's own side alone."""

    verb: str
    org_id: UUID
    actor_id: UUID | None
    details: dict[str, Any]
    at: datetime.datetime


def engagement_history(engagement_id: UUID) -> list[Past]:
    """All of it, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT verb, org_id, actor_id, details, at FROM app.engagement_history(%s)", [engagement_id])
        rows = cursor.fetchall()
    return [Past(verb, org, actor, msgspec.json.decode(details), at) for verb, org, actor, details, at in rows]


def own_zone() -> ZoneInfo:
    """The time zone of the acting organization, in which it writes days."""
    return ZoneInfo(Organization.objects.values_list("timezone", flat=True).get(pk=active_tenant().org_id))
