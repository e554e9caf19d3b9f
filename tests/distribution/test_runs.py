"""Runs: filled in chunks that resume, paused, cancelled; machines' tasks that advance or fail over to people."""

from typing import Any
from uuid import UUID

import pytest

from apps.activity.models import ActivityEvent, AuditEvent
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution import actors
from apps.distribution.models import PipelineRun, RunState, Task, TaskState, Unit, UnitState
from apps.distribution.services import emptying, leases, runs
from apps.jobs.models import Job
from apps.jobs.topics import News
from apps.pipelines.models import Stage
from apps.predictions.models import Deployment, Inference, InferenceState, Model, ModelVersion
from tests.people import World

from .line import Line, as_owner, box, identity, make_item, make_line, make_task, make_tasks


@pytest.fixture
def deployment(world: World) -> Deployment:
    """A ready model that serves the project."""
    org = {"org_id": world.parking.id}
    with as_owner(world.project):
        model = Model.objects.create(**org, name="Finder")
        version = ModelVersion.objects.create(
            **org,
            model=model,
            number=1,
            architecture="nanodet",
            weights="x",
            sha256="0" * 64,
            classes=["car"],
            input_size=320,
            state="ready",
        )
        made: Deployment = Deployment.objects.create(
            **org, project=world.project, model_version=version, title="Finder", version=1, tile_size=512, state="ready"
        )
    return made


@pytest.fixture
def predicted(world: World, deployment: Deployment) -> Line:
    """dataset → predict → label → review → done, still being filled."""
    line = make_line(
        world,
        ("dataset", "predict", "label", "review", "done"),
        predict={"settings": {"deployment": str(deployment.pk)}},
    )
    with as_owner(world.project):
        PipelineRun.objects.update(state=RunState.FILLING)
    return line


def fill(line: Line) -> list[int]:
    """Run the job; gives what it said of its progress."""
    said: list[int] = []
    runs.fill_run(context=owner_context(line.run.org_id), run_id=line.run.pk, progress=said.append)
    return said


def finish(world: World, state: str, **fields: Any) -> None:
    """The worker ends every inference, and the pipeline is told, twice as it may happen."""
    with as_owner(world.project):
        Inference.objects.update(state=state, **fields)
        news = [News(row.pk.int & 0xFFFF, {"inference": str(row.pk)}) for row in Inference.objects.all()]
        actors.advance_predicted(news)
        actors.advance_predicted(news)


def test_starting_a_run_asks_for_a_job_and_says_so(world: World, line: Line, at: Any) -> None:
    make_item(world)
    noor = at(world.noor)
    body = {"pipeline_version": str(line.run.pipeline_version_id), "dataset": str(world.dataset.id)}
    path = f"projects/{world.project.id}/pipeline_runs"

    answer = noor.send("POST", path, body)

    assert answer.status_code == 202
    with as_owner(world.project):
        job = Job.objects.get(kind=runs.FILL)
        assert AuditEvent.objects.filter(verb="pipeline_run.start").exists()
    assert (job.input, job.total) == ({"pipeline_run": answer.json()["id"]}, 1)
    assert answer.json()["job"] == str(job.pk)
    assert [run["state"] for run in noor.send("GET", path).json()["results"]] == ["filling", "running"]
    assert at(world.ada).send("POST", path, body).status_code == 403
    assert at(world.eve).send("POST", path, body).status_code == 404
    for name in body:
        assert noor.send("POST", path, {**body, name: str(identity())}).status_code == 404


