from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from apps.activity.models import ActivityEvent, AuditEvent, Feed
from apps.core.errors import Invalid, TransitionRefused
from apps.core.tenancy import tenant_tx
from apps.jobs import topics
from apps.jobs.actors import News, RunLost, RunningJob, Transient, actor, subscribe
from apps.jobs.models import Job, JobState, Outbox
from apps.jobs.services import cancel, request, runs
from tests.conftest import as_worker
from tests.jobs.working import work_off
from tests.people import World


def ask(world: World, kind: str = "count", **input_: Any) -> Job:
    with tenant_tx(world.noor.context):
        return request(kind=kind, input=input_, project_id=world.project.id)


def as_it_stands(world: World, job: Job) -> Job:
    with tenant_tx(world.noor.context):
        return Job.objects.get(pk=job.pk)


@contextmanager
def claimed(job: Job) -> Iterator[RunningJob]:
    with as_worker():
        run = runs.claim(job.pk)
        assert run is not None
        yield run


def test_a_request_is_a_job_and_an_outbox_row(world: World) -> None:
    job = ask(world, upto=3)
    with tenant_tx(world.noor.context):
        assert Outbox.objects.get().job_id == job.pk
    assert (job.org_id, job.created_by, job.state) == (world.parking.id, world.noor.id, JobState.QUEUED)


def test_the_same_request_joins_the_unfinished_one(world: World) -> None:
    assert ask(world, upto=3).pk == ask(world, upto=3).pk
    assert ask(world, upto=3).pk != ask(world, upto=4).pk


def test_a_vendors_request_is_its_own_and_owned_by_the_customer(world: World) -> None:
    ours = ask(world, upto=3)
    with tenant_tx(world.max.context):
        theirs = request(kind="count", input={"upto": 3}, project_id=world.project.id, org_id=world.parking.id)
        assert (theirs.org_id, theirs.worker_org_id) == (world.parking.id, world.meadow.id)
        assert list(Job.objects.all()) == [theirs]
    assert ours.pk != theirs.pk
    with tenant_tx(world.eve.context):
        assert not Job.objects.exists()
        assert not Outbox.objects.exists()


def test_work_is_done_and_told(world: World) -> None:
    @actor(kind="count", time_limit=10)
    def count(job: RunningJob) -> dict[str, Any]:
        job.progress(job.input["upto"], job.input["upto"])
        return {"counted": job.input["upto"]}

    job = ask(world, upto=3)
    assert work_off() == 1
    job = as_it_stands(world, job)
    assert (job.state, job.result, job.done, job.total, job.attempt) == (JobState.DONE, {"counted": 3}, 3, 3, 1)
    with tenant_tx(world.noor.context):
        assert Feed.objects.get(topic=f"job:{job.pk}").frame["state"] == "done"
        assert ActivityEvent.objects.get().kind == "job.done"


def test_a_job_runs_under_the_owners_context(world: World) -> None:
    seen = []

    @actor(kind="count", time_limit=10)
    def count(job: RunningJob) -> None:
        with tenant_tx(job.context) as context:
            seen.append((context.org_id, context.user_id, Job.objects.count()))

    ask(world)
    work_off()
    assert seen == [(world.parking.id, world.noor.id, 1)]


def test_a_job_is_claimed_once(world: World) -> None:
    job = ask(world)
    with as_worker():
        assert runs.claim(job.pk)
        assert runs.claim(job.pk) is None


def test_a_refusal_fails_the_job_with_its_sentence(world: World) -> None:
    @actor(kind="count", time_limit=10)
    def count(job: RunningJob) -> None:
        raise Invalid("This is not a picture.")

    job = ask(world)
    work_off()
    job = as_it_stands(world, job)
    assert (job.state, job.error_code, job.error_message) == (JobState.FAILED, "invalid", "This is not a picture.")


@pytest.mark.parametrize(
    ("trouble", "code"), [(Transient("storage"), "unavailable"), (OSError(), "unavailable"), (KeyError(), "internal")]
)
def test_trouble_is_tried_again_until_the_attempts_are_spent(
    world: World, trouble: Exception, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "wait_before", lambda attempt: 0.0)
    tries = []

    @actor(kind="count", time_limit=10)
    def count(job: RunningJob) -> None:
        tries.append(job.attempt)
        raise trouble

    job = ask(world)
    work_off()
    job = as_it_stands(world, job)
    assert (tries, job.state, job.error_code) == ([1, 2, 3], JobState.FAILED, code)


def test_a_second_attempt_waits(world: World) -> None:
    job = ask(world)
    with claimed(job) as run:
        runs.put_back(run, wait=60)
        assert runs.claim(job.pk) is None


