import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from apps.activity.models import Feed, FeedHead, IdempotencyKey
from apps.activity.services import publish
from apps.core.tenancy import active_tenant, tenant_tx
from apps.jobs import sweeps
from apps.jobs.actors import periodic, visit_organizations
from apps.jobs.management.commands.schedule import Clock
from apps.jobs.models import Job, JobState, Outbox
from apps.jobs.patience import Patience
from apps.jobs.periodic import Periodic, table
from apps.jobs.services import request, upkeep
from tests.conftest import as_worker
from tests.people import World


def test_the_table_holds_what_the_apps_registered_and_the_sweeps_of_jobs() -> None:
    sweeps.install()

    @periodic(every=5)
    def expire_things() -> None: ...

    names = {line.name: line.every for line in table()}
    assert names["jobs.reap"] == 5
    assert {"jobs.resend_after_wipe", "jobs.forget_old", "jobs.make_partitions"} <= set(names)
    assert any(name.endswith("expire_things") for name in names)


def test_every_organization_is_visited_in_its_own_context(world: World) -> None:
    visited = set()
    with as_worker():
        visit_organizations(lambda: visited.add(active_tenant().org_id))
    assert visited == {world.parking.id, world.meadow.id, world.elsewhere.id}


def test_what_fails_in_one_organization_keeps_no_other_waiting(world: World, caplog: pytest.LogCaptureFixture) -> None:
    visited, later = set(), set()

    def break_at_parking() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / %s", [int(active_tenant().org_id != world.parking.id)])
        visited.add(active_tenant().org_id)

    with as_worker():
        visit_organizations(break_at_parking, lambda: later.add(active_tenant().org_id))
    assert visited == {world.meadow.id, world.elsewhere.id}
    assert later == visited | {world.parking.id}
    assert f"break_at_parking failed for organization {world.parking.id}" in caplog.text


def test_what_is_older_than_a_day_is_forgotten_and_the_count_goes_on(world: World) -> None:
    yesterday = timezone.now() - timedelta(hours=25)
    with tenant_tx(world.noor.context):
        for _ in range(2):
            publish("item:1", {"type": "told"}, org_id=world.parking.id, project_id=world.project.id)
        Feed.objects.filter(seq=1).update(at=yesterday)
        for key, at in (("old", yesterday), ("new", timezone.now())):
            IdempotencyKey.objects.create(
                org_id=world.parking.id,
                user_id=world.noor.id,
                method="POST",
                path="/",
                key=key,
                body_digest=b"",
                status=201,
                answer=b"",
                media_type="",
                at=at,
            )
    with as_worker():
        upkeep.forget_old()
    with tenant_tx(world.noor.context):
        assert list(Feed.objects.values_list("seq", flat=True)) == [2]
        assert FeedHead.objects.get().seq == 2
        assert [one.key for one in IdempotencyKey.objects.all()] == ["new"]


def test_sent_rows_and_told_news_are_forgotten_but_not_peoples_jobs(world: World) -> None:
    with tenant_tx(world.noor.context):
        request(kind="count", input={})
        request(kind="topic:a:b", input={})
        request(kind="count", input={"still": "queued"})
    long_ago = timezone.now() - timedelta(hours=2)
    with as_worker():
        ended = Job.across_tenants.filter(input={})
        ended.update(state=JobState.DONE, finished_at=long_ago)
        Outbox.across_tenants.filter(job_id__in=[job.pk for job in ended]).update(sent_at=long_ago)
        upkeep.forget_old()
        assert sorted(Job.across_tenants.values_list("kind", flat=True)) == ["count", "count"]
        assert Outbox.across_tenants.count() == 1


def test_partitions_are_made_ahead_and_making_them_again_is_harmless(db: None) -> None:
    with as_worker():
        upkeep.make_partitions()
        upkeep.make_partitions()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'activity_event'::regclass")
        assert cursor.fetchone()[0] >= 3


def test_a_slow_line_is_not_started_twice_and_holds_up_no_other() -> None:
    begun: list[str] = []
    go_on, ran = threading.Event(), threading.Event()

    def slow() -> None:
        begun.append("slow")
        go_on.wait(5)

    with ThreadPoolExecutor(2) as pool:
        clock = Clock(pool, [Periodic("slow", 0.0, slow), Periodic("quick", 0.0, ran.set)])
        for _ in range(3):
            clock.start_due()
        assert ran.wait(5)
        assert begun == ["slow"]
        go_on.set()


def test_a_line_that_fails_is_started_again(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    def fails() -> None:
        calls.append(1)
        raise KeyError

    for _ in range(2):
        with ThreadPoolExecutor(1) as pool:
            Clock(pool, [Periodic("fails", 0.0, fails)]).start_due()
    assert len(calls) == 2
    assert "fails failed" in caplog.text


def test_a_server_that_is_away_is_waited_for_and_named_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    patience = Patience("relay")
    answers: list[Any] = [OperationalError("refused"), OperationalError("refused"), None]
    monkeypatch.setattr(patience.stopped, "wait", lambda seconds: None)
    monkeypatch.setattr(connection, "close", lambda: None)

    def step() -> None:
        answer = answers.pop(0)
        if not answers:
            patience.stopped.set()
        if answer:
            raise answer

    patience.keep(step)
    assert caplog.text.count("does not answer") == 1
    assert "the server is back" in caplog.text
