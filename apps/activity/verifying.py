"""Whether an organization's audit still is what was sealed: read only, in the organization's own context."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from apps.core.tenancy import active_tenant

from .models import AuditEvent, AuditSeal
from .sealing import LATEST_COMMIT, NOTHING, hash_of, unsealed

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain. Kept outside the database, it shows when the end was cut off or all was sealed anew."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong: `kind` is changed, missing or inserted; `event` and `seq` as far as known."""

    kind: str
    seq: int | None
    event: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what was found."""

    sealed: int
    waiting: int
    head: Head | None
    finding: Finding | None


def verify(former: Head | None = None) -> Verified:
    """Walk the acting organization's chain from its first row. `former` is a head that it had once."""
    org_id = active_tenant().org_id
    sealed, previous, found, reached = 0, NOTHING, None, None
    newest = None
    for seal, event in _links(org_id):
        found = _judge(seal, event, sealed + 1, previous, newest)
        if found:
            break
        assert event is not None  # noqa: S101 - `_judge` said so
        sealed, previous = seal.seq, bytes(seal.hash)
        newest = max(newest or event.at, event.at)
        if former and seal.seq == former.seq:
            reached = previous.hex()
    head = Head(sealed, previous.hex()) if sealed else None
    found = found or _unlike(former, reached) or _slipped_in(org_id)
    last = AuditSeal.objects.filter(org_id=org_id).order_by("-seq").first()
    return Verified(sealed, unsealed(org_id, last).count(), head, found)


def _links(org_id: UUID) -> Iterator[tuple[AuditSeal, AuditEvent | None]]:
    after = 0
    while page := list(AuditSeal.objects.filter(org_id=org_id, seq__gt=after).order_by("seq")[:AT_ONCE]):
        events = AuditEvent.objects.filter(org_id=org_id).in_bulk([seal.event_id for seal in page])
        yield from ((seal, events.get(seal.event_id)) for seal in page)
        after = page[-1].seq


def _judge(
    seal: AuditSeal, event: AuditEvent | None, seq: int, previous: bytes, newest: datetime.datetime | None
) -> Finding | None:
    if seal.seq != seq:
        return Finding("missing", seq, None, f"Row {seq} of the chain is gone, and its seal with it.")
    if event is None:
        return Finding("missing", seq, seal.event_id, f"Row {seq} (event {seal.event_id}) was removed.")
    if bytes(seal.previous) != previous or bytes(seal.hash) != hash_of(event, seq=seq, previous=previous):
        return Finding("changed", seq, event.pk, f"Row {seq} (event {event.pk}, {event.verb}) is not as it was sealed.")
    # By these a vendor is shown its own: they stand in no hash, for the row has them too.
    if (seal.worker_org_id, seal.project_id) != (event.worker_org_id, event.project_id):
        return Finding(
            "changed", seq, event.pk, f"The seal of row {seq} (event {event.pk}) is shown to others than it."
        )
    if newest and event.at < newest - LATEST_COMMIT:
        return Finding(
            "inserted", seq, event.pk, f"Row {seq} (event {event.pk}, {event.verb}) bears a time before its place."
        )
    return None


def _unlike(former: Head | None, reached: str | None) -> Finding | None:
    if former is None or reached == former.hash:
        return None
    if reached is None:
        return Finding("missing", former.seq, None, f"The chain once had a row {former.seq}; its end was cut off.")
    return Finding("changed", former.seq, None, f"Row {former.seq} has another seal than the one kept of it.")


def _slipped_in(org_id: UUID) -> Finding | None:
    """A row without a seal among those that have one: too old to be a late commit."""
    last = AuditSeal.objects.filter(org_id=org_id).order_by("-seq").first()
    if last is None:
        return None
    bare = AuditEvent.objects.filter(org_id=org_id).exclude(
        Exists(AuditSeal.objects.filter(org_id=org_id, event_id=OuterRef("pk")))
    )
    row = bare.exclude(pk__in=unsealed(org_id, last).values("pk")).order_by("id").first()
    if row is None:
        return None
    return Finding("inserted", None, row.pk, f"Event {row.pk} ({row.verb}) was put among sealed rows; it has no seal.")
