"""Where the stages of a graph stand and how its edges run: from left to right, in several rows where it is long."""

from typing import Any

import graphlay

from apps.core.json import Answer

from .choices import OUTCOMES
from .graphs import Edge, Graph, StageIn

WIDTH, HEIGHT = 148.0, 64.0
LETTER, LABEL_HEIGHT = 6.0, 16.0  # of an edge's words at 11.5 px
LONGEST_WORDS = 22
WIDEST = 1200.0  # of one row; what is wider could not be read where it is shown
MOST_WAYS = 250  # a tangle of more takes the library seconds, and nobody could read it
IN_ONE_ROW: dict[str, Any] = {
    "spacing": {"layer_gap": 44.0, "node_gap": 36.0, "edge_label_margin": 16.0},
    "labels": {"reservation": "always"},
}
IN_ROWS = {**IN_ONE_ROW, "wrap": {"viewport_aspect": 1.5}, "tuning": {"wrap": {"max_rows": 8}}}
Point = tuple[float, float]


class Spot(Answer):
    """The middle of a stage."""

    x: float
    y: float


class Way(Answer):
    """How an edge runs, what is written on it and where; no points where one of its ends is not there."""

    points: list[Point]
    words: str
    at: Point | None


class Layout(Answer):
    """In the order of the graph: `spots` of its stages, `ways` of its edges; `box` is left, top, right, bottom."""

    width: float
    height: float
    box: tuple[float, float, float, float]
    spots: list[Spot]
    ways: list[Way]


def layout_of(graph: Graph) -> Layout:
    """Any graph, also one that could not run: edges may lead in circles, to nowhere or to themselves."""
    places = {stage.key: index for index, stage in reversed(list(enumerate(graph.stages)))}
    words = _words(graph)
    known = [at for at, edge in enumerate(graph.edges) if {edge.source, edge.target} <= places.keys()][:MOST_WAYS]
    drawing = graphlay.Graph()
    for _ in graph.stages:
        drawing.node(width=WIDTH, height=HEIGHT)
    for at in known:
        edge = graph.edges[at]
        drawing.edge(places[edge.source], places[edge.target], **_room_for(words[at]))
    drawn = graphlay.layout(drawing, options=IN_ONE_ROW)
    if drawn.bounds["max"]["x"] - drawn.bounds["min"]["x"] > WIDEST:
        drawn = graphlay.layout(drawing, options=IN_ROWS)
    ways = dict(zip(known, drawn.edges, strict=True))
    low, high = drawn.bounds["min"], drawn.bounds["max"]
    return Layout(
        width=WIDTH,
        height=HEIGHT,
        box=(low["x"], low["y"], high["x"], high["y"]),
        spots=[Spot(x=node["center"]["x"], y=node["center"]["y"]) for node in drawn.nodes],
        ways=[_way(ways.get(at), words[at]) for at in range(len(graph.edges))],
    )


def _words(graph: Graph) -> list[str]:
    """What is written on each edge: nothing on the plain way on, the title of a route's rule, else the outcome's."""
    stages = {stage.key: stage for stage in graph.stages}
    return [_short(_word_of(edge, stages.get(edge.source))) for edge in graph.edges]


def _word_of(edge: Edge, source: StageIn | None) -> str:
    if edge.outcome == "done":
        return ""
    rules = source.settings.get("rules") if source and source.kind == "route" else None
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, dict) and rule.get("key") == edge.outcome and rule.get("title"):
            return str(rule["title"])
    return str(OUTCOMES.get(edge.outcome, edge.outcome))


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1].rstrip() + "…"


def _room_for(words: str) -> dict[str, Any]:
    return {"label_size": {"width": LETTER * len(words) + 8, "height": LABEL_HEIGHT}} if words else {}


def _way(drawn: dict[str, Any] | None, words: str) -> Way:
    if drawn is None:
        return Way(points=[], words=words, at=None)
    at = drawn.get("label_anchor")
    points = [(point["x"], point["y"]) for point in drawn["points"]]
    return Way(points=points, words=words, at=(at["x"], at["y"]) if at else None)
