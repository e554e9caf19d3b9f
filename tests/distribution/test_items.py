"""What stands on an item, and what must not be seen by who works without suggestions."""

from typing import Any

import pytest

from apps.accounts.models import Engagement
from apps.core.tenancy import tenant_tx
from apps.distribution.models import Arm, Task
from apps.distribution.selectors import hides_suggestions, stage_counts
from apps.predictions.models import Deployment, Inference, Prediction
from apps.predictions.services import request_inference
from tests.people import World

from .line import Line, as_owner, box, identity, make_item, make_line, make_task, make_tasks
from .test_runs import deployment

__all__ = ["deployment"]


@pytest.fixture
def prediction(world: World, line: Line, deployment: Deployment) -> Prediction:
    """One finished prediction of a car at (10, 20, 30, 40), and Ada's ready task on that picture."""
    item = make_item(world)
    make_task(line, item)
    with as_owner(world.project):
        inference = request_inference(item=item, deployment=deployment)
        Inference.objects.update(state="done")
        made: Prediction = Prediction.objects.create(
            org_id=item.org_id,
            project=world.project,
            item=item,
            inference=inference,
            model_version_id=deployment.model_version_id,
            label_id=line.recipe.labels[0]["id"],
            score=0.7,
            type="box",
            geometry={"x": 10, "y": 20, "width": 30, "height": 40},
            x1=10,
            y1=20,
            x2=40,
            y2=60,
            area=1200,
        )
    return made


def test_annotations_of_an_item_are_shown_with_their_provenance(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada = at(world.ada)
    task, shape = ada.take(), box(attributes={"model": "van"})
    path = f"items/{task['item']['id']}/annotations"
    assert ada.send("GET", path).json() == {"results": [], "revision": 0}
    ada.submit(task, shape)
    shown = ada.send("GET", path).json()
    assert shown == {"results": [{**shape, "source": {"kind": "human", "action": "drawn"}}], "revision": 1}
    assert at(world.eve).send("GET", path).status_code == 404
    assert ada.send("GET", f"items/{identity()}/annotations").status_code == 404


def test_predictions_are_shown_with_what_runs_and_where_to_listen(
    world: World, prediction: Prediction, deployment: Deployment, at: Any
) -> None:
    ada = at(world.ada)
    path = f"items/{prediction.item_id}/predictions"
    shown = ada.send("GET", path).json()
    assert [(one["id"], one["score"], one["label"]) for one in shown["results"]] == [(str(prediction.id), 0.7, "car")]
    assert shown["seq"] == 1
    assert shown["running"] == []
    assert ada.send("GET", f"{path}?min_confidence=0.9").json()["results"] == []
    assert ada.send("GET", f"{path}?model_version={identity()}").json()["results"] == []
    assert ada.send("GET", f"{path}?colour=red").status_code == 400
    assert at(world.eve).send("GET", path).status_code == 404
    with as_owner(world.project):
        request_inference(item=prediction.item, deployment=deployment)
    (running,) = ada.send("GET", path).json()["running"]
    assert (running["state"], running["done"]) == ("queued", 0)


def test_a_reader_that_found_nothing_is_named_and_one_that_read_a_part_is_not(
    world: World, prediction: Prediction, deployment: Deployment, at: Any
) -> None:
    ada = at(world.ada)
    path = f"items/{prediction.item_id}/predictions"
    with as_owner(world.project):
        Prediction.objects.all().delete()
    shown = ada.send("GET", path).json()
    assert (shown["results"], shown["read_by"]) == ([], [str(deployment.pk)])
    with as_owner(world.project):
        Inference.objects.update(parameters={"region": [0, 0, 10, 10]})
    assert ada.send("GET", path).json()["read_by"] == []


def test_who_works_without_suggestions_gets_none_any_way(
    world: World, line: Line, prediction: Prediction, at: Any
) -> None:
    with as_owner(world.project):
        Task.objects.update(arm=Arm.HELD_OUT)
    ada, bob = at(world.ada), at(world.bob)
    task = ada.take()

    assert task["suggestions_shown"] is False
    hidden = ada.send("GET", f"items/{prediction.item_id}/predictions").json()
    assert (hidden["results"], hidden["read_by"]) == ([], [])
    assert bob.send("GET", f"items/{prediction.item_id}/predictions").json()["results"]
    refused = ada.send("POST", f"tasks/{task['id']}/assist", {})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "suggestions_hidden")
    with tenant_tx(world.ada.context):
        assert hides_suggestions(world.ada.id, prediction.item_id)
        assert not hides_suggestions(world.bob.id, prediction.item_id)
    ada.submit(task, box())
    assert ada.send("GET", f"items/{prediction.item_id}/predictions").json()["results"]


