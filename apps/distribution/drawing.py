"""A run's graph as the pipeline page draws it, with its counts: where it has branches, no line shows it."""

from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import get_language

from apps.pipelines.graphs import Graph
from apps.pipelines.layout import Layout, layout_of
from apps.pipelines.selectors import shown_graph

from .overviews import Board

PAD = 12.0
INSET, TITLE, COUNTS, MORE = 12.0, 20.0, 38.0, 54.0  # in a stage's box: from the left, and lines from the top


def drawing_of(board: Board) -> dict[str, Any] | None:
    """Boxes with the nodes of the board's line, ways as SVG paths; None where the stages stand in a row.

    It says `view` (the viewBox), `width`, `stages` and `ways`.
    """
    if board.run is None:
        return None
    version = board.run.pipeline_version
    graph = msgspec.convert(shown_graph(version, board.stages), Graph)
    if not _has_branches(graph):
        return None
    layout = _layout(version.pk, tuple(sorted(stage.key for stage in graph.stages)), get_language() or "", graph)
    left, top, right, bottom = layout.box
    width, height = right - left + 2 * PAD, bottom - top + 2 * PAD
    nodes = dict(zip((stage.key for stage in board.stages), board.line, strict=True))
    spots = zip(graph.stages, layout.spots, strict=True)
    return {
        "view": f"{left - PAD:.1f} {top - PAD:.1f} {width:.1f} {height:.1f}",
        "width": round(width),
        "stages": [_box(nodes[stage.key], spot.x, spot.y, layout) for stage, spot in spots],
        "ways": [
            {"path": _path(way.points), "words": way.words, "at": way.at, "outcome": edge.outcome}
            for edge, way in zip(graph.edges, layout.ways, strict=True)
            if way.points
        ],
    }


class _Known:
    """A graph that equals every other one: what it is, the other arguments say."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known)

    def __hash__(self) -> int:
        return 0


def _layout(version_id: UUID, keys: tuple[str, ...], language: str, graph: Graph) -> Layout:
    return _laid_out(version_id, keys, language, _Known(graph))


@lru_cache(maxsize=256)
def _laid_out(version_id: UUID, keys: tuple[str, ...], language: str, known: _Known) -> Layout:
    return layout_of(known.graph)


def _has_branches(graph: Graph) -> bool:
    """Whether it is more than a row of stages with ways back."""
    onward = [edge for edge in graph.edges if edge.outcome not in {"rework", "failed"}]
    return len({edge.source for edge in onward}) < len(onward) or len({edge.target for edge in onward}) < len(onward)


def _box(node: dict[str, Any], x: float, y: float, layout: Layout) -> dict[str, Any]:
    left, top = x - layout.width / 2, y - layout.height / 2
    return node | {
        "x": left,
        "y": top,
        "width": layout.width,
        "height": layout.height,
        "text_x": left + INSET,
        "title_y": top + TITLE,
        "lines": [(top + at, one) for at, one in zip((COUNTS, MORE), [node["big"], *node["rest"]], strict=False)],
    }


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
