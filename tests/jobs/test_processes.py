"""Relay, scheduler and worker as processes: killed and robbed of Redis, they bring the work to its end."""

import time
from collections.abc import Iterator

import pytest
from django.db import connection
from dramatiq.brokers.redis import RedisBroker

from apps.core.tenancy import tenant_tx
from apps.jobs.models import Job, JobState
from apps.jobs.services import request
from tests.jobs.labour.actors import register_all
from tests.jobs.processes import RELAY, SCHEDULER, WORKER, kill, running
from tests.jobs.waiting import until
from tests.people import World, make_world

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
    pytest.mark.usefixtures("processes_as_worker"),
]


@pytest.fixture
def town(bell: RedisBroker) -> Iterator[World]:
    register_all()
    town = make_world()
    with running(RELAY), running(SCHEDULER):
        yield town


def ask(town: World, kind: str, **input_: int) -> Job:
    with tenant_tx(town.noor.context):
        return request(kind=kind, input=input_)


def now(town: World, job: Job) -> Job:
    with tenant_tx(town.noor.context):
        return Job.objects.get(pk=job.pk)


def test_the_work_of_a_killed_worker_starts_again_within_20_s(town: World) -> None:
    job = ask(town, "labour.linger")
    with running(WORKER) as worker:
        until(lambda: now(town, job).state == JobState.RUNNING, 20)
        kill(worker.pid)
    killed = time.monotonic()
    with running(WORKER):
        until(lambda: now(town, job).attempt == 2, 20)
        assert time.monotonic() - killed < 20
        until(lambda: now(town, job).state == JobState.DONE, 20)


def test_an_emptied_redis_delays_the_work_by_less_than_20_s(town: World, bell: RedisBroker) -> None:
    jobs = [ask(town, "labour.count_here", n=number) for number in range(50)]
    until(lambda: bell.do_qsize("jobs") >= 50, 20)  # a message of the test before may still lie there
    bell.client.flushdb()
    wiped = time.monotonic()
    with running(WORKER):
        until(lambda: all(now(town, job).state == JobState.DONE for job in jobs), 20)
    assert time.monotonic() - wiped < 20
    assert all(now(town, job).attempt == 1 for job in jobs)


def test_a_second_scheduler_stands_by(town: World) -> None:
    def leaders() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
                " WHERE datname = current_database() AND locktype = 'advisory' AND granted AND objid = %s",
                [0x7E55E7A],
            )
            return int(cursor.fetchone()[0])

    until(lambda: leaders() == 1, 20)
    with running(SCHEDULER):
        time.sleep(3)
        assert leaders() == 1
