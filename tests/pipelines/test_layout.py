"""Any graph is drawn, also one that could not run."""

from itertools import pairwise
from typing import Any

import pytest

from apps.pipelines.graphs import Edge, Graph, StageIn
from apps.pipelines.layout import HEIGHT, WIDTH, Point, Spot, layout_of


def graph(keys: str, *edges: tuple[str, ...]) -> Graph:
    """Stages by letters, edges as (from, to) or (from, to, outcome)."""
    return Graph(
        stages=[StageIn(key=key, kind="label") for key in keys],
        edges=[Edge(source=one[0], target=one[1], outcome=one[2] if len(one) > 2 else "done") for one in edges],
    )


def test_a_line_runs_from_left_to_right() -> None:
    spots = layout_of(graph("abc", ("a", "b"), ("b", "c"))).spots

    assert spots[0].x + WIDTH < spots[1].x < spots[2].x - WIDTH
    assert len({spot.y for spot in spots}) == 1


def test_no_two_stages_lie_on_one_another() -> None:
    edges = [("a", one, one) for one in "bcdef"] + [(one, "g") for one in "bcdef"]
    spots = layout_of(graph("abcdefghi", *edges)).spots

    for at, one in enumerate(spots):
        for other in spots[at + 1 :]:
            assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT


def test_ways_back_cross_no_stage() -> None:
    back = [("d", "b", "rework"), ("e", "b", "rework"), ("c", "a", "rework")]
    layout = layout_of(graph("abcde", ("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), *back))

    for way in layout.ways[-3:]:
        assert way.words == "Returned"
        for (x, y), (next_x, next_y) in pairwise(way.points):
            middle = ((x + next_x) / 2, (y + next_y) / 2)
            assert not [spot for spot in layout.spots if _covers(spot, middle)]


def _covers(spot: Spot, point: Point) -> bool:
    return abs(spot.x - point[0]) < WIDTH / 2 and abs(spot.y - point[1]) < HEIGHT / 2


def test_a_long_line_stands_in_rows() -> None:
    keys = "abcdefghijklmnopqrst"
    layout = layout_of(graph(keys, *pairwise(keys)))

    assert len({spot.y for spot in layout.spots}) > 2
    assert layout.box[2] - layout.box[0] < 3 * (layout.box[3] - layout.box[1])


@pytest.mark.parametrize(
    "odd",
    [
        graph(""),
        graph("a", ("a", "a")),
        graph("ab", ("a", "b"), ("b", "a")),
        graph("ab", ("a", "moon"), ("moon", "b")),
        graph("aab", ("a", "b"), ("b", "b", "rework")),
        graph("ab", ("a", "b", "rework"), ("a", "b", "rework")),
    ],
)
def test_what_cannot_run_is_drawn_all_the_same(odd: Any) -> None:
    layout = layout_of(odd)

    assert len(layout.spots) == len(odd.stages)
    assert len(layout.ways) == len(odd.edges)


def test_a_route_s_rule_is_called_by_its_title() -> None:
    route = StageIn(key="a", kind="route", settings={"rules": [{"key": "sure", "title": "Sure enough", "when": []}]})
    edges = [Edge(source="a", target="b", outcome=one) for one in ("sure", "other", "default")]
    layout = layout_of(Graph(stages=[route, StageIn(key="b", kind="done")], edges=edges))

    assert [way.words for way in layout.ways] == ["Sure enough", "other", "Otherwise"]
    assert all(way.at for way in layout.ways)