def test_an_interrupted_attempt_is_not_spent(world: World) -> None:
    job = ask(world)
    with claimed(job) as run:
        runs.put_back(run, spent=False)
        again = runs.claim(job.pk)
        assert again is not None
        assert again.attempt == 1


def test_an_unknown_kind_fails(world: World) -> None:
    job = ask(world, kind="nobody.knows")
    work_off()
    assert as_it_stands(world, job).error_code == "unknown_kind"


def test_a_cancelled_job_is_not_run(world: World) -> None:
    job = ask(world)
    with tenant_tx(world.noor.context):
        cancel(job=job)
        assert AuditEvent.objects.get().verb == "job.cancel"
    assert work_off() == 0


def test_a_job_that_has_ended_cannot_be_cancelled(world: World) -> None:
    actor(kind="count", time_limit=10)(lambda job: None)
    job = ask(world)
    work_off()
    with pytest.raises(TransitionRefused), tenant_tx(world.noor.context):
        cancel(job=Job.objects.get(pk=job.pk))


def test_a_run_cancelled_under_way_writes_nothing_more(world: World) -> None:
    job = ask(world)
    with claimed(job) as run:
        assert runs.beat(run)
        with tenant_tx(run.context):
            cancel(job=Job.objects.get(pk=job.pk))
        assert not runs.beat(run)
        with pytest.raises(RunLost):
            runs.finish(run, {"counted": 3})
    assert as_it_stands(world, job).state == JobState.CANCELLED


def test_results_of_an_overtaken_run_are_undone(world: World) -> None:
    job = ask(world)
    with claimed(job) as slow:
        Job.across_tenants.filter(pk=job.pk).update(state=JobState.QUEUED, run_token=None)
        with claimed(job) as quick:
            with pytest.raises(RunLost), tenant_tx(slow.context):
                world.project.name = "overwritten"
                world.project.save()
                slow.hold()
            with tenant_tx(quick.context):
                quick.hold()
                quick.finish(by="quick")
    with tenant_tx(world.noor.context):
        world.project.refresh_from_db()
    assert (as_it_stands(world, job).result, world.project.name) == ({"by": "quick"}, "Car models")


def test_finishing_twice_is_finishing_once(world: World) -> None:
    job = ask(world)
    with claimed(job) as run:
        runs.finish(run, {"n": 1})
        runs.finish(run, {"n": 2})
    assert as_it_stands(world, job).result == {"n": 1}


def test_a_failure_is_news_for_who_waits_for_the_result(world: World) -> None:
    heard: list[dict[str, Any]] = []

    @actor(kind="count", time_limit=10)
    def count(job: RunningJob) -> None:
        raise Invalid("Too many.")

    @subscribe("count.ended")
    def note(news: list[News]) -> None:
        heard.extend(one.payload for one in news)

    job = ask(world, upto=3)
    work_off()
    (payload,) = heard
    assert (payload["job"], payload["state"], payload["input"]) == (str(job.pk), "failed", {"upto": 3})


def test_news_of_one_organization_comes_in_one_bundle_for_each_subscriber(world: World) -> None:
    first: list[list[int]] = []
    second: list[list[int]] = []

    @subscribe("pieces.counted")
    def one(news: list[News]) -> None:
        first.append([piece.payload["n"] for piece in news])

    @subscribe("pieces.counted")
    def another(news: list[News]) -> None:
        second.append([piece.payload["n"] for piece in news])

    with tenant_tx(world.noor.context):
        for number in range(3):
            topics.publish("pieces.counted", {"n": number}, world.parking.id)
    with tenant_tx(world.eve.context):
        topics.publish("pieces.counted", {"n": 9}, world.elsewhere.id)
    work_off()
    assert sorted(first) == sorted(second) == [[0, 1, 2], [9]]


def test_one_bad_piece_of_news_does_not_spoil_the_others(world: World) -> None:
    heard: list[int] = []

    @subscribe("pieces.counted")
    def listen(news: list[News]) -> None:
        if any(piece.payload["n"] == 2 for piece in news):
            raise Invalid
        heard.extend(piece.payload["n"] for piece in news)

    with tenant_tx(world.noor.context):
        for number in range(5):
            topics.publish("pieces.counted", {"n": number}, world.parking.id)
    work_off()
    assert sorted(heard) == [0, 1, 3, 4]
    with tenant_tx(world.noor.context):
        assert Job.objects.filter(state=JobState.FAILED).count() == 1


def test_a_vendors_news_must_name_the_project(world: World) -> None:
    with tenant_tx(world.ada.context):
        with pytest.raises(ValueError, match="must name the project"):
            topics.publish("pieces.counted", {}, world.parking.id)
        topics.publish("pieces.counted", {}, world.parking.id, world.project.id)
