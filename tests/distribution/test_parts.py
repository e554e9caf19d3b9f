"""Tasks about a part of a picture: a tile holds what is centred in it, an object's task that object alone."""

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from apps.annotation.models import Annotation, AnnotationRevision
from apps.distribution.models import Task
from apps.distribution.selectors import known
from apps.pipelines.models import Stage
from apps.projects.models import Item
from tests.people import World

from .conftest import put
from .line import Line, as_owner, box, identity, make_item, make_line, make_recipe, make_task

TILE = [100.0, 100.0, 200.0, 200.0]
LEFT = {"label": "tree", "type": "polygon", "parts": [[[[0, 150], [199.98, 150], [199.98, 160]]]]}


def make_part(line: Line, item: Any, **unit: Any) -> Task:
    """A task whose unit is a part of the picture, on a line of such units."""
    task = make_task(line, item)
    with as_owner(line.run.project):
        Stage.objects.filter(pipeline_version=line.run.pipeline_version_id).update(unit=unit["kind"])
        for name, value in unit.items():
            setattr(task.unit, name, value)
        task.unit.save()
    return task


def draw(line: Line, item: Any, *shapes: dict[str, Any]) -> None:
    """Annotations of the item, as an earlier task left them."""
    label_ids = {label["name"]: label["id"] for label in line.recipe.labels}
    with as_owner(line.run.project):
        revision = AnnotationRevision.objects.create(
            org_id=item.org_id,
            project_id=item.project_id,
            item=item,
            number=1,
            document={},
            digest=b"",
            source="task",
            at=timezone.now(),
        )
        for shape in shapes:
            place = {name: shape[name] for name in ("x", "y", "width", "height")}
            Annotation.objects.create(
                id=UUID(shape["id"]),
                org_id=item.org_id,
                project_id=item.project_id,
                item=item,
                revision=revision,
                label_id=UUID(label_ids[shape["label"]]),
                type="box",
                geometry=place,
                x1=shape["x"],
                y1=shape["y"],
                x2=shape["x"] + shape["width"],
                y2=shape["y"] + shape["height"],
                area=shape["width"] * shape["height"],
                source={"kind": "human", "action": "drawn"},
            )
        Item.objects.filter(pk=item.pk).update(revision=1)


@pytest.fixture
def tile(world: World, line: Line) -> Task:
    return make_part(line, make_item(world), kind="tile", region=TILE)


@pytest.fixture
def car(world: World, line: Line) -> dict[str, Any]:
    """A car of a picture with a neighbour, and the task about it."""
    item, shape = make_item(world), box()
    draw(line, item, shape, box(400, 400))
    make_part(line, item, kind="object", subject=UUID(shape["id"]), region=[0.0, 0.0, 120.0, 100.0])
    return shape


def asks(line: Line, **question: Any) -> None:
    with as_owner(line.run.project):
        Stage.objects.filter(pk=line.label.pk).update(settings={"question": question})


def refused(answer: Any) -> tuple[int, str, Any]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["field"]


@pytest.mark.parametrize(
    "shape", [box(290, 290, 21, 21), box(90, 150, 19, 10), box(150, 299, 10, 2), LEFT | {"id": str(identity())}]
)
def test_a_tile_does_not_take_what_is_centred_beside_it(world: World, tile: Task, at: Any, shape: Any) -> None:
    ada = at(world.ada)
    answer = ada.submit(ada.take(), box(150, 150), shape)

    assert refused(answer) == (422, "outside_unit", "annotations[1]")
    error = answer.json()["error"]
    assert error["details"]["index"] == 1
    assert "Shape 1" in error["message"]


def test_a_tile_takes_what_reaches_out_of_it(world: World, tile: Task, at: Any) -> None:
    ada = at(world.ada)
    task = ada.take()
    assert (task["unit"]["kind"], task["unit"]["subject"]) == ("tile", None)
    assert ada.submit(task, box(90, 100, 20, 10), box(270, 270, 59, 59)).status_code == 201


def test_a_draft_and_a_fix_of_a_tile_are_held_to_it_too(world: World, tile: Task, at: Any) -> None:
    ada, rita, beside = at(world.ada), at(world.rita), box(500, 500)
    task = ada.take()
    ada.save(task, 0, put(beside))
    assert refused(ada.submit(task, draft_revision=1)) == (422, "outside_unit", "annotations[0]")
    assert ada.submit(task, box(150, 150)).status_code == 201

    review = rita.take()
    assert refused(rita.judge(review, "fix", annotations=[beside])) == (422, "outside_unit", "annotations[0]")
    assert rita.judge(review, "fix", annotations=[box(160, 150)]).status_code == 201


