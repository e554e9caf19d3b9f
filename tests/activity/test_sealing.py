"""The audit's chain: what goes in, when, and how each kind of tampering is found."""

import datetime
import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from apps.activity import sealing
from apps.activity.models import AuditEvent, AuditSeal
from apps.activity.services import record_audit
from apps.activity.verifying import Head, Verified, verify
from apps.core.tenancy import owner_context, tenant_tx
from apps.jobs import sweeps
from apps.jobs.periodic import table
from apps.jobs.services import upkeep
from tests.conftest import as_worker
from tests.people import World, make_world


def act(world: World, number: int = 1) -> None:
    """Somebody does something, a few times."""
    with tenant_tx(world.noor.context):
        for one in range(number):
            record_audit("project.edit", world.project, before=one, after={"name": f"é {one}"}, count=one, part=0.5)


def sealed() -> None:
    """The scheduler's turn."""
    with as_worker():
        upkeep.seal_audit()


def judged(world: World, former: Head | None = None) -> Verified:
    with tenant_tx(owner_context(world.parking.id)):
        return verify(former)


def tamper(statement: str, *values: Any) -> None:
    """As somebody who has the owner's rights over the tables, past all policies."""
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        for word in ("NO FORCE", "FORCE"):
            for name in ("audit_event", "audit_seal"):
                cursor.execute(f"ALTER TABLE {name} {word} ROW LEVEL SECURITY")
            if word == "NO FORCE":
                cursor.execute(statement, values)


@pytest.fixture
def committed(transactional_db: None) -> World:
    """A world that other connections see."""
    return make_world()


def test_rows_are_sealed_within_a_minute_in_one_chain_for_each_organization(world: World) -> None:
    sweeps.install()
    assert {line.name: line.every for line in table()}["jobs.seal_audit"] < 60
    act(world, 3)
    sealed()
    with tenant_tx(world.noor.context):
        seals = list(AuditSeal.objects.order_by("seq"))
    assert [one.seq for one in seals] == [1, 2, 3]
    assert bytes(seals[0].previous) == sealing.NOTHING
    assert [bytes(one.previous) for one in seals[1:]] == [bytes(one.hash) for one in seals[:-1]]
    found = judged(world)
    assert (found.sealed, found.waiting, found.finding) == (3, 0, None)
    assert found.head == Head(3, bytes(seals[2].hash).hex())


def test_the_canonical_bytes_are_as_documented(world: World) -> None:
    event = AuditEvent(
        id=7, org_id=world.parking.id, verb="project.edit", object_type="project", details={"b": 1, "a": "é"},
        after=b"\xff", at=datetime.datetime(2026, 11, 21, 9, 0, tzinfo=datetime.UTC),
    )  # fmt: skip
    assert sealing.canonical(event).decode() == (
        '{"actor":null,"after":"ff","at":"2026-11-21T09:00:00.000000+00:00","before":null,"details":{"a":"é","b":1},'
        f'"format":1,"id":7,"object":null,"object_type":"project","org":"{world.parking.id}","project":null,'
        '"request_id":"","verb":"project.edit","worker_org":null}'
    )


def test_a_second_turn_goes_on_where_the_first_stopped(world: World) -> None:
    act(world, 2)
    sealed()
    act(world)
    assert judged(world).waiting == 1
    sealed()
    sealed()
    assert judged(world).sealed == 3


def test_pages_and_requests_cannot_write_seals(world: World) -> None:
    act(world)
    for statement in (
        "INSERT INTO audit_seal (event_id, org_id, seq, previous, hash, sealed_at) VALUES (1, %s, 1, '', '', now())",
        "UPDATE audit_seal SET seq = 9 WHERE org_id = %s",
        "DELETE FROM audit_seal WHERE org_id = %s",
    ):
        refused = pytest.raises(DatabaseError, match="permission denied")
        with tenant_tx(world.noor.context), refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [world.parking.id])
    with tenant_tx(world.noor.context), as_worker():
        refused = pytest.raises(DatabaseError, match="permission denied")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE audit_seal SET seq = 9")


OWNER = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
CHANGES = (
    ("UPDATE audit_event SET verb = 'project.delete' WHERE id = %s", "changed"),
    ("UPDATE audit_event SET actor_id = gen_random_uuid() WHERE id = %s", "changed"),
    ("UPDATE audit_event SET details = '{}' WHERE id = %s", "changed"),
    ("UPDATE audit_event SET at = at - interval '1 second' WHERE id = %s", "changed"),
    ("UPDATE audit_event SET after = NULL WHERE id = %s", "changed"),
    ("UPDATE audit_event SET project_id = NULL WHERE id = %s", "changed"),
    ("UPDATE audit_seal SET worker_org_id = gen_random_uuid() WHERE event_id = %s", "changed"),
    ("UPDATE audit_seal SET project_id = NULL WHERE event_id = %s", "changed"),
    ("DELETE FROM audit_event WHERE id = %s", "missing"),
)


