"""The chain of audit rows: each organization's rows one after another, each seal holding the one before it.

A row's canonical bytes are JSON of format 1: keys in order, no spaces, UTF-8, times in UTC to the microsecond, digests
as hex. A seal is `sha256(previous ‖ seq as 8 bytes, big end first ‖ canonical bytes)`; before the first stand 32 zeros.
The order is that of sealing, not of ids: what commits late comes later in the chain, and breaks nothing.
"""

import datetime
import hashlib
import json
from collections.abc import Iterator
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.core.tenancy import active_tenant

from .models import AuditEvent, AuditSeal

FORMAT = 1
NOTHING = bytes(32)
AT_ONCE = 30_000
# One list for each column: a third of the time that as many rows of VALUES take.
WRITE = """
INSERT INTO audit_seal (event_id, org_id, worker_org_id, project_id, seq, previous, hash, sealed_at)
SELECT *, %s FROM unnest(%s::bigint[], %s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::bytea[], %s::bytea[])
"""
# No transaction of ours is open for longer, so a row that is older than the newest by more was not written by us.
LATEST_COMMIT = datetime.timedelta(hours=1)


def seal() -> int:
    """Chain what the acting organization's audit has and the chain has not; gives how many. Only a worker may."""
    org_id = active_tenant().org_id
    _wait_for_turn(org_id)
    last = AuditSeal.objects.filter(org_id=org_id).order_by("-seq").first()
    seals = list(_chained(unsealed(org_id, last).order_by("id")[:AT_ONCE], last))
    if seals:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [timezone.now(), *map(list, zip(*seals, strict=True))])
    return len(seals)


def unsealed(org_id: UUID, last: AuditSeal | None) -> "QuerySet[AuditEvent]":
    """Rows that wait for their seal: newer ones, and those that committed after a newer one was sealed."""
    rows = AuditEvent.objects.filter(org_id=org_id)
    if last is None:
        return rows
    newest = AuditSeal.objects.filter(org_id=org_id).aggregate(newest=Max("event_id"))["newest"]
    waiting = rows.filter(Q(id__gt=newest) | Q(at__gte=last.sealed_at - LATEST_COMMIT))
    return waiting.exclude(Exists(AuditSeal.objects.filter(event_id=OuterRef("pk"))))


def hash_of(event: AuditEvent, *, seq: int, previous: bytes) -> bytes:
    """The seal of a row at its place."""
    return hashlib.sha256(previous + seq.to_bytes(8, "big") + canonical(event)).digest()


def canonical(event: AuditEvent) -> bytes:
    """What of a row is sealed: all of it."""
    said = {
        "format": FORMAT,
        "id": event.pk,
        "org": str(event.org_id),
        "worker_org": _text(event.worker_org_id),
        "project": _text(event.project_id),
        "actor": _text(event.actor_id),
        "verb": event.verb,
        "object_type": event.object_type,
        "object": _text(event.object_id),
        "before": _hex(event.before),
        "after": _hex(event.after),
        "details": event.details,
        "request_id": event.request_id,
        "at": event.at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _chained(events: "QuerySet[AuditEvent]", last: AuditSeal | None) -> Iterator[tuple[object, ...]]:
    """A tuple for each row, as WRITE takes them."""
    seq, previous = (last.seq, bytes(last.hash)) if last else (0, NOTHING)
    for event in events:
        seq += 1
        made = hash_of(event, seq=seq, previous=previous)
        yield event.pk, event.org_id, event.worker_org_id, event.project_id, seq, previous, made
        previous = made


def _wait_for_turn(org_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"audit_seal:{org_id}"])


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None


def _hex(digest: bytes | memoryview | None) -> str | None:
    return bytes(digest).hex() if digest is not None else None
