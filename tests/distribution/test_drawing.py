"""A run's graph is drawn with its counts where it has branches; a plain line stays a line."""

import re
from typing import Any

from apps.core.tenancy import tenant_tx
from apps.distribution.drawing import drawing_of
from apps.distribution.overviews import board_of
from tests.people import World

from .graphs import Works, graph_of
from .line import Line, as_owner, make_item, make_tasks

RULES = {"rules": [{"key": "sample", "title": "One in ten", "when": [{"test": "share", "percent": 10}]}]}
BRANCHED = graph_of(
    [("dataset", "dataset", {}), ("route", "route", RULES), ("label", "label", {}), ("review", "review", {}),
     ("done", "done", {})],
    ("route", "sample", "label"), ("route", "default", "done"), ("review", "rework", "label"),
)  # fmt: skip


def test_a_plain_line_is_no_graph(world: World, line: Line) -> None:
    make_tasks(world, line, 1)
    with as_owner(world.project):
        assert drawing_of(board_of(world.project)) is None


def test_a_graph_with_branches_is_drawn_with_live_counts(world: World, at: Any) -> None:
    make_item(world)
    works = Works(world, BRANCHED)
    with as_owner(world.project):
        graph = drawing_of(board_of(world.project))
    assert graph is not None
    assert {stage["title"] for stage in graph["stages"]} == {"Dataset", "Route", "Label", "Review", "Done"}
    assert "One in ten" in {way["words"] for way in graph["ways"]}
    noor = at(world.noor)
    page = noor.client.get(f"{noor.client.org}/projects/{world.project.id}/pipeline/").content.decode()
    route = works.stage("route")
    assert re.search(rf'<tspan data-stage="{route.pk}" data-count="passed">1</tspan>', page)


def test_a_vendor_sees_the_part_that_is_shared(world: World) -> None:
    make_item(world)
    works = Works(world, BRANCHED)
    context = world.max.context
    closed = type(context)(context.org_id, context.user_id, context.role, context.projects, context.org_slug,
                           frozenset({works.stage("review").pk}))  # fmt: skip
    with tenant_tx(closed):
        graph = drawing_of(board_of(world.project))
    assert graph is not None
    assert "Review" not in {stage["title"] for stage in graph["stages"]}