def test_assist_queues_the_model_once_for_all_who_ask(world: World, prediction: Prediction, at: Any) -> None:
    ada = at(world.ada)
    path = f"tasks/{ada.take()['id']}/assist"
    region = {"x": 0, "y": 0, "width": 100, "height": 50}

    first = ada.send("POST", path, {"region": region})
    again = ada.send("POST", path, {})

    assert first.status_code == again.status_code == 202, first.content
    assert first.json()["inference"]["id"] == again.json()["inference"]["id"]
    with as_owner(world.project):
        assert Inference.objects.get(state="queued").parameters["centre"] == [50, 25]
    assert at(world.bob).send("POST", path, {}).json()["error"]["code"] in {"not_allowed", "lease_lost"}
    assert ada.send("POST", path, {"model_version": str(identity())}).json()["error"]["code"] == "no_deployment"
    with as_owner(world.project):
        Deployment.objects.update(state="stopped")
    assert ada.send("POST", path, {}).json()["error"]["code"] == "no_deployment"


def test_however_far_away_somebody_looks_the_model_reads_the_picture(
    world: World, prediction: Prediction, at: Any
) -> None:
    ada = at(world.ada)
    region = {"x": 1e308, "y": -9, "width": 1.7e308, "height": 2}
    assert ada.send("POST", f"tasks/{ada.take()['id']}/assist", {"region": region}).status_code == 202
    with as_owner(world.project):
        assert Inference.objects.get(state="queued").parameters["centre"] == [1000, 0]


def test_a_vendor_runs_models_only_where_the_engagement_says_so(world: World, prediction: Prediction, at: Any) -> None:
    ada = at(world.ada)
    task = ada.take()
    with as_owner(world.project):
        Engagement.objects.update(run_models=False)
    refused = ada.send("POST", f"tasks/{task['id']}/assist", {})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(("x", "action"), [(10, "accepted"), (12, "edited")])
def test_a_committed_suggestion_keeps_where_it_came_from(
    world: World, prediction: Prediction, at: Any, x: float, action: str
) -> None:
    ada = at(world.ada)
    task = ada.take()
    source = {"kind": "model", "prediction": str(prediction.id), "action": "accepted"}
    shape = box(x, 20, 30, 40, source=source, score=0.1)
    op = {"op_id": str(identity()), "shape_id": shape["id"], "value": shape}
    ada.save(task, 0, op)
    assert ada.submit(task, draft_revision=1).status_code == 201
    (shown,) = ada.send("GET", f"items/{prediction.item_id}/annotations").json()["results"]
    assert (shown["score"], shown["source"]["action"]) == (0.7, action)
    assert shown["source"]["model_version"] == str(prediction.model_version_id)


def test_tasks_are_listed_ones_own_for_workers_and_all_for_managers(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 3)
    ada, max_, olga = at(world.ada), at(world.max), at(world.olga)
    task = ada.take()
    assert [row["id"] for row in ada.send("GET", "tasks").json()["results"]] == [task["id"]]
    assert len(max_.send("GET", "tasks").json()["results"]) == 3
    assert len(olga.send("GET", "tasks?state=ready").json()["results"]) == 2
    assert at(world.bob).send("GET", "tasks").json()["results"] == []
    assert at(world.eve).send("GET", "tasks").json()["results"] == []
    assert max_.send("GET", "tasks?owner=x").status_code == 400
    assert max_.send("GET", "tasks?stage=x").status_code == 422


def test_a_colleagues_task_is_known_but_not_ones_own(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    task = at(world.ada).take()
    assert at(world.bob).send("GET", f"tasks/{task['id']}").status_code == 403
    assert at(world.max).send("GET", f"tasks/{task['id']}").status_code == 200
    assert at(world.eve).send("GET", f"tasks/{task['id']}").status_code == 404


def test_a_list_of_tasks_is_read_in_few_queries(
    world: World, line: Line, at: Any, django_assert_max_num_queries: Any
) -> None:
    make_tasks(world, line, 12)
    max_ = at(world.max)
    max_.send("GET", "tasks")  # the session notes its use now and then
    with django_assert_max_num_queries(9):
        assert len(max_.send("GET", "tasks").json()["results"]) == 12
    first = max_.send("GET", "tasks").json()["results"][0]
    max_.send("GET", f"tasks/{first['id']}")  # from here on the process knows stage and recipe
    with django_assert_max_num_queries(10):
        assert max_.send("GET", f"tasks/{first['id']}").status_code == 200


def test_counts_of_stages_are_what_the_tasks_say(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 3)
    ada = at(world.ada)
    ada.submit(ada.take(), box())
    ada.take()
    with as_owner(world.project):
        counts = {one.pop("stage"): one for one in stage_counts(world.project)}
    label, review = counts[str(line.label.id)], counts[str(line.review.id)]
    assert (label["ready"], label["leased"], label["submitted"], label["open"], label["passed"]) == (1, 1, 1, 2, 1)
    assert (review["ready"], review["open"]) == (1, 1)
    assert counts[str(line.stages["dataset"].id)] == {"units": 3}


def test_a_project_without_a_run_has_no_counts(world: World) -> None:
    with as_owner(world.project):
        assert stage_counts(world.project) == []


def test_a_second_line_does_not_disturb_the_first(world: World, line: Line, at: Any) -> None:
    item = make_item(world)
    make_task(line, item)
    make_task(make_line(world), item)
    ada = at(world.ada)
    for task in ada.claim(limit=2).json()["tasks"]:
        assert ada.submit(task, box()).status_code == 201
