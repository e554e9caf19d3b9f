"""Work in a child process: it may die in any way, and the job ends in words."""

import os
import signal

import psutil
import pytest

from apps.core.tenancy import tenant_tx
from apps.jobs.models import Job, JobState
from apps.jobs.services import cancel, relaying, request, runs
from apps.jobs.work import work_off
from tests.conftest import as_worker
from tests.jobs.labour.actors import register_all
from tests.jobs.processes import WORKER, running
from tests.jobs.waiting import until
from tests.people import World, make_world

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
    pytest.mark.usefixtures("threads_as_worker", "processes_as_worker"),
]


@pytest.fixture
def town() -> World:
    register_all()
    return make_world()


def ask(town: World, kind: str, attempts: int = 1) -> Job:
    with tenant_tx(town.noor.context):
        return request(kind=kind, input={}, max_attempts=attempts)


def now(town: World, job: Job) -> Job:
    with tenant_tx(town.noor.context):
        return Job.objects.get(pk=job.pk)


def work_on(job: Job) -> None:
    with as_worker():
        work_off(job.pk)


def test_a_child_does_the_work_and_ends_the_job(town: World) -> None:
    job = ask(town, "labour.count")
    work_on(job)
    job = now(town, job)
    assert (job.state, job.done, job.total, job.result) == (JobState.DONE, 3, 3, {"parent": os.getpid()})


def test_a_child_that_dies_is_tried_again_and_then_named(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "wait_before", lambda attempt: 0.0)
    job = ask(town, "labour.die", attempts=2)
    work_on(job)
    assert now(town, job).state == JobState.QUEUED
    work_on(job)
    assert (now(town, job).state, now(town, job).error_code) == (JobState.FAILED, "crashed")


def test_a_child_cannot_eat_the_machine(town: World) -> None:
    job = ask(town, "labour.eat")
    work_on(job)
    assert now(town, job).error_code == "unavailable"


def test_a_child_beyond_its_time_is_killed(town: World) -> None:
    job = ask(town, "labour.dawdle")
    work_on(job)
    assert now(town, job).error_code == "timed_out"
    assert not _children_of(psutil.Process())


@pytest.mark.faults
def test_a_child_ends_on_cancel_and_with_its_parent(town: World, bell: object) -> None:
    cancelled, orphaned = ask(town, "labour.dawdle"), None
    with running(WORKER) as worker:
        with as_worker():
            relaying.relay()
        until(lambda: _children_of(worker), 30)
        with tenant_tx(town.noor.context):
            cancel(job=Job.objects.get(pk=cancelled.pk))
        until(lambda: not _children_of(worker), 10)
        orphaned = ask(town, "labour.dawdle", attempts=2)
        with as_worker():
            relaying.relay()
        until(lambda: _children_of(worker), 30)
        (child,) = _children_of(worker)
        for process in worker.children():
            process.send_signal(signal.SIGKILL)
        until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10)
    assert now(town, orphaned).state == JobState.RUNNING


def _children_of(worker: psutil.Process) -> list[psutil.Process]:
    found = [one for one in worker.children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]
    return [one for one in found if "apps.jobs.child" in " ".join(one.cmdline())]
