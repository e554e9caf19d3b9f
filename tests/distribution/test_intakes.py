"""Production intake: confident items are decided within the request, the others by people, each with its provenance."""

import base64
import datetime
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from apps.activity.models import ActivityEvent, AuditEvent
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution import actors
from apps.distribution.models import Intake, PipelineRun, RunState, Task, TaskState, Unit, UnitState
from apps.distribution.services import intake as services
from apps.distribution.services import intake_deadlines, runs
from apps.jobs.models import Job
from apps.pipelines.templates import graph_of
from apps.predictions.models import Deployment, Inference, InferenceState, Prediction
from apps.projects.models import Dataset, Item
from tests.factories import make_deployment
from tests.people import World
from tests.projects.pictures import picture as painted

from .graphs import Works
from .line import as_owner, box, identity, make_item, make_line

MODEL = {"name": "Damage finder", "version": 3}


def seen(score: float = 0.97, **fields: Any) -> dict[str, Any]:
    """A car in the shape form."""
    return {
        "type": "box",
        "label": "car",
        "x": 10.0,
        "y": 20.0,
        "width": 60.0,
        "height": 40.0,
        "score": score,
    } | fields


def drawn(**settings: Any) -> dict[str, Any]:
    """The template's graph as it is sent."""
    graph: dict[str, Any] = msgspec.to_builtins(graph_of("production_intake", settings))
    return graph


def in_an_hour() -> str:
    return (timezone.now() + datetime.timedelta(hours=1)).isoformat()


@pytest.fixture
def works(world: World) -> Works:
    """The template's line at 0.9, running and empty."""
    return Works(world, drawn(at_least=0.9))


class Claims:
    """Noor's machine at the insurer, and what it sends."""

    def __init__(self, desk: Any, world: World) -> None:
        self.desk, self.dataset = desk, world.dataset

    def send(self, *predictions: dict[str, Any], key: str = "", **body: Any) -> Any:
        body = {"predictions": list(predictions), **body}
        if "model" not in body and "deployment" not in body:
            body["model"] = MODEL
        headers = {"Idempotency_Key": key} if key else {}
        return self.desk.send("POST", f"datasets/{self.dataset.pk}/intake", body, **headers)

    def read(self, intake: str) -> dict[str, Any]:
        answer = self.desk.send("GET", f"intakes/{intake}")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def refused(self, *predictions: dict[str, Any], **body: Any) -> tuple[int, str]:
        answer = self.send(*predictions, **body)
        error = answer.json()["error"]
        assert error["message"].endswith("."), error
        return answer.status_code, error["code"]


@pytest.fixture
def claims(world: World, at: Any) -> Claims:
    return Claims(at(world.noor), world)


def test_a_confident_item_is_decided_in_the_request_and_says_by_what(
    world: World, works: Works, claims: Claims
) -> None:
    item = make_item(world)

    answer = claims.send(seen(0.97), seen(0.93, x=200.0), item=str(item.pk), external_id="claim 17")

    assert answer.status_code == 201, answer.content
    taken = answer.json()
    assert (taken["state"], taken["external_id"], taken["met"]) == ("decided", "claim 17", None)
    decision = taken["decision"]
    assert (decision["by"], decision["certified"]) == ("model", False)
    assert decision["rules"] == [
        {"stage": "route", "stage_title": "Confident enough", "rule": "confident", "rule_title": "Confident"}
    ]
    assert taken["model"]["title"] == "Damage finder"
    assert sorted(shape["x"] for shape in decision["shapes"]) == [10.0, 200.0]
    source = decision["shapes"][0]["source"]
    assert (source["kind"], source["action"], source["certified"]) == ("model", "decided", "no")
    assert source["model_version"] == taken["model"]["model_version"]
    with as_owner(world.project):
        inference = Inference.objects.get()
        assert (inference.state, inference.lane, inference.parameters) == ("done", "bulk", {"external": True})
        assert Prediction.objects.filter(superseded=False).count() == 2
        assert Unit.objects.get().state == UnitState.ACCEPTED
        assert AuditEvent.objects.filter(verb="intake.create", actor_id=world.noor.id).count() == 1
        assert ActivityEvent.objects.filter(kind="intake.taken").count() == 1
    assert claims.read(taken["id"]) == taken
    assert works.step() > 0  # the news comes after the fact
    assert claims.read(taken["id"]) == taken


