"""What the state machine found, each as a case of its own."""

from typing import Any
from unittest.mock import patch

import pytest

from apps.core.tenancy import acting_as
from apps.distribution.models import NEVER, Task
from apps.distribution.services import claims
from apps.distribution.services.machines import starting
from tests.people import World

from .graphs import Works, graph_of
from .line import as_owner, box, make_item, make_line, make_tasks

TWO_DRAW = graph_of(
    [
        ("dataset", "dataset", {}),
        ("draw", "label", {"overlap": 2}),
        ("check", "review", {}),
        ("done", "done", {}),
    ],
    ("check", "rework", "draw"),
)
TILES = graph_of(
    [
        ("dataset", "dataset", {}),
        ("cut", "tile", {"size": 500}),
        ("find", "label", {}),
        ("merge", "merge", {}),
        ("look", "label", {}),
        ("done", "done", {}),
    ]
)


@pytest.fixture
def two_draw(world: World) -> Works:
    make_item(world)
    return Works(world, TWO_DRAW)


def keep_for_ada(world: World, tasks: list[Task]) -> None:
    with as_owner(world.project):
        Task.objects.filter(pk__in=[task.pk for task in tasks]).update(
            preferred_person=world.ada.id, preferred_until=NEVER
        )


def test_of_two_parts_kept_for_one_person_they_get_one(two_draw: Works) -> None:
    world = two_draw.world
    keep_for_ada(world, two_draw.tasks("draw"))
    with acting_as(world.ada.context):
        assert len(claims.claim_tasks(project_id=world.project.id, limit=5)) == 1


def test_of_a_part_that_is_kept_and_one_that_is_not_a_person_gets_one(two_draw: Works) -> None:
    world = two_draw.world
    keep_for_ada(world, two_draw.tasks("draw")[:1])
    with acting_as(world.ada.context):
        assert len(claims.claim_tasks(project_id=world.project.id, limit=5)) == 1


def test_a_return_to_several_people_keeps_one_part_for_who_is_told(two_draw: Works, at: Any) -> None:
    world = two_draw.world
    ada, bob, rita = at(world.ada), at(world.bob), at(world.rita)
    for desk in (ada, bob):
        assert desk.submit(desk.take(), box()).status_code == 201
    two_draw.step()
    assert rita.judge(rita.take(), "reject", comment="Again.").status_code == 201
    assert ada.take()["stage"]["key"] == "draw"
    assert bob.take()["stage"]["key"] == "draw"


def test_a_claim_keeps_to_the_cap_with_kept_and_queued_work_together(world: World) -> None:
    line = make_line(world, label={"settings": {"most_held": 2}})
    keep_for_ada(world, make_tasks(world, line, 4)[:1])
    with acting_as(world.ada.context):
        assert len(claims.claim_tasks(project_id=world.project.id, limit=5)) == 2


def test_an_item_that_cannot_be_cut_goes_to_people_who_see_it_whole(world: World) -> None:
    make_item(world)
    with patch.dict(starting.KINDS, {"tile": lambda *_: 1 / 0}):
        works = Works(world, TILES)
        works.step()
    assert [task.unit.kind for task in works.tasks("look")] == ["item"]