def test_a_run_is_filled_in_chunks_and_goes_on_where_it_stopped(
    world: World, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "CHUNK", 4)
    for number in range(10):
        make_item(world, name=str(number))
    with as_owner(world.project):
        PipelineRun.objects.update(state=RunState.FILLING)

    class Killed(Exception):
        pass

    def die(done: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        runs.fill_run(context=owner_context(world.parking.id), run_id=line.run.pk, progress=die)
    assert fill(line) == [8, 10, 10]
    assert fill(line) == []
    with as_owner(world.project):
        assert Unit.objects.count() == Task.objects.filter(state=TaskState.READY, stage=line.label).count() == 10
        assert PipelineRun.objects.get().state == RunState.RUNNING


def test_the_order_of_claims_is_that_of_the_pictures(world: World, line: Line, at: Any) -> None:
    items = [make_item(world, name=str(number)) for number in range(5)]
    with as_owner(world.project):
        PipelineRun.objects.update(state=RunState.FILLING)
    fill(line)
    tasks = at(world.ada).claim(limit=5).json()["tasks"]
    assert [task["item"]["id"] for task in tasks] == [str(item.pk) for item in items]


def test_a_predict_stage_waits_for_its_model_and_then_people_get_the_units(
    world: World, predicted: Line, at: Any
) -> None:
    for number in range(3):
        make_item(world, name=str(number))
    fill(predicted)
    assert at(world.ada).claim().status_code == 204
    with as_owner(world.project):
        assert Inference.objects.count() == 3
        assert {row.task_id for row in Inference.objects.all()} == set(Task.objects.values_list("pk", flat=True))

    finish(world, InferenceState.DONE)

    with as_owner(world.project):
        assert Task.objects.filter(stage=predicted.stages["predict"], state=TaskState.ACCEPTED).count() == 3
        assert Task.objects.filter(stage=predicted.label, state=TaskState.READY).count() == 3
        assert ActivityEvent.objects.filter(kind="task.finished").count() == 3
    assert at(world.ada).take()


@pytest.mark.parametrize("state", [InferenceState.FAILED, InferenceState.CANCELLED])
def test_what_a_model_cannot_read_goes_to_people_and_shows_as_failed(
    world: World, predicted: Line, at: Any, state: str
) -> None:
    make_item(world)
    fill(predicted)
    finish(world, state, error_code="unreadable")
    with as_owner(world.project):
        failed = Task.objects.get(stage=predicted.stages["predict"])
    assert (failed.state, failed.error_code) == (TaskState.FAILED, "unreadable")
    assert at(world.ada).take()["stage"]["kind"] == "label"


@pytest.mark.parametrize("gone", ["stopped", "deleted"])
def test_a_model_that_vanished_leaves_nothing_stuck(world: World, predicted: Line, at: Any, gone: str) -> None:
    make_item(world)
    with as_owner(world.project):
        if gone == "stopped":
            Deployment.objects.update(state="stopped")
        else:
            Stage.objects.filter(key="predict").update(settings={"deployment": str(identity())})
    fill(predicted)
    with as_owner(world.project):
        assert Task.objects.get(kind="machine").error_code == "deployment_stopped"
    assert at(world.ada).take()


def test_a_task_that_joined_somebody_elses_inference_advances_with_it(
    world: World, predicted: Line, deployment: Deployment, at: Any
) -> None:
    make_task(make_line(world), make_item(world))
    ada = at(world.ada)
    assert ada.send("POST", f"tasks/{ada.take()['id']}/assist", {}).status_code == 202
    fill(predicted)
    with as_owner(world.project):
        assert Inference.objects.get().task_id is None
    finish(world, InferenceState.DONE)
    with as_owner(world.project):
        assert Task.objects.get(stage=predicted.label).state == TaskState.READY


def test_a_unit_that_comes_to_a_machine_later_on_the_line_is_started_by_news(
    world: World, deployment: Deployment, at: Any
) -> None:
    line = make_line(
        world, ("dataset", "label", "predict", "done"), predict={"settings": {"deployment": str(deployment.pk)}}
    )
    make_tasks(world, line, 1)
    ada = at(world.ada)
    ada.submit(ada.take(), box())
    with as_owner(world.project):
        task = Task.objects.get(kind="machine")
        actors.start_entered([News(1, {"task": str(task.pk)})])
        assert Inference.objects.get().task_id == task.pk
    finish(world, InferenceState.DONE)
    with as_owner(world.project):
        assert Unit.objects.get().state == UnitState.ACCEPTED


def change(desk: Any, run: PipelineRun, state: str) -> Any:
    path = f"pipeline_runs/{run.pk}"
    tag = desk.send("GET", path)["ETag"]
    return desk.send("PATCH", path, {"state": state}, If_Match=tag)


def test_a_run_is_paused_and_resumed(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 2)
    noor, ada = at(world.noor), at(world.ada)
    held = ada.take()

    assert change(noor, line.run, "paused").json()["state"] == "paused"
    assert ada.claim().status_code == 204
    assert ada.submit(held, box()).status_code == 201
    assert change(noor, line.run, "running").status_code == 200
    assert ada.take()

    path = f"pipeline_runs/{line.run.pk}"
    assert noor.send("PATCH", path, {"state": "paused"}).status_code == 428
    assert noor.send("PATCH", path, {"state": "paused"}, If_Match='"x"').status_code == 412
    assert change(noor, line.run, "running").json()["error"]["code"] == "transition_refused"
    assert ada.send("PATCH", path, {"state": "paused"}).status_code == 403
    assert at(world.eve).send("GET", path).status_code == 404


def test_a_vendors_manager_neither_starts_nor_stops_what_others_work_on(world: World, line: Line, at: Any) -> None:
    max_ = at(world.max)
    body = {"pipeline_version": str(line.run.pipeline_version_id), "dataset": str(world.dataset.id)}
    assert max_.send("POST", f"projects/{world.project.id}/pipeline_runs", body).status_code == 403
    tag = max_.send("GET", f"pipeline_runs/{line.run.pk}")["ETag"]
    stopped = max_.send("PATCH", f"pipeline_runs/{line.run.pk}", {"state": "cancelled"}, if_match=tag)
    assert stopped.status_code == 403


def test_a_cancelled_run_takes_its_work_back(world: World, predicted: Line, at: Any) -> None:
    make_item(world)
    fill(predicted)
    make_tasks(world, predicted, 2)
    ada = at(world.ada)
    held = ada.take()

    assert change(at(world.noor), predicted.run, "cancelled").status_code == 200
    emptying.empty_run(context=owner_context(world.parking.id), run_id=predicted.run.pk, progress=lambda done: None)

    lost = ada.submit(held, box())
    assert (lost.status_code, lost.json()["error"]["code"]) == (409, "lease_lost")
    with as_owner(world.project):
        assert set(Task.objects.values_list("state", flat=True)) == {TaskState.CANCELLED}
        assert set(Unit.objects.values_list("state", flat=True)) == {UnitState.CANCELLED}
        assert Job.objects.filter(kind=emptying.EMPTY).exists()
    finish(world, InferenceState.DONE)
    assert ada.claim().status_code == 204


def test_a_run_whose_units_are_all_finished_is_done(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    with as_owner(world.project):
        leases.finish_runs()
        assert PipelineRun.objects.get().state == RunState.RUNNING
        Unit.objects.update(state=UnitState.ACCEPTED)
    with tenant_tx(owner_context(world.parking.id)):
        leases.finish_runs()
        assert PipelineRun.objects.get().state == RunState.DONE


def test_the_actors_call_the_services(world: World, line: Line) -> None:
    make_item(world)
    with as_owner(world.project):
        PipelineRun.objects.update(state=RunState.FILLING)

    class FakeJob:
        context = owner_context(world.parking.id)
        input = {"pipeline_run": str(line.run.pk)}
        progress = staticmethod(lambda done: None)

    assert actors.fill_run(FakeJob) == {"units": 1}  # type: ignore[arg-type]
    assert UUID(FakeJob.input["pipeline_run"])
    actors.expire_leases()