def test_what_is_not_confident_waits_for_people_until_the_deadline(
    world: World, works: Works, claims: Claims, at: Any
) -> None:
    later, sooner, none = (make_item(world, name=name) for name in ("later", "sooner", "none"))
    claims.send(seen(0.5), item=str(none.pk))
    claims.send(seen(0.5), item=str(later.pk), deadline=in_an_hour())
    soon = (timezone.now() + datetime.timedelta(minutes=5)).isoformat()
    answer = claims.send(seen(0.95), seen(0.5, x=300.0), item=str(sooner.pk), deadline=soon)
    assert (answer.status_code, answer.json()["state"], answer.json()["decision"]) == (201, "with_people", None)

    ada = at(world.ada)
    task = ada.take()
    assert task["item"]["id"] == str(sooner.pk), "what is due first comes first"
    assert task["suggestions_shown"] is True
    assert task["deployments"] == [], "a model elsewhere cannot be asked"
    assert len(ada.send("GET", f"items/{sooner.pk}/predictions").json()["results"]) == 2
    assert ada.submit(task, box()).status_code == 201

    decided = claims.read(answer.json()["id"])
    assert (decided["state"], decided["met"], decided["late"]) == ("decided", True, False)
    assert decided["decision"]["by"] == "people"
    assert decided["decision"]["rules"][0]["rule"] == "default"
    assert [shape["source"]["kind"] for shape in decided["decision"]["shapes"]] == ["human"]
    assert [ada.take()["item"]["id"] for _ in range(2)] == [str(later.pk), str(none.pk)]


def test_a_deadline_that_passes_is_told_once_and_stays_missed(
    world: World, works: Works, claims: Claims, at: Any
) -> None:
    intake = claims.send(seen(0.5), item=str(make_item(world).pk), deadline=in_an_hour()).json()["id"]
    kept = claims.send(seen(0.99), item=str(make_item(world, name="sure").pk), deadline=in_an_hour()).json()["id"]
    with as_owner(world.project):
        assert intake_deadlines.judge_deadlines() == 0
        Intake.objects.filter(pk=intake).update(deadline=timezone.now() - datetime.timedelta(seconds=1))
    assert claims.read(intake)["late"] is True
    with as_owner(world.project):
        assert [intake_deadlines.judge_deadlines() for _ in range(2)] == [1, 0]
        assert ActivityEvent.objects.filter(kind="intake.late").count() == 1
    ada = at(world.ada)
    ada.submit(ada.take(), box())
    done = claims.read(intake)
    assert (done["state"], done["met"], done["late"]) == ("decided", False, True)
    assert claims.read(kept)["met"] is True
    listed = claims.desk.send("GET", f"datasets/{world.dataset.pk}/intake?state=decided").json()["results"]
    assert [row["id"] for row in listed] == [kept, intake]
    actors.judge_deadlines()


def test_the_same_request_again_enters_once(world: World, works: Works, claims: Claims) -> None:
    item = make_item(world)
    first = claims.send(seen(), item=str(item.pk), key="claim-1")
    again = claims.send(seen(), item=str(item.pk), key="claim-1")

    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    with as_owner(world.project):
        assert Intake.objects.count() == Inference.objects.count() == 1
    other = claims.send(seen(0.2), item=str(item.pk))
    assert (other.status_code, other.json()["error"]["code"]) == (409, "already_on_line")
    assert other.json()["error"]["details"] == {"intake": first.json()["id"]}


