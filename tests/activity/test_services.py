import threading

import pytest
from django.db import DatabaseError, connection, transaction

from apps.activity import hints
from apps.activity.models import ActivityEvent, AuditEvent, Feed, FeedHead
from apps.activity.services import publish, record_activity, record_audit
from apps.core.tenancy import owner_context, tenant_tx
from tests.people import World, make_world


def tell(world: World, topic: str = "item:1", **frame: int) -> int:
    return publish(topic, {"type": "told", **frame}, org_id=world.parking.id, project_id=world.project.id)


def test_a_topics_frames_are_numbered_without_gaps(world: World) -> None:
    with tenant_tx(world.noor.context):
        assert [tell(world), tell(world), tell(world, "item:2"), tell(world)] == [1, 2, 1, 3]


def test_a_vendor_goes_on_where_the_customer_stopped(world: World) -> None:
    with tenant_tx(world.noor.context):
        tell(world)
    with tenant_tx(world.ada.context):
        assert tell(world) == 2
        assert FeedHead.objects.get().seq == 2


def test_a_stranger_reads_no_feed(world: World) -> None:
    with tenant_tx(world.noor.context):
        tell(world)
    with tenant_tx(world.eve.context), connection.cursor() as cursor:
        assert not Feed.objects.exists()
        cursor.execute("SELECT (SELECT count(*) FROM feed), (SELECT count(*) FROM feed_head)")
        assert cursor.fetchone() == (0, 0)


def test_a_vendors_own_frames_are_not_another_vendors(world: World) -> None:
    with tenant_tx(world.ada.context):
        publish("task:1", {"type": "told"}, org_id=world.parking.id, project_id=world.project.id,
                worker_org_id=world.meadow.id)  # fmt: skip
        assert Feed.objects.count() == 1
    other = owner_context(world.elsewhere.id)
    with tenant_tx(type(other)(org_id=other.org_id, projects=frozenset({world.project.id}))):
        assert not Feed.objects.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_numbers_follow_the_order_of_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    rung: list[int] = []
    monkeypatch.setattr(hints, "send", lambda topic, seq: rung.append(seq))
    started = threading.Event()
    numbers: list[int] = []

    def late() -> None:
        started.set()
        with tenant_tx(world.noor.context):
            numbers.append(tell(world))
        connection.close()

    with tenant_tx(world.noor.context):
        first = tell(world)
        thread = threading.Thread(target=late)
        thread.start()
        started.wait(5)
        thread.join(0.3)
        assert thread.is_alive(), "the second writer waits for the first to commit"
    thread.join(5)
    # Which of the two rings first, once both have committed, is nobody's promise.
    assert (first, numbers, sorted(rung)) == (1, [2], [1, 2])


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_what_is_rolled_back_is_neither_kept_nor_hinted(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    rung: list[str] = []
    monkeypatch.setattr(hints, "send", lambda topic, seq: rung.append(topic))
    with pytest.raises(KeyError), tenant_tx(world.noor.context):
        tell(world)
        raise KeyError
    with tenant_tx(world.noor.context):
        assert tell(world) == 1
    assert rung == ["item:1"]


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET verb = 'other'", "DELETE FROM audit_event"])
def test_what_was_recorded_cannot_be_changed(world: World, statement: str) -> None:
    with tenant_tx(world.noor.context):
        record_audit("project.edit", world.project, before={"name": "a"}, after={"name": "b"}, reason="test")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
        event = AuditEvent.objects.get()
    assert (event.actor_id, event.project_id, event.details) == (world.noor.id, world.project.id, {"reason": "test"})
    assert event.before != event.after


def test_activity_goes_into_a_partition_that_only_shows_it_to_its_own(world: World) -> None:
    with tenant_tx(world.noor.context), connection.cursor() as cursor:
        record_activity("project.seen", world.project, seconds=3)
        assert ActivityEvent.objects.get().payload == {"seconds": 3}
        cursor.execute("SELECT tableoid::regclass::text FROM activity_event")
        (partition,) = cursor.fetchone()
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute(f"SELECT 1 FROM {partition}")