@pytest.mark.parametrize(("statement", "kind"), CHANGES)
@OWNER
def test_a_row_that_was_changed_or_removed_is_named(committed: World, statement: str, kind: str) -> None:
    act(committed, 5)
    sealed()
    with tenant_tx(committed.noor.context):
        victim = AuditSeal.objects.get(seq=3).event_id
    tamper(statement, victim)
    finding = judged(committed).finding
    assert finding
    assert (finding.kind, finding.seq, finding.event) == (kind, 3, victim)


@OWNER
def test_a_row_removed_with_its_seal_is_missed(committed: World) -> None:
    act(committed, 5)
    sealed()
    with tenant_tx(committed.noor.context):
        victim = AuditSeal.objects.get(seq=3).event_id
    tamper("DELETE FROM audit_event WHERE id = %s", victim)
    tamper("DELETE FROM audit_seal WHERE event_id = %s", victim)
    finding = judged(committed).finding
    assert finding
    assert (finding.kind, finding.seq) == ("missing", 3)


@pytest.mark.parametrize("resealed", [False, True])
@OWNER
def test_a_row_put_in_among_older_ones_is_named(committed: World, resealed: bool) -> None:  # noqa: FBT001 - a case
    act(committed, 3)
    sealed()
    tamper(
        "INSERT INTO audit_event (org_id, verb, object_type, details, request_id, at)"
        " VALUES (%s, 'project.edit', 'project', '{}', '', now() - interval '2 days')",
        committed.parking.id,
    )
    if resealed:
        sealed()
    else:
        tamper("UPDATE audit_event SET id = -5 WHERE at < now() - interval '1 day'")
    finding = judged(committed).finding
    assert finding
    assert finding.kind == "inserted"


@OWNER
def test_an_end_that_was_cut_off_is_found_by_a_head_kept_outside(committed: World) -> None:
    act(committed, 4)
    sealed()
    head = judged(committed).head
    assert head
    assert judged(committed, head).finding is None
    tamper("DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_seal WHERE seq > 2)")
    tamper("DELETE FROM audit_seal WHERE seq > 2")
    assert judged(committed).finding is None
    found = judged(committed, head).finding
    assert found
    assert (found.kind, found.seq) == ("missing", 4)


@OWNER
def test_a_chain_that_was_sealed_anew_is_found_by_a_head_kept_outside(committed: World) -> None:
    act(committed, 4)
    sealed()
    head = judged(committed).head
    tamper("UPDATE audit_event SET verb = 'other' WHERE id = (SELECT event_id FROM audit_seal WHERE seq = 2)")
    tamper("DELETE FROM audit_seal")
    sealed()
    assert judged(committed).finding is None
    found = judged(committed, head).finding
    assert found
    assert found.kind == "changed"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_what_commits_late_comes_later_in_the_chain_and_breaks_nothing() -> None:
    world = make_world()
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with tenant_tx(world.noor.context):
            record_audit("project.edit", world.project, count=0)
            written.set()
            go_on.wait(10)
        connections["default"].close()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(5)
    act(world, 2)
    sealed()
    go_on.set()
    thread.join(5)
    assert judged(world).waiting == 1
    sealed()
    with tenant_tx(world.noor.context):
        ids = list(AuditSeal.objects.order_by("seq").values_list("event_id", flat=True))
    assert ids.index(min(ids)) == 2
    assert judged(world) == Verified(3, 0, judged(world).head, None)


def test_two_sealers_take_turns(world: World) -> None:
    act(world, 2)
    with as_worker(), tenant_tx(owner_context(world.parking.id)):
        assert (sealing.seal(), sealing.seal()) == (2, 0)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_second_sealer_waits_until_the_first_has_committed() -> None:
    world = make_world()
    act(world, 2)

    def second() -> None:
        sealed()
        connections["default"].close()

    thread = threading.Thread(target=second)
    with as_worker(), tenant_tx(owner_context(world.parking.id)):
        assert sealing.seal() == 2
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)
    found = judged(world)
    assert (found.sealed, found.waiting, found.finding) == (2, 0, None)


def test_a_vendor_sees_the_seals_of_its_own_acts_alone(world: World) -> None:
    act(world, 2)
    with tenant_tx(world.max.context):
        record_audit("thread.open", world.project)
    sealed()
    with tenant_tx(world.max.context):
        assert AuditSeal.objects.count() == AuditEvent.objects.count() == 1
    with tenant_tx(world.eve.context):
        assert not AuditSeal.objects.exists()
