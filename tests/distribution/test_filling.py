"""Long runs are filled little by little from what the dataset stage lets in, fed with what arrives, and drained."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from apps.catalog.services.refreshing import catch_up
from apps.core.errors import TransitionRefused
from apps.core.tenancy import owner_context
from apps.distribution import actors
from apps.distribution.models import PipelineRun, RunState, Task, TaskState, Unit, UnitState
from apps.distribution.services import emptying, leases, runs, taking
from apps.jobs.models import Job, JobState
from apps.jobs.topics import News
from apps.pipelines.models import Stage
from apps.projects.models import Item
from tests.people import World

from .line import Line, as_owner, box, make_item, make_tasks


def fill(line: Line, progress: Callable[[int], None] = lambda done: None) -> int:
    return runs.fill_run(context=owner_context(line.run.org_id), run_id=line.run.pk, progress=progress)


def filling(line: Line, **settings: Any) -> None:
    with as_owner(line.run.project):
        PipelineRun.objects.update(state=RunState.FILLING)
        Stage.objects.filter(kind="dataset").update(settings=settings)


def names_on(line: Line) -> list[str]:
    with as_owner(line.run.project):
        units = Unit.objects.filter(pipeline_run=line.run).exclude(state=UnitState.CANCELLED)
        return sorted(units.values_list("item__name", flat=True))


def arrive(world: World, *items: Item) -> None:
    """The news of new pictures, twice as it may happen."""
    news = [News(1, {"dataset": str(world.dataset.pk), "items": [str(item.pk) for item in items]})]
    with as_owner(world.project):
        actors.feed_runs(news)
        actors.feed_runs(news)


def change(line: Line, state: str) -> None:
    with as_owner(line.run.project):
        runs.change_run(run=PipelineRun.objects.get(), state=state)


@pytest.mark.parametrize("killed_in", ["chunk", "pause"])
def test_a_job_that_is_killed_is_gone_on_with_where_it_stopped(
    world: World, line: Line, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    monkeypatch.setattr(runs, "CHUNK", 3)
    for number in range(8):
        make_item(world, name=str(number))
    filling(line)

    class Killed(BaseException):
        """As a process ends: nothing of ours runs any more, and the database rolls back what was not committed."""

    calls = []

    def die(*_: Any, **__: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Killed

    place = "apps.distribution.services.taking.activity.record_activity" if killed_in == "chunk" else "time.sleep"
    monkeypatch.setattr(place, die)
    with pytest.raises(Killed):
        fill(line)
    monkeypatch.undo()
    monkeypatch.setattr(runs, "CHUNK", 3)
    with as_owner(world.project):
        run = PipelineRun.objects.get()
        assert (run.units_made, Unit.objects.count()) == ((3, 3) if killed_in == "chunk" else (6, 6))
    said: list[int] = []
    assert fill(line, said.append) == 8
    assert said == ([6, 8, 8] if killed_in == "chunk" else [8, 8])
    assert names_on(line) == [str(number) for number in range(8)]


def test_claims_have_the_database_as_long_as_a_chunk_took(
    world: World, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_item(world)
    filling(line)
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    fill(line)
    assert len(slept) == 1
    assert 0 < slept[0] <= runs.LONGEST_PAUSE


def test_a_cancelled_run_is_filled_no_further(world: World, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK", 2)
    for number in range(6):
        make_item(world, name=str(number))
    filling(line)
    assert fill(line, lambda done: change(line, "cancelled")) == 2


def test_a_filter_says_what_comes_onto_the_line(world: World, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK", 2)
    for number in range(9):
        make_item(world, name=f"{number}.jpg", metadata={"lot": "north" if number % 3 else "south"})
    filling(line, filter="metadata=lot%3Dsouth")
    assert fill(line) == 3
    assert names_on(line) == ["0.jpg", "3.jpg", "6.jpg"]


def test_a_filter_by_name_goes_by_names(world: World, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK", 2)
    for name in ("Lot C", "yard", "lot a", "LOT B", "x lot"):
        make_item(world, name=name)
    filling(line, filter="name=lot")
    assert fill(line) == 3
    assert names_on(line) == ["LOT B", "Lot C", "lot a"]


def test_a_filter_that_means_nothing_here_is_refused_when_the_run_is_started(world: World, line: Line, at: Any) -> None:
    filling(line, filter="label=ship")
    body = {"pipeline_version": str(line.run.pipeline_version_id), "dataset": str(world.dataset.id)}
    answer = at(world.noor).send("POST", f"projects/{world.project.id}/pipeline_runs", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unknown_value")


def test_how_many_there_are_is_counted_where_few_and_guessed_where_many(
    world: World, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        make_item(world, name=str(number), metadata={"lot": "north"})
    with as_owner(world.project):
        version, dataset = line.run.pipeline_version, world.dataset
        assert taking.expected_items(version, dataset) == 5
        monkeypatch.setattr(taking, "COUNTED", 3)
        assert (taking.expected_items(version, dataset) or 0) >= 3
    filling(line, filter="metadata=lot")
    catch_up(context=owner_context(world.parking.id), project_id=world.project.pk, progress=lambda done: None)
    with as_owner(world.project):
        assert taking.expected_items(version, dataset) == 5


def test_a_run_that_is_fed_takes_what_arrives_and_does_not_end_by_itself(world: World, line: Line, at: Any) -> None:
    filling(line, feed=True, filter="metadata=lot%3Dsouth")
    fill(line)
    south = make_item(world, name="south", metadata={"lot": "south"})
    arrive(world, south, make_item(world, name="north", metadata={"lot": "north"}))
    assert names_on(line) == ["south"]
    ada, rita = at(world.ada), at(world.rita)
    ada.submit(ada.take(), box())
    assert rita.judge(rita.take(), "accept").status_code == 201
    with as_owner(world.project):
        leases.finish_runs()
        run = PipelineRun.objects.get()
        assert (run.state, run.units_made) == (RunState.RUNNING, 1)
    change(line, "draining")
    arrive(world, make_item(world, name="late", metadata={"lot": "south"}))
    with as_owner(world.project):
        leases.finish_runs()
        assert PipelineRun.objects.get().state == RunState.DONE
    assert names_on(line) == ["south"]


def test_a_run_that_is_not_fed_takes_nothing_new(world: World, line: Line) -> None:
    arrive(world, make_item(world))
    assert names_on(line) == []


def drain(line: Line) -> int:
    change(line, "draining")
    return emptying.drain_run(context=owner_context(line.run.org_id), run_id=line.run.pk, progress=lambda done: None)


def test_a_run_that_drains_finishes_what_was_begun_and_takes_off_the_rest(
    world: World, line: Line, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emptying, "CHUNK", 2)
    make_tasks(world, line, 5)
    ada, rita = at(world.ada), at(world.rita)
    ada.submit(ada.take(), box())  # at the review
    held, released = ada.take(), ada.take()
    ada.send("DELETE", f"tasks/{released['id']}/lease", lease_token=released["lease"]["token"])
    assert drain(line) == 2
    with as_owner(world.project):
        assert Unit.objects.filter(state=UnitState.CANCELLED).count() == 2
        assert Task.objects.filter(state=TaskState.CANCELLED).count() == 2
        leases.finish_runs()
        assert PipelineRun.objects.get().state == RunState.DRAINING
    assert ada.submit(held, box()).status_code == 201
    assert ada.submit(ada.take(), box()).status_code == 201
    assert ada.claim().status_code == 204
    for _ in range(3):
        assert rita.judge(rita.take(), "accept").status_code == 201
    with as_owner(world.project):
        leases.finish_runs()
        assert PipelineRun.objects.get().state == RunState.DONE


def test_a_drain_that_is_begun_again_or_overtaken_by_a_cancel_does_no_harm(world: World, line: Line) -> None:
    make_tasks(world, line, 2)
    assert drain(line) == 2
    context = owner_context(line.run.org_id)
    assert emptying.drain_run(context=context, run_id=line.run.pk, progress=lambda done: None) == 0
    make_tasks(world, line, 1)
    change(line, "cancelled")
    assert emptying.drain_run(context=context, run_id=line.run.pk, progress=lambda done: None) == 0


def test_a_run_is_drained_by_its_button_and_by_the_api(world: World, line: Line, at: Any) -> None:
    noor = at(world.noor)
    page = noor.client.get(f"{noor.client.org}/projects/{world.project.id}/pipeline/").content.decode()
    assert 'data-dialog="drain-run"' in page
    path = f"pipeline_runs/{line.run.pk}"
    tag = noor.send("GET", path)["ETag"]
    assert noor.send("PATCH", path, {"state": "draining"}, If_Match=tag).json()["state"] == "draining"
    with as_owner(world.project):
        assert Job.objects.filter(kind=emptying.DRAIN).exists()
    page = noor.client.get(f"{noor.client.org}/projects/{world.project.id}/pipeline/").content.decode()
    assert "Draining" in page


def test_a_cancelled_job_takes_its_run_along_and_a_failed_one_can_be_asked_for_again(world: World, line: Line) -> None:
    make_item(world)
    filling(line)
    piece = {"input": {"pipeline_run": str(line.run.pk)}, "state": "failed"}
    with as_owner(world.project):
        actors.give_up_filling([News(1, piece)])
        run = PipelineRun.objects.get()
        assert run.state == RunState.FILLING
        runs.change_run(run=run, state=RunState.RUNNING)
        assert Job.objects.get(kind=runs.FILL).state == JobState.QUEUED
        with pytest.raises(TransitionRefused, match="begins by itself"):
            runs.change_run(run=run, state=RunState.RUNNING)
        actors.give_up_filling([News(2, piece | {"state": "cancelled"})])
        assert PipelineRun.objects.get().state == RunState.CANCELLED