def test_a_new_picture_is_read_by_a_job_and_then_decided(world: World, works: Works, claims: Claims) -> None:
    picture = {"name": "claim.jpg", "content": base64.b64encode(painted(320, 240)).decode()}

    answer = claims.send(seen(0.97), picture=picture, metadata={"claim": "A 1"})

    assert (answer.status_code, answer.json()["state"], answer.json()["item"]) == (202, "deciding", None)
    with as_owner(world.project):
        job = Job.objects.get(kind=services.TAKE)
        assert answer.json()["job"] == str(job.pk)
    for _ in range(2):  # a job may run again
        services.take_intake(intake_id=Intake(pk=answer.json()["id"]).pk, context=owner_context(world.parking.id))
    taken = claims.read(answer.json()["id"])
    assert (taken["state"], taken["decision"]["by"]) == ("decided", "model")
    with as_owner(world.project):
        item = Item.objects.get(pk=taken["item"])
        assert (item.width, item.height, item.metadata, item.name) == (320, 240, {"claim": "A 1"}, "claim.jpg")


@pytest.mark.parametrize(
    ("content", "predictions", "code"),
    [(b"no picture", [seen()], "unsupported_image_type"), (None, [seen(x=5000.0)], "invalid_geometry")],
)
def test_a_new_picture_that_cannot_be_taken_says_why(
    world: World, works: Works, claims: Claims, content: bytes | None, predictions: list[Any], code: str
) -> None:
    sent = base64.b64encode(content or painted(320, 240)).decode()
    intake = claims.send(*predictions, picture={"name": "x.jpg", "content": sent}).json()["id"]

    services.take_intake(intake_id=Intake(pk=intake).pk, context=owner_context(world.parking.id))

    failed = claims.read(intake)
    assert (failed["state"], failed["error"]["code"]) == ("failed", code)
    with as_owner(world.project):
        assert not Item.objects.exists()
        assert AuditEvent.objects.filter(verb="intake.fail").count() == 1


def test_a_job_that_gave_up_leaves_no_intake_waiting(world: World, works: Works, claims: Claims) -> None:
    picture = {"name": "claim.jpg", "content": base64.b64encode(b"x").decode()}
    intake = claims.send(seen(), picture=picture).json()["id"]
    with as_owner(world.project):
        services.close_intake(intake_id=Intake(pk=intake).pk, code="", message="")
    assert claims.read(intake)["error"]["code"] == "cancelled"


def test_what_is_wrong_is_said_in_a_sentence(world: World, works: Works, claims: Claims) -> None:
    item = str(make_item(world).pk)
    past = (timezone.now() - datetime.timedelta(minutes=1)).isoformat()
    with as_owner(world.project):
        other = Dataset.objects.create(org_id=world.parking.id, project=world.project, name="Another")
        gone = make_item(world, deleted_at=timezone.now())
    deployment = make_deployment(world)

    assert claims.refused(seen(label="boat"), item=item) == (422, "unknown_label")
    assert claims.refused(seen(x=2000.0), item=item) == (422, "invalid_geometry")
    assert claims.refused(seen(score=1.5), item=item) == (422, "invalid_value")
    assert claims.refused(seen(), item=item, deadline=past) == (422, "deadline_passed")
    assert claims.refused(seen(), item=item, priority=0) == (422, "invalid_value")
    assert claims.refused(seen(), item=item, model=MODEL, deployment=str(deployment.pk)) == (422, "one_model")
    assert claims.refused(seen(), item=item, deployment=str(identity())) == (422, "deployment_not_found")
    assert claims.refused(seen(), item=item, model={"name": deployment.title, "version": 9}) == (409, "model_runs_here")
    assert claims.refused(seen(), item=str(gone.pk)) == (404, "not_found")
    assert claims.refused(seen(), item=str(identity())) == (404, "not_found")
    assert claims.refused(seen()) == (422, "one_item")
    assert claims.refused(seen(), item=item, run=str(identity())) == (404, "not_found")
    assert claims.refused(seen(), item=item, metadata={"a": "x" * 20_000}) == (422, "metadata_too_large")
    assert claims.refused(seen(), picture={"name": "a.jpg", "content": ""}) == (422, "empty_picture")
    claims.dataset = other
    assert claims.refused(seen(), item=item) == (404, "not_found"), "it lies in another dataset"
    with as_owner(world.project):
        Item.objects.filter(pk=item).update(dataset=other)
    assert claims.refused(seen(), item=item) == (409, "no_feeding_run")
    assert claims.refused(seen(), item=item, run=str(works.run.pk)) == (422, "run_not_feeding")
    with as_owner(world.project):
        assert not Intake.objects.exists()
        assert not Inference.objects.exists()
        assert not Deployment.objects.filter(is_external=True).exists(), "nothing of what was refused stays"


