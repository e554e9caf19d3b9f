"""Items taken apart into tiles and objects, and gathered again."""

from typing import Any

import pytest
from django.utils import timezone

from apps.annotation.models import Annotation
from apps.distribution.models import Task, Unit, UnitState
from apps.distribution.services import withdrawals
from apps.distribution.services.machines import start_entered
from apps.projects.models import Item
from tests.people import World

from .graphs import Works, graph_of
from .line import as_owner, box, make_item

TILES = graph_of(
    [
        ("dataset", "dataset", {}),
        ("cut", "tile", {"size": 500}),
        ("find", "label", {}),
        ("merge", "merge", {"threshold": 0.5}),
        ("check", "review", {}),
        ("mend", "label", {}),
        ("done", "done", {}),
    ],
    ("check", "done", "done"),
    ("check", "rework", "mend"),
    ("mend", "done", "check"),
)
OBJECTS = graph_of(
    [
        ("dataset", "dataset", {}),
        ("draw", "label", {}),
        ("name", "label", {"unit": "object", "question": {"attribute": "model"}, "objects": {"labels": ["car"]}}),
        ("done", "done", {}),
    ]
)


@pytest.fixture
def tiles(world: World) -> Works:
    """One picture of 1000 by 800 pixels, cut into four."""
    make_item(world)
    works = Works(world, TILES)
    works.step()
    return works


def test_an_item_is_cut_into_regions_that_cover_it_once(tiles: Works) -> None:
    regions = [tuple(task.unit.region) for task in tiles.tasks("find")]
    assert sorted(regions) == [(0, 0, 500, 400), (0, 400, 500, 400), (500, 0, 500, 400), (500, 400, 500, 400)]


def test_an_item_goes_on_when_its_last_tile_is_done(tiles: Works, at: Any) -> None:
    ada = at(tiles.world.ada)
    for left in (3, 2, 1, 0):
        task = ada.take()
        x, y = task["unit"]["region"]["x"], task["unit"]["region"]["y"]
        assert ada.submit(task, box(x=x + 20, y=y + 20)).status_code == 201
        tiles.step()
        assert len(tiles.tasks("check")) == (left == 0)
    with as_owner(tiles.world.project):
        assert Annotation.objects.count() == 4


def test_doubles_at_a_border_are_one_and_the_other_is_named(tiles: Works, at: Any) -> None:
    ada = at(tiles.world.ada)
    drawn = {}
    for _ in range(4):
        task = ada.take()
        x, y = task["unit"]["region"]["x"], task["unit"]["region"]["y"]
        shapes = []
        if y == 0:  # a car that lies across the border, as the people at either tile saw it
            shapes = [box(x=470 if x == 0 else 475, y=100, width=58 if x == 0 else 60, height=30)]
            drawn[x] = shapes[0]["id"]
        assert ada.submit(task, *shapes).status_code == 201
    tiles.step()
    with as_owner(tiles.world.project):
        (kept,) = Annotation.objects.all()
    assert str(kept.pk) == drawn[500]
    assert kept.source["merged"] == drawn[0]


def test_nobody_reviews_an_item_whose_tile_they_did(tiles: Works, at: Any) -> None:
    rita, ada, max_ = at(tiles.world.rita), at(tiles.world.ada), at(tiles.world.max)
    rita.submit(rita.take())
    for _ in range(3):
        ada.submit(ada.take())
    tiles.step()
    assert rita.claim().status_code == 204
    assert max_.take()["stage"]["key"] == "check"


def test_what_several_people_did_is_judged_and_mended_as_a_whole(tiles: Works, at: Any) -> None:
    ada, bob, rita = at(tiles.world.ada), at(tiles.world.bob), at(tiles.world.rita)
    for desk in (ada, bob, ada, bob):
        desk.submit(desk.take())
    tiles.step()
    review = rita.take()
    assert rita.judge(review, "reject", comment="A car is missing.").status_code == 201
    mend = bob.take()
    assert (mend["stage"]["key"], mend["unit"]["kind"]) == ("mend", "item")
    assert mend["returned"]["comment"] == "A car is missing."
    bob.submit(mend, box())
    again = rita.take()
    assert rita.judge(again, "accept").status_code == 201
    with as_owner(tiles.world.project):
        assert Unit.objects.get(kind="item").state == UnitState.ACCEPTED


@pytest.fixture
def objects(world: World) -> Works:
    make_item(world)
    return Works(world, OBJECTS)


def test_an_object_stage_asks_about_each_object_and_gathers_them(objects: Works, at: Any) -> None:
    ada, bob = at(objects.world.ada), at(objects.world.bob)
    ada.submit(ada.take(), box(x=10), box(x=200), box(x=400))
    objects.step()
    for left in (2, 1, 0):
        task = bob.take()
        assert task["unit"]["kind"] == "object"
        (shape,) = task["annotations"]
        assert bob.submit(task, shape | {"attributes": {"model": "van"}}).status_code == 201
        with as_owner(objects.world.project):
            assert Unit.objects.get(kind="item").open_children == left
    with as_owner(objects.world.project):
        assert Unit.objects.get(kind="item").state == UnitState.ACCEPTED
        assert {row.attributes["model"] for row in Annotation.objects.all()} == {"van"}
        assert Annotation.objects.count() == 3


def test_a_stage_asks_only_about_objects_that_nobody_has_answered(world: World, at: Any) -> None:
    make_item(world)
    asks = {"unit": "object", "question": {"attribute": "model"}, "objects": {"without": "doors"}}
    stages = [("dataset", "dataset", {}), ("draw", "label", {}), ("name", "label", asks), ("done", "done", {})]
    works = Works(world, graph_of(stages))
    ada = at(world.ada)
    ada.submit(ada.take(), box(x=10, attributes={"doors": 3}), box(x=200, attributes={"doors": None}), box(x=400))
    works.step()
    assert len(works.tasks("name")) == 2


def test_an_item_without_such_objects_goes_on_at_once(objects: Works, at: Any) -> None:
    ada = at(objects.world.ada)
    ada.submit(ada.take())
    objects.step()
    with as_owner(objects.world.project):
        assert Unit.objects.get(kind="item").state == UnitState.ACCEPTED


def test_to_start_a_step_twice_is_to_start_it_once(objects: Works, at: Any) -> None:
    ada = at(objects.world.ada)
    ada.submit(ada.take(), box(x=10), box(x=200))
    objects.step()
    with as_owner(objects.world.project):
        machines = list(Task.objects.filter(kind="machine").values_list("pk", flat=True))
        start_entered(machines)
    assert len(objects.tasks("name")) == 2


def test_a_picture_deleted_between_its_tiles_comes_back_where_it_was(tiles: Works, at: Any) -> None:
    ada = at(tiles.world.ada)
    for _ in range(2):
        ada.submit(ada.take())
    with as_owner(tiles.world.project):
        item = Item.objects.get()
        Item.objects.filter(pk=item.pk).update(deleted_at=timezone.now())
        withdrawals.withdraw([item.pk])
    assert ada.claim().status_code == 204
    with as_owner(tiles.world.project):
        Item.objects.filter(pk=item.pk).update(deleted_at=None)
        withdrawals.bring_back([item.pk])
    for _ in range(2):
        ada.submit(ada.take())
    tiles.step()
    assert len(tiles.tasks("check")) == 1
