"""Audit rows as the acting organization sees them: its own, and what its people did in projects shared with it."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from apps.accounts.models import Engagement
from apps.activity.models import AuditEvent, AuditSeal
from apps.core.errors import InvalidPage
from apps.core.tenancy import active_tenant
from apps.projects.models import Project

A_SECOND = 1_000_000
BEGINNING = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of audit rows is asked for; empty means all. `since` belongs to it, `until` does not."""

    person: UUID | None = None
    organization: UUID | None = None
    verb: str = ""
    object_type: str = ""
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


def audit_rows(asked: Asked) -> "QuerySet[AuditEvent]":
    """Newest first, each with `seq`, its place in its owner's chain, or None while it waits for its seal."""
    rows = AuditEvent.objects.all()
    wanted: dict[str, Any] = {
        "actor_id": asked.person,
        "worker_org_id": asked.organization,
        "object_type": asked.object_type,
        "at__gte": asked.since,
        "at__lt": asked.until,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if asked.verb:
        # `membership` finds all that was done to members, `membership.edit` that one verb.
        rows = rows.filter(Q(verb=asked.verb) | Q(verb__startswith=f"{asked.verb}."))
    seal = AuditSeal.objects.filter(event_id=OuterRef("pk")).values("seq")[:1]
    found: QuerySet[AuditEvent] = rows.annotate(seq=Subquery(seal)).order_by("-at", "-id")
    return found


def page_of_audit(asked: Asked, cursor: str, limit: int) -> tuple[list[AuditEvent], str | None]:
    """The next rows and the cursor after them. Raises InvalidPage.

    A cursor is a time and how many rows of that time were shown: ids would tell how much others do.
    """
    rows, skipped = audit_rows(asked), 0
    if cursor:
        before, skipped = _read(cursor)
        rows = rows.filter(at__lte=before)
    found = list(rows[skipped : skipped + limit + 1])
    if len(found) <= limit:
        return found, None
    last = found[limit - 1].at
    same = sum(row.at == last for row in found[:limit])
    return found[:limit], _write(last, same + (skipped if cursor and last == before else 0))


def sealed_after(*, after: int, limit: int) -> list[tuple[int, AuditEvent]]:
    """The own chain from a place on: whoever asks again with the last number misses nothing that commits late."""
    org_id = active_tenant().org_id
    return _numbered(AuditSeal.objects.filter(org_id=org_id, seq__gt=after), limit, None)


def sealed_in_project(project: Project, *, after: int, limit: int) -> list[tuple[int, AuditEvent]]:
    """A project's part of the chain. Who works there for its owner has numbers of its own acts alone."""
    context = active_tenant()
    seals = AuditSeal.objects.filter(org_id=project.org_id, project_id=project.pk)
    if project.org_id == context.org_id:
        return _numbered(seals.filter(seq__gt=after), limit, None)
    own = seals.filter(worker_org_id=context.org_id)
    return _numbered(own, limit, after)


def vendors() -> list[UUID]:
    """Who works, or worked, for the acting organization."""
    engaged = Engagement.objects.filter(org_id=active_tenant().org_id, vendor__isnull=False)
    return list(engaged.values_list("vendor_id", flat=True).distinct())


def _numbered(seals: "QuerySet[AuditSeal]", limit: int, skipped: int | None) -> list[tuple[int, AuditEvent]]:
    first = skipped or 0
    while found := list(seals.order_by("seq")[first : first + limit]):
        events = AuditEvent.objects.in_bulk([seal.event_id for seal in found])
        numbers = (seal.seq if skipped is None else first + place for place, seal in enumerate(found, start=1))
        pairs = zip(numbers, found, strict=True)
        # A seal whose row was removed is for verify_audit to tell; who reads on must not stop before a page of them.
        if rows := [(number, events[seal.event_id]) for number, seal in pairs if seal.event_id in events]:
            return rows
        first += limit
    return []


def _write(at: datetime.datetime, shown: int) -> str:
    return f"{round((at - BEGINNING).total_seconds() * A_SECOND)}-{shown}"


def _read(cursor: str) -> tuple[datetime.datetime, int]:
    at, _, shown = cursor.partition("-")
    try:
        if not (at.isascii() and at.isdigit() and shown.isascii() and shown.isdigit() and len(shown) < 7):
            raise ValueError(cursor)
        return BEGINNING + datetime.timedelta(microseconds=int(at)), int(shown)
    except (ValueError, OverflowError) as error:
        raise InvalidPage(field="cursor") from error
