"""Submissions: what is written, what follows, and what is refused with the place of the mistake."""

from typing import Any

import pytest

from apps.activity.models import ActivityEvent, AuditEvent
from apps.annotation.models import Annotation, AnnotationRevision
from apps.distribution.models import Task, TaskState, Unit, UnitState
from apps.jobs.models import Outbox
from apps.projects.models import Item
from tests.people import World

from .conftest import put
from .line import Line, as_owner, box, identity, make_item, make_line, make_task, make_tasks


@pytest.fixture
def held(world: World, line: Line, at: Any) -> tuple[Any, dict[str, Any]]:
    """Ada with one task in hand."""
    make_tasks(world, line, 1)
    ada = at(world.ada)
    return ada, ada.take()


def test_a_submission_writes_document_rows_and_the_next_task_at_once(
    world: World, line: Line, held: tuple[Any, dict[str, Any]]
) -> None:
    ada, task = held
    polygon = {"id": str(identity()), "label": "tree", "type": "polygon", "parts": [[[[0, 0], [10, 0], [0, 10]]]]}

    made = ada.submit(task, box(10, 20, 30, 40, attributes={"model": "van"}), polygon)

    assert made.status_code == 201
    with as_owner(world.project):
        done, review = Task.objects.get(pk=task["id"]), Task.objects.get(stage=line.review)
        revision = AnnotationRevision.objects.get()
        rows = {row.type: row for row in Annotation.objects.select_related("label")}
    assert (done.state, done.lease_token, done.holder) == (TaskState.SUBMITTED, None, world.ada.id)
    assert (review.state, review.reviews_id, review.round, review.holder) == (TaskState.READY, done.pk, 1, None)
    assert (revision.number, revision.source, revision.author_id) == (1, "task", world.ada.id)
    assert {shape["id"] for shape in revision.document["shapes"]} == {str(row.id) for row in rows.values()}
    car, tree = rows["box"], rows["polygon"]
    assert (car.label.name, car.x1, car.y1, car.x2, car.y2, car.area) == ("car", 10, 20, 40, 60, 1200)
    assert (car.attributes, car.revision_id, car.unit_id) == ({"model": "van"}, revision.pk, done.unit_id)
    assert (tree.label.name, tree.area) == ("tree", 50)


def test_what_is_submitted_again_replaces_what_stood_there(
    world: World, held: tuple[Any, dict[str, Any]], at: Any
) -> None:
    ada, task = held
    kept, dropped = box(), box(100, 100)
    ada.submit(task, kept, dropped)
    rita = at(world.rita)
    rita.judge(rita.take(), "reject", comment="The second is a shadow.")

    again = ada.take()
    assert {shape["id"] for shape in again["annotations"]} == {kept["id"], dropped["id"]}
    ada.submit(again, {**kept, "x": 12})

    with as_owner(world.project):
        (row,) = Annotation.objects.all()
        assert (str(row.id), row.x1) == (kept["id"], 12)
        assert [len(revision.document["shapes"]) for revision in AnnotationRevision.objects.order_by("number")] == [
            2,
            1,
        ]
        assert Item.objects.get().revision == 2


def test_without_a_review_a_submission_is_accepted_and_the_unit_done(world: World, at: Any) -> None:
    line = make_line(world, ("dataset", "label", "done"))
    make_tasks(world, line, 1)
    ada = at(world.ada)
    assert ada.submit(ada.take(), box()).status_code == 201
    with as_owner(world.project):
        assert Task.objects.get().state == TaskState.ACCEPTED
        unit = Unit.objects.get()
    assert (unit.state, unit.finished_at is not None) == (UnitState.ACCEPTED, True)


def test_a_machine_that_comes_next_is_told_by_news(world: World, at: Any) -> None:
    line = make_line(world, ("dataset", "label", "predict", "done"))
    make_tasks(world, line, 1)
    ada = at(world.ada)
    ada.submit(ada.take())
    with as_owner(world.project):
        task = Task.objects.get(stage=line.stages["predict"])
        news = Outbox.objects.get(topic="stage.entered")
    assert (task.kind, task.state) == ("machine", TaskState.WAITING)
    assert (news.payload, news.org_id, news.project_id) == ({"task": str(task.pk)}, world.parking.id, world.project.id)


