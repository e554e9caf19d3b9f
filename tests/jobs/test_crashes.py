"""The crash points of research/reliability.md §4, each made to happen."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from dramatiq.brokers.redis import RedisBroker
from redis.exceptions import ConnectionError as RedisDown

from apps.activity.models import Feed
from apps.core.tenancy import tenant_tx
from apps.jobs import broker as doorbell
from apps.jobs import periodic
from apps.jobs.actors import RunLost, RunningJob, actor
from apps.jobs.models import Job, JobState, Outbox
from apps.jobs.services import cancel, reaping, relaying, request, runs
from tests.conftest import as_worker
from tests.jobs.waiting import until
from tests.people import World, make_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

Run = Callable[[], Any]


@pytest.fixture
def town() -> World:
    return make_world()


def ask(town: World, kind: str = "count", **input_: Any) -> Job:
    with tenant_tx(town.noor.context):
        return request(kind=kind, input=input_, project_id=town.project.id)


def send() -> int:
    with as_worker():
        return relaying.relay()


def reap() -> int:
    with as_worker():
        return reaping.reap()


def state_of(town: World, job: Job) -> Job:
    with tenant_tx(town.noor.context):
        return Job.objects.get(pk=job.pk)


def is_done(town: World, job: Job) -> Callable[[], bool]:
    return lambda: state_of(town, job).state == JobState.DONE


def die_in_the_middle(job: Job, attempt_ago: timedelta = timedelta(seconds=11)) -> None:
    """A worker claimed the job and was killed: only the row is left, and its heart is silent."""
    with as_worker():
        assert runs.claim(job.pk)
        Job.across_tenants.filter(pk=job.pk).update(heartbeat_at=timezone.now() - attempt_ago)


def counting() -> list[int]:
    ran: list[int] = []

    @actor(kind="count", time_limit=30)
    def count(job: RunningJob) -> dict[str, int]:
        ran.append(job.attempt)
        return {"attempt": job.attempt}

    return ran


def test_a_job_goes_from_the_outbox_through_redis_to_a_worker(town: World, worker: Run) -> None:
    ran = counting()
    job = ask(town)
    with worker():
        assert send() == 1
        until(is_done(town, job))
    assert ran == [1]
    assert send() == 0


def test_what_was_not_committed_is_never_sent(town: World, bell: RedisBroker) -> None:
    with pytest.raises(KeyError), tenant_tx(town.noor.context):
        request(kind="count", input={})
        raise KeyError
    assert send() == 0


def test_a_message_delivered_twice_is_work_done_once(town: World, worker: Run) -> None:
    ran = counting()
    job = ask(town)
    for _ in range(3):
        doorbell.ring_job(job)
    with worker():
        until(is_done(town, job))
        doorbell.ring_job(job)
        doorbell.broker().join("jobs", timeout=5000)
    assert ran == [1]


def test_a_row_stays_in_the_outbox_while_redis_is_down(
    town: World, bell: RedisBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(town)

    def refuse(*values: Any) -> None:
        raise RedisDown

    with monkeypatch.context() as patch:
        patch.setattr(doorbell, "_enqueue", refuse)
        with pytest.raises(RedisDown):
            send()
    assert send() == 1
    assert state_of(town, job).state == JobState.QUEUED


def test_two_relays_share_the_rows(town: World, bell: RedisBroker, threads_as_worker: None) -> None:
    for number in range(40):
        ask(town, n=number)
    sent: list[int] = []

    def one_relay() -> None:
        try:
            sent.append(relaying.relay())
        finally:
            connection.close()

    relays = [threading.Thread(target=one_relay) for _ in range(2)]
    for relay in relays:
        relay.start()
    for relay in relays:
        relay.join()
    assert sum(sent) == 40
    assert bell.do_qsize("jobs") == 40


def test_an_emptied_redis_loses_nothing(town: World, worker: Run, bell: RedisBroker) -> None:
    ran = counting()
    jobs = [ask(town, n=number) for number in range(20)]
    again: list[str] = []
    periodic.after_wipe(lambda: again.append("rows"))
    with as_worker():
        reaping.resend_after_wipe()
    send()
    bell.client.flushdb()
    with as_worker():
        assert reaping.resend_after_wipe()
        assert not reaping.resend_after_wipe()
    assert send() == 20
    with worker():
        until(lambda: all(is_done(town, job)() for job in jobs))
    assert (len(ran), again) == (20, ["rows", "rows"])


def test_a_lost_message_is_sent_again_and_then_less_often(town: World, bell: RedisBroker) -> None:
    job = ask(town)
    send()
    bell.client.flushdb()
    assert reap() == 0
    with as_worker():
        Job.across_tenants.filter(pk=job.pk).update(queued_at=timezone.now() - timedelta(seconds=31))
    assert reap() == 1
    assert reap() == 0, "it is in the outbox already"
    send()
    assert reap() == 0, "the second wait is longer"
    assert state_of(town, job).resends == 1


def test_work_of_a_dead_worker_is_done_by_another(town: World, worker: Run) -> None:
    ran = counting()
    job = ask(town)
    send()
    die_in_the_middle(job)
    assert reap() == 1
    with worker():
        send()
        until(is_done(town, job))
    assert ran == [2]


def test_a_live_heart_is_left_alone(town: World, bell: RedisBroker) -> None:
    job = ask(town)
    die_in_the_middle(job, timedelta(seconds=4))
    assert reap() == 0
    assert state_of(town, job).state == JobState.RUNNING


def test_a_poison_job_kills_three_workers_and_no_fourth(town: World, bell: RedisBroker) -> None:
    job = ask(town)
    for _ in range(3):
        die_in_the_middle(job)
        reap()
    job = state_of(town, job)
    assert (job.state, job.error_code, job.attempt) == (JobState.FAILED, "crashed", 3)
    with as_worker():
        assert runs.claim(job.pk) is None
    with tenant_tx(town.noor.context):
        assert Outbox.objects.filter(topic="count.ended").count() == 1


def test_a_paused_worker_cannot_write_over_its_successor(town: World, worker: Run) -> None:
    counting()
    job = ask(town)
    with as_worker():
        paused = runs.claim(job.pk)
        assert paused is not None
        Job.across_tenants.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=11))
    reap()
    with worker():
        send()
        until(is_done(town, job))
    with as_worker(), pytest.raises(RunLost), tenant_tx(paused.context):
        Feed.objects.filter(topic=f"job:{job.pk}").delete()
        paused.finish(attempt=1)
    assert state_of(town, job).result == {"attempt": 2}
    with tenant_tx(town.noor.context):
        assert Feed.objects.filter(topic=f"job:{job.pk}").exists()


def test_a_running_job_notices_that_it_was_cancelled(town: World, worker: Run) -> None:
    stopped = threading.Event()

    @actor(kind="count", time_limit=30)
    def count(job: RunningJob) -> None:
        try:
            for number in range(1000):
                job.progress(number, 1000)
                threading.Event().wait(0.05)
        except RunLost:
            stopped.set()
            raise

    job = ask(town)
    with worker():
        send()
        until(lambda: state_of(town, job).done > 0)
        with tenant_tx(town.noor.context):
            cancel(job=Job.objects.get(pk=job.pk))
        assert stopped.wait(5)
    job = state_of(town, job)
    assert (job.state, job.total) == (JobState.CANCELLED, 1000)


def test_a_heart_beats_while_the_work_is_busy(town: World, worker: Run) -> None:
    go_on = threading.Event()

    @actor(kind="count", time_limit=30)
    def count(job: RunningJob) -> None:
        go_on.wait(15)

    job = ask(town)
    with worker():
        send()
        until(lambda: state_of(town, job).state == JobState.RUNNING)
        began = state_of(town, job).heartbeat_at
        until(lambda: state_of(town, job).heartbeat_at != began)
        go_on.set()
        until(is_done(town, job))


def test_work_beyond_its_time_is_stopped(town: World, worker: Run) -> None:
    @actor(kind="count", time_limit=0.2)
    def count(job: RunningJob) -> None:
        while True:
            threading.Event().wait(0.01)

    job = ask(town)
    with worker():
        send()
        until(lambda: state_of(town, job).state == JobState.FAILED)
    assert state_of(town, job).error_code == "timed_out"


def test_a_worker_that_is_told_to_stop_gives_its_work_back(town: World, worker: Run) -> None:
    started = threading.Event()

    @actor(kind="count", time_limit=30)
    def count(job: RunningJob) -> None:
        started.set()
        for number in range(1000):
            job.progress(number)
            threading.Event().wait(0.01)

    job = ask(town)
    with worker():
        send()
        assert started.wait(5)
    job = state_of(town, job)
    assert (job.state, job.attempt) == (JobState.QUEUED, 0)
    with tenant_tx(town.noor.context):
        assert Outbox.objects.filter(job_id=job.pk, sent_at=None).exists()