@pytest.mark.parametrize("state", [RunState.PAUSED, RunState.DRAINING, RunState.CANCELLED, RunState.DONE])
def test_a_run_that_does_not_run_takes_nothing(world: World, works: Works, claims: Claims, state: str) -> None:
    item = str(make_item(world).pk)
    with as_owner(world.project):
        PipelineRun.objects.update(state=state)
    ended = state in {RunState.CANCELLED, RunState.DONE}
    assert claims.refused(seen(), item=item) == (409, "no_feeding_run" if ended else f"run_{state}")
    assert claims.refused(seen(), item=item, run=str(works.run.pk)) == (409, f"run_{state}")


def test_of_several_runs_one_must_be_named(world: World, works: Works, claims: Claims) -> None:
    item = str(make_item(world).pk)
    with as_owner(world.project):
        second, _ = runs.start_run(
            project=world.project,
            pipeline_version_id=works.run.pipeline_version_id,
            dataset_id=world.dataset.pk,
        )
        PipelineRun.objects.filter(pk=second.pk).update(state=RunState.RUNNING)

    assert claims.refused(seen(), item=item) == (422, "which_run")
    assert claims.send(seen(), item=item, run=str(second.pk)).json()["pipeline_run"] == str(second.pk)


def test_an_item_that_waits_for_people_begins_anew_with_its_prediction(world: World, claims: Claims) -> None:
    item = make_item(world)
    Works(world, drawn())  # and this item with it, which nothing was said of

    answer = claims.send(seen(), item=str(item.pk), deadline=in_an_hour())

    assert answer.json()["state"] == "decided"
    with as_owner(world.project):
        assert Unit.objects.count() == 1
        assert Task.objects.get(stage__key="label").state == TaskState.CANCELLED
        Intake.objects.all().delete()
    assert claims.refused(seen(), item=str(item.pk)) == (409, "already_decided")


def test_what_somebody_has_begun_stays_theirs_and_gets_the_deadline(world: World, claims: Claims, at: Any) -> None:
    item = make_item(world)
    Works(world, drawn())
    ada = at(world.ada)
    task = ada.take()

    intake = claims.send(seen(), item=str(item.pk), deadline=in_an_hour()).json()

    assert intake["state"] == "with_people"
    with as_owner(world.project):
        assert Task.objects.get(pk=task["id"]).due_at == Intake.objects.get().deadline
    assert ada.submit(task, box()).status_code == 201
    assert claims.read(intake["id"])["decision"]["by"] == "people"


def test_a_predict_stage_finds_what_was_delivered_and_runs_nothing(world: World, claims: Claims) -> None:
    deployment = make_deployment(world)
    graph = {
        "stages": [
            {"key": "dataset", "kind": "dataset", "settings": {"feed": True}},
            {"key": "predict", "kind": "predict", "settings": {"deployment": str(deployment.pk)}},
            {"key": "label", "kind": "label"},
            {"key": "done", "kind": "done"},
        ],
        "edges": [
            {"from": one, "to": other}
            for one, other in (("dataset", "predict"), ("predict", "label"), ("label", "done"))
        ],
    }
    works = Works(world, graph)

    answer = claims.send(seen(0.4), item=str(make_item(world).pk), deployment=str(deployment.pk))

    assert answer.json()["state"] == "with_people"
    works.step()
    with as_owner(world.project):
        assert [row.state for row in Inference.objects.all()] == [InferenceState.DONE]
        assert Task.objects.get(stage__key="predict").state == TaskState.ACCEPTED


