"""Tell people: a row for each, and a hint to the pages that they have open."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.activity import hints
from apps.core.errors import NotFound
from apps.core.tenancy import acting_person, active_tenant
from apps.discussion.models import Notification, NotificationKind
from apps.discussion.selectors import notifications_of

KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told. `page` is the name of an address and `route` its arguments, less the organization."""

    kind: NotificationKind
    org_id: UUID
    page: str
    route: dict[str, Any] = field(default_factory=dict)
    project_id: UUID | None = None
    worker_org_id: UUID | None = None
    actor_id: UUID | None = None
    about: str = ""
    text: str = ""


def notify(notice: Notice, recipients: Iterable[tuple[UUID, UUID]]) -> None:
    """Tell each (person, organization for which they act) once; in the caller's transaction.

    No audit row: it follows from what has one.
    """
    told = dict(recipients)
    if not told:
        return
    now = timezone.now()
    Notification.objects.bulk_create(
        Notification(
            org_id=notice.org_id,
            project_id=notice.project_id,
            worker_org_id=notice.worker_org_id,
            recipient_org_id=org_id,
            person_id=person,
            kind=notice.kind,
            actor_id=notice.actor_id,
            about=notice.about,
            text=notice.text,
            page=notice.page,
            route={name: str(value) for name, value in notice.route.items()},
            at=now,
        )
        for person, org_id in told.items()
    )
    for person in told:
        _ring(person)


def mark_read(notification_id: UUID) -> Notification:
    """One of the caller's own; raises NotFound. Like all of reading, it leaves no audit row."""
    row: Notification | None = notifications_of().filter(pk=notification_id).first()
    if row is None:
        raise NotFound
    if row.read_at is None:
        row.read_at = timezone.now()
        row.save(update_fields=["read_at"])
        _ring(acting_person())
    return row


def mark_all_read(until: UUID | None = None) -> None:
    """All of the caller's in this organization, or those up to one that was the newest when they looked."""
    rows = notifications_of().filter(read_at=None)
    if until:
        rows = rows.filter(pk__lte=until)
    if rows.update(read_at=timezone.now()):
        _ring(acting_person())


def forget_old() -> None:
    """Those of the acting organization that are older than 90 days."""
    Notification.objects.filter(org_id=active_tenant().org_id, at__lt=timezone.now() - KEPT).delete()


def _ring(person: UUID) -> None:
    transaction.on_commit(lambda: hints.send(f"person:{person}", None), robust=True)
