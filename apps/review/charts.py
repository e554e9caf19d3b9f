"""Drawings of rates as numbers of SVG attributes: the policy allows no inline style."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .reports import Line, Share, against

HEIGHT, TOP, BOTTOM = 220, 12, 26
MOST_NAMES = 12  # that stand beside each other under the axis


def axis_of(shares: Iterable[Share], goal: float | None) -> float:
    """Where the axis begins: at a whole ten per cent below all that is drawn on it."""
    lows = [share.estimate.low for share in shares if share.estimate.low is not None]
    lows += [goal] if goal is not None else []
    return min(0.9, int(min(lows) * 10) / 10) if lows else 0.0


@dataclass(frozen=True, slots=True)
class Trend:
    """A rate over time: weeks with enough data as points with their intervals, a line between neighbours.

    Places across are per cents, so that letters and points keep their size however wide the page is.
    """

    points: list[dict[str, Any]]
    joins: list[tuple[dict[str, Any], dict[str, Any]]]
    rules: list[dict[str, str]]
    goal: str | None
    height: int = HEIGHT


def trend_of(lines: Sequence[Line], goal: float | None) -> Trend:
    """The main rate of lines in their order."""
    low = axis_of([line.main for line in lines], goal)
    every = max(1, -(-len(lines) // MOST_NAMES))
    points = [
        _point(line, f"{100 * (number + 0.5) / len(lines):.2f}%", low, goal, is_named=number % every == 0)
        for number, line in enumerate(lines)
    ]
    # A week without enough data breaks the line.
    joins = [(one, other) for one, other in pairwise(points) if one["enough"] and other["enough"]]
    rules = [{"y": _text(_height(step, low)), "name": f"{100 * step:.0f}\u00a0%"} for step in _steps(low)]
    return Trend(points, joins, rules, None if goal is None else _text(_height(goal, low)))


def _steps(low: float) -> list[float]:
    """From the top down to where the axis begins, four to six of them, all whole per cents."""
    span = round(100 * (1 - low))
    step = next(one for one in (2, 5, 10, 20) if span <= 5 * one)
    return [share / 100 for share in range(100, 99 - span, -step)]


def _point(line: Line, x: str, low: float, goal: float | None, *, is_named: bool) -> dict[str, Any]:
    one = line.main.estimate
    drawn: dict[str, Any] = {"x": x, "name": line.name if is_named else "", "enough": one.value is not None}
    if one.value is None or one.low is None or one.high is None:
        return drawn
    heights = {name: _text(_height(at, low)) for name, at in (("y", one.value), ("a", one.low), ("b", one.high))}
    verdict = against(one, goal)
    return drawn | heights | {"kind": {"below": "low", "open": "open"}.get(verdict, "")}


def _height(share: float, low: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (share - low) / (1 - low))


def _text(number: float) -> str:
    return f"{number:.1f}"


SPARK = (120, 28)


@dataclass(frozen=True, slots=True)
class Spark:
    """A trend in a table's cell, on the whole axis and without names; its numbers stand beside it."""

    points: list[dict[str, Any]]
    runs: list[str]
    size: tuple[int, int] = SPARK


def spark_of(lines: Sequence[Line]) -> Spark:
    """The main rate of lines in their order."""
    width, height = SPARK
    points = []
    for number, line in enumerate(lines):
        one = line.main.estimate
        place: dict[str, Any] = {"x": _text(4 + (width - 8) * number / max(1, len(lines) - 1)), "enough": False}
        if one.value is not None:
            place |= {"enough": True, "y": _text(3 + (height - 6) * (1 - one.value))}
        points.append(place)
    return Spark(points, _runs(points))


def _runs(points: list[dict[str, Any]]) -> list[str]:
    """Lines through neighbours: a week without enough data breaks them."""
    runs: list[list[str]] = [[]]
    for point in points:
        if point["enough"]:
            runs[-1].append(f"{point['x']},{point['y']}")
        elif runs[-1]:
            runs.append([])
    return [" ".join(run) for run in runs if len(run) > 1]