def test_nothing_drawn_is_an_answer_too(world: World, held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    assert ada.submit(task, annotations=[]).status_code == 201
    with as_owner(world.project):
        assert AnnotationRevision.objects.get().document == {"shapes": []}


def test_a_submission_is_recorded_with_counts_and_time(world: World, held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    rejected = str(identity())
    ada.submit(task, annotations=[box(), box(90, 90)], rejected=[rejected])
    with as_owner(world.project):
        event = ActivityEvent.objects.get(kind="task.submitted")
        audit = AuditEvent.objects.get(verb="task.submit")
        revision = AnnotationRevision.objects.get()
    figures = {name: event.payload[name] for name in ("drawn", "shapes", "rejected", "attempt", "round", "arm")}
    assert figures == {"drawn": 2, "shapes": 2, "rejected": 1, "attempt": 1, "round": 1, "arm": "assisted"}
    assert event.payload["elapsed_ms"] >= 0
    assert bytes(audit.after) == bytes(revision.digest)


CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "label": ({"label": "boat"}, "label_not_in_recipe", ".label"),
    "type": ({"label": "tree"}, "type_not_in_recipe", ".type"),
    "attribute": ({"attributes": {"colour": "red"}}, "invalid_attribute", ".attributes.colour"),
    "option": ({"attributes": {"model": "bus"}}, "invalid_attribute", ".attributes.model"),
    "checkbox": ({"attributes": {"parked": "yes"}}, "invalid_attribute", ".attributes.parked"),
    "number": ({"attributes": {"doors": True}}, "invalid_attribute", ".attributes.doors"),
    "outside": ({"x": 2000}, "invalid_geometry", ""),
    "flat": ({"width": 0}, "invalid_geometry", ""),
    "negative": ({"height": -4}, "invalid_geometry", ""),
    "far": ({"x": -1e30, "width": 2e30}, "invalid_geometry", ""),
    "two points": ({"type": "polygon", "parts": [[[[0, 0], [5, 5]]]]}, "too_few_points", ""),
    "no rings": ({"type": "polygon", "parts": [[]]}, "too_few_points", ""),
    "a line": ({"type": "polygon", "parts": [[[[0, 0], [5, 5], [10, 10]]]]}, "invalid_geometry", ""),
    "points": ({"type": "polygon", "parts": [[[[n, n % 7] for n in range(10_001)]]]}, "too_many_points", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_shape_is_refused_with_its_index_and_the_lease_stays(held: tuple[Any, dict[str, Any]], case: str) -> None:
    ada, task = held
    change, wanted, place = CASES[case]
    bad = {**box(), **change}
    if bad["type"] == "polygon":
        bad = {name: value for name, value in bad.items() if name not in {"x", "y", "width", "height"}}

    refused = ada.submit(task, box(), bad)

    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (422, wanted), error
    assert (error["details"]["index"], error["field"]) == (1, f"annotations[1]{place}")
    assert ada.submit(task, box()).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"annotations": [], "draft_revision": 0},
        {"draft_revision": 0, "rejected": [str(identity())]},
        {"annotations": [{"type": "box"}]},
        {"annotations": [{**box(), "type": "circle"}]},
        {"annotations": [{**box(), "x": "1"}]},
        {"annotations": [{**box(), "colour": "red"}]},
        {"annotations": [{**box(), "id": "1"}]},
        {"annotations": [{**box(), "attributes": {"model": {}}}]},
        {"draft_revision": "x"},
    ],
)
def test_a_body_that_cannot_be_read_is_refused(held: tuple[Any, dict[str, Any]], body: dict[str, Any]) -> None:
    ada, task = held
    refused = ada.send("POST", f"tasks/{task['id']}/submission", body, lease_token=task["lease"]["token"])
    assert refused.status_code in {400, 422}, refused.content


def test_not_a_number_is_no_coordinate(held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    for number in (b"NaN", b"Infinity", b"1e999"):
        body = b'{"annotations":[{"id":"%s","label":"car","type":"box","x":%s,"y":0,"width":1,"height":1}]}'
        refused = ada.client.post(
            f"{ada.api}/tasks/{task['id']}/submission",
            body % (str(identity()).encode(), number),
            content_type="application/json",
            headers={"Lease-Token": task["lease"]["token"]},
        )
        assert refused.status_code in {400, 422}


def test_two_shapes_of_one_id_and_ids_of_other_pictures_are_refused(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 2)
    ada = at(world.ada)
    first, second = ada.claim(limit=2).json()["tasks"]
    twin = box()
    assert ada.submit(first, twin, twin).json()["error"]["code"] == "duplicate_shape"
    ada.submit(first, twin)
    refused = ada.submit(second, twin)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "shape_id_taken")
    assert ada.submit(second, box()).status_code == 201


def test_a_review_task_is_not_ended_by_a_submission_nor_a_label_task_by_a_verdict(
    world: World, held: tuple[Any, dict[str, Any]], at: Any
) -> None:
    ada, task = held
    ada.submit(task, box())
    rita, max_ = at(world.rita), at(world.max)
    refused = rita.submit(rita.take(), box())
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "wrong_stage")
    make_task(make_line(world), make_item(world))
    refused = max_.judge(max_.take(), "accept")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "wrong_stage")


def test_strangers_and_unknown_tasks_are_not_told_apart(
    world: World, held: tuple[Any, dict[str, Any]], at: Any
) -> None:
    _, task = held
    eve = at(world.eve)
    for path in ("submission", "skip", "pulses", "assist", "verdict"):
        bodies = {"skip": {"reason": "x"}, "pulses": {"pulses": []}, "verdict": {"verdict": "accept"}}
        body = bodies.get(path, {"annotations": []} if path == "submission" else {})
        asked = [
            eve.send("POST", f"tasks/{row}/{path}", body, lease_token=identity()) for row in (task["id"], identity())
        ]
        assert asked[0].status_code == asked[1].status_code, path
        assert asked[0].json()["error"]["code"] == asked[1].json()["error"]["code"], path


def test_a_draft_is_handed_in_as_it_stood(world: World, held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    first, second = box(), box(200, 200)
    ada.save(task, 0, put(first), put(second))
    ada.save(task, 1, {"op_id": str(identity()), "shape_id": first["id"], "value": None})

    stale = ada.submit(task, draft_revision=1)
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "draft_conflict")
    assert ada.submit(task, draft_revision=2).status_code == 201

    with as_owner(world.project):
        assert [str(row.id) for row in Annotation.objects.all()] == [second["id"]]
    closed = ada.save(task, 2, put(box()))
    assert (closed.status_code, closed.json()["error"]["code"]) == (409, "draft_closed")


def test_an_empty_draft_is_handed_in_at_revision_nought(world: World, held: tuple[Any, dict[str, Any]]) -> None:
    ada, task = held
    assert ada.submit(task, draft_revision=0).status_code == 201
    with as_owner(world.project):
        assert not Annotation.objects.exists()