def test_a_model_elsewhere_that_has_said_nothing_leaves_the_item_to_people(
    world: World, works: Works, claims: Claims
) -> None:
    told = claims.send(seen(0.5), item=str(make_item(world).pk)).json()["model"]["deployment"]
    silent = make_item(world, name="silent.jpg")
    kinds = ("dataset", "predict", "label", "done")
    line = make_line(world, kinds, predict={"settings": {"deployment": told}})
    with as_owner(world.project):
        PipelineRun.objects.filter(pk=line.run.pk).update(state=RunState.FILLING)

    runs.fill_run(context=owner_context(world.parking.id), run_id=line.run.pk, progress=lambda made: None)

    with as_owner(world.project):
        ended = dict(Task.objects.filter(stage__key="predict").values_list("unit__item__name", "error_code"))
        assert ended == {"lot.jpg": "", silent.name: "model_is_external"}
        assert Task.objects.filter(stage=line.label, state=TaskState.READY).count() == 2


def test_a_model_elsewhere_cannot_be_asked(world: World, works: Works, claims: Claims, at: Any) -> None:
    taken = claims.send(seen(0.5), item=str(make_item(world).pk)).json()
    ada = at(world.ada)
    task = ada.take()

    assert ada.send("POST", f"tasks/{task['id']}/assist", {}).json()["error"]["code"] == "no_deployment"
    named = ada.send("POST", f"tasks/{task['id']}/assist", {"model_version": taken["model"]["model_version"]})
    assert (named.status_code, named.json()["error"]["code"]) == (409, "model_is_external")
    body = {"deployment": taken["model"]["deployment"], "selection": {"items": [taken["item"]]}}
    asked = claims.desk.send("POST", f"projects/{world.project.pk}/prediction_runs", body)
    assert (asked.status_code, asked.json()["error"]["code"]) == (409, "model_is_external")


def test_a_stopped_model_elsewhere_is_not_heard_until_it_is_started(world: World, works: Works, claims: Claims) -> None:
    first, second = make_item(world), make_item(world, name="second.jpg")
    deployment = claims.send(seen(), item=str(first.pk)).json()["model"]["deployment"]
    path = f"deployments/{deployment}"
    assert claims.desk.send("PATCH", path, {"state": "stopped"}).status_code == 200
    assert claims.refused(seen(), item=str(second.pk)) == (409, "deployment_stopped")
    browser = claims.desk.client
    page = f"{browser.org}/projects/{world.project.pk}/models/"
    assert "Runs elsewhere" not in browser.get(page).content.decode()
    with as_owner(world.project):
        version = Deployment.objects.get(pk=deployment).model_version_id
    browser.post(page, {"model_version": version})
    assert "Runs elsewhere" in browser.get(page).content.decode()
    assert claims.desk.send("PATCH", path, {"state": "stopped"}).status_code == 200
    assert claims.desk.send("PATCH", path, {"state": "warming"}).json()["state"] == "ready"
    assert claims.send(seen(), item=str(second.pk)).status_code == 201


def test_a_deleted_picture_takes_its_intake_along(world: World, works: Works, claims: Claims) -> None:
    item = make_item(world)
    intake = claims.send(seen(0.3), item=str(item.pk)).json()["id"]
    with as_owner(world.project):
        Unit.objects.update(state=UnitState.CANCELLED, finished_at=timezone.now())
    failed = claims.read(intake)
    assert (failed["state"], failed["error"]["code"], failed["decided_at"]) == ("failed", "withdrawn", None)


def test_who_sends_and_who_reads(world: World, works: Works, claims: Claims, at: Any) -> None:
    item = make_item(world)
    intake = claims.send(seen(), item=str(item.pk)).json()["id"]
    body = {"item": str(item.pk), "predictions": [], "model": MODEL}
    path = f"datasets/{world.dataset.pk}/intake"

    assert at(world.olga).send("GET", f"intakes/{intake}").json()["state"] == "decided"
    assert at(world.olga).send("POST", path, body).status_code == 403
    for person in (world.max, world.ada):
        assert at(person).send("POST", path, body).status_code == 403
        assert at(person).send("GET", f"intakes/{intake}").status_code == 403
    assert at(world.eve).send("POST", path, body).status_code == 404
    assert at(world.eve).send("GET", path).status_code == 404
    assert at(world.eve).send("GET", f"intakes/{intake}").status_code == 404
    with tenant_tx(owner_context(world.elsewhere.id)):
        assert not Intake.objects.exists()
