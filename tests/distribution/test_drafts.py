"""Drafts: each operation once, conflicts told, kept for the author whatever becomes of the lease."""

from typing import Any

import pytest

from apps.distribution.models import DraftOperation
from apps.distribution.services import drafts
from tests.people import World

from .conftest import put
from .line import Line, as_owner, box, identity, make_tasks
from .test_leases import run_out, sweep


@pytest.fixture
def held(world: World, line: Line, at: Any) -> tuple[Any, dict[str, Any]]:
    """Ada with one task in hand."""
    make_tasks(world, line, 1)
    ada = at(world.ada)
    return ada, ada.take()


def read(desk: Any, task: dict[str, Any]) -> dict[str, Any]:
    answer = desk.send("GET", f"tasks/{task['id']}/draft")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    assert answer["ETag"] == f'"r{body["revision"]}"'
    return body


def test_a_draft_that_was_never_saved_is_revision_nought(held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    assert read(ada, task) == {"revision": 0, "values": {}, "rejected": []}


def test_operations_add_change_delete_reject_and_take_back(held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    shape, other, prediction = box(), box(5, 5), str(identity())
    reject = {"op_id": str(identity()), "prediction": prediction, "rejected": True}

    assert ada.save(task, 0, put(shape), put(other), reject).json() == {"revision": 1}
    moved = {**shape, "x": 300, "rotation": 30}
    gone = {"op_id": str(identity()), "shape_id": other["id"], "value": None}
    assert ada.save(task, 1, put(moved), gone).json() == {"revision": 2}

    draft = read(ada, task)
    assert (draft["revision"], draft["rejected"]) == (2, [prediction])
    assert draft["values"][other["id"]] is None
    assert (draft["values"][shape["id"]]["x"], draft["values"][shape["id"]]["rotation"]) == (300, 30)
    ada.save(task, 2, {"op_id": str(identity()), "prediction": prediction, "rejected": False})
    assert read(ada, task)["rejected"] == []


def test_the_same_request_twice_changes_nothing_the_second_time(world: World, held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    first, second = put(box()), put(box())
    assert ada.save(task, 0, first).json() == {"revision": 1}
    assert ada.save(task, 0, first).json() == {"revision": 1}
    assert ada.save(task, 1, second).json() == {"revision": 2}
    assert ada.save(task, 0, first).json() == {"revision": 2}
    with as_owner(world.project):
        assert DraftOperation.objects.count() == 2


def test_one_operation_twice_in_a_request_is_one(held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    op = put(box())
    assert ada.save(task, 0, op, op).json() == {"revision": 1}


@pytest.mark.parametrize("base", [0, 2, 99, -1])
def test_a_stale_base_with_new_operations_is_a_conflict_that_says_the_revision(
    held: tuple[Any, dict[str, Any]], base: int
) -> None:
    ada, task = held
    ada.save(task, 0, put(box()))
    refused = ada.save(task, base, put(box()))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "draft_conflict")
    assert refused.json()["error"]["details"] == {"revision": 1}
    assert len(read(ada, task)["values"]) == 1


def test_a_conflict_is_settled_by_the_whole_draft_and_its_revision(held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    ada.save(task, 0, put(box()), put(box()))
    chosen, path = box(7, 7), f"tasks/{task['id']}/draft"
    body = {"values": {chosen["id"]: chosen}, "rejected": []}

    assert ada.send("PUT", path, body).status_code == 428
    stale = ada.send("PUT", path, body, If_Match='"r0"')
    assert (stale.status_code, stale.json()["error"]["details"]) == (412, {"etag": '"r1"'})
    assert ada.send("PUT", path, body, If_Match='"r1"').json() == {"revision": 2}
    assert list(read(ada, task)["values"]) == [chosen["id"]]


def test_a_draft_needs_its_author_and_not_the_lease(world: World, held: tuple[Any, dict[str, Any]], at: Any) -> None:
    ada, task = held
    run_out(world, task)
    sweep(world)
    bob = at(world.bob)
    bob.take()

    assert ada.save(task, 0, put(box())).json() == {"revision": 1}
    assert read(bob, task)["revision"] == 0
    assert bob.save(task, 0, put(box())).json() == {"revision": 1}
    assert read(ada, task)["values"] != read(bob, task)["values"]


def test_who_was_never_given_a_task_has_no_draft_of_it(world: World, held: tuple[Any, dict[str, Any]], at: Any) -> None:
    _, task = held
    refused = at(world.bob).save(task, 0, put(box()))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_your_task")
    assert at(world.eve).save(task, 0, put(box())).status_code == 404
    assert at(world.eve).send("GET", f"tasks/{task['id']}/draft").status_code == 404


def test_after_taking_a_task_again_the_draft_is_still_there(world: World, held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    ada.save(task, 0, put(box()))
    run_out(world, task)
    sweep(world)
    again = ada.take(task=task["id"])
    assert read(ada, again)["revision"] == 1
    assert ada.submit(again, draft_revision=1).status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        {"shape_id": None},
        {"value": {**box(), "type": "circle"}},
        {"value": box()},
        {"prediction": str(identity())},
        {"prediction": str(identity()), "rejected": True},
        {"op_id": "x"},
        {"values": 1},
    ],
)
def test_an_operation_that_cannot_be_read_is_refused_whole(
    held: tuple[Any, dict[str, Any]], change: dict[str, Any]
) -> None:
    ada, task = held
    refused = ada.save(task, 0, put(box()), {**put(box()), **change})
    assert refused.status_code in {400, 422}
    assert read(ada, task)["revision"] == 0


def test_a_draft_has_an_end(held: tuple[Any, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    ada, task = held
    monkeypatch.setattr(drafts, "MOST_VALUES", 3)
    refused = ada.save(task, 0, *(put(box()) for _ in range(4)))
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "draft_too_large")
    assert read(ada, task)["revision"] == 0
    many = ada.save(task, 0, *(put(box()) for _ in range(drafts.MOST_OPERATIONS + 1)))
    assert many.json()["error"]["code"] == "draft_too_large"