def test_a_tile_is_judged_by_its_row_where_this_process_never_showed_it(world: World, tile: Task, at: Any) -> None:
    ada = at(world.ada)
    task = ada.take()
    known._grounds.clear()
    assert refused(ada.submit(task, box(500, 500)))[1] == "outside_unit"


def test_an_object_is_shown_alone_with_its_question(world: World, line: Line, car: dict[str, Any], at: Any) -> None:
    asks(line, attribute="model", label=False)
    task = at(world.ada).take()

    assert [shape["id"] for shape in task["annotations"]] == [car["id"]]
    assert (task["unit"]["kind"], task["unit"]["subject"]) == ("object", car["id"])
    assert task["unit"]["region"] == {"x": 0, "y": 0, "width": 120, "height": 100}
    assert task["stage"]["question"] == {"attribute": "model", "label": False}


def test_a_stage_may_show_no_suggestions(world: World, line: Line, at: Any) -> None:
    with as_owner(line.run.project):
        Stage.objects.filter(pk=line.label.pk).update(settings={"suggestions": False})
    make_task(line, make_item(world))
    task = at(world.ada).take()
    assert (task["suggestions_shown"], task["stage"]["question"]) == (False, None)


def test_a_review_of_an_object_shows_the_question_that_was_asked(
    world: World, line: Line, car: dict[str, Any], at: Any
) -> None:
    asks(line, attribute="model", label=False)
    ada, rita = at(world.ada), at(world.rita)
    assert ada.submit(ada.take(), {**car, "attributes": {"model": "van"}}).status_code == 201

    review = rita.take()
    assert review["stage"]["question"] == {"attribute": "model", "label": False}
    assert [shape["attributes"] for shape in review["annotations"]] == [{"model": "van"}]
    other = refused(rita.judge(review, "fix", annotations=[box()]))
    assert other == (422, "outside_unit", "annotations[0].id")
    assert rita.judge(review, "fix", annotations=[{**car, "attributes": {"model": "sedan"}}]).status_code == 201
    with as_owner(world.project):
        assert Annotation.objects.get(pk=car["id"]).attributes == {"model": "sedan"}
        assert Annotation.objects.count() == 2


def test_an_object_is_handed_in_alone_and_cannot_go(world: World, line: Line, car: dict[str, Any], at: Any) -> None:
    ada = at(world.ada)
    task = ada.take()
    assert refused(ada.submit(task, car, box())) == (422, "outside_unit", "annotations[1].id")
    assert refused(ada.submit(task, box())) == (422, "outside_unit", "annotations[0].id")
    assert refused(ada.submit(task, annotations=[])) == (422, "outside_unit", "annotations")
    ada.save(task, 0, {**put(car), "value": None})
    assert refused(ada.submit(task, draft_revision=1)) == (422, "outside_unit", "annotations")
    assert ada.submit(task, {**car, "attributes": {"parked": True}}).status_code == 201


def test_of_an_object_only_the_answer_that_is_asked_for_is_required(world: World, at: Any) -> None:
    line = make_line(world)
    attributes = [{"name": name, "title": name, "type": "text", "required": True} for name in ("model", "colour")]
    labels = [{"name": "car", "title": "Car", "color": 1, "attributes": attributes}]
    with as_owner(world.project):
        line.run.recipe_version = line.recipe = make_recipe(world.project, labels)
        line.run.save()
    asks(line, attribute="model", label=False)
    item, shape = make_item(world), box()
    draw(line, item, shape)
    make_part(line, item, kind="object", subject=UUID(shape["id"]))

    ada = at(world.ada)
    task = ada.take()
    assert refused(ada.submit(task, shape)) == (422, "invalid_attribute", "annotations[0].attributes.model")
    assert ada.submit(task, {**shape, "attributes": {"model": "Aster 3"}}).status_code == 201


def test_an_object_that_was_deleted_meanwhile_is_no_other_object(
    world: World, line: Line, car: dict[str, Any], at: Any
) -> None:
    with as_owner(world.project):
        Annotation.objects.filter(pk=car["id"]).delete()
    ada = at(world.ada)
    task = ada.take()
    assert task["annotations"] == []
    assert refused(ada.submit(task, box()))[1] == "outside_unit"
