"""Polygons with holes, several parts or a turn, as COCO's uncompressed run lengths (column by column, zeros first)."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Ring = Sequence[Sequence[float]]
Rows = tuple[int, int]


def run_lengths(parts: Iterable[Sequence[Ring]], width: int, height: int) -> dict[str, Any]:
    """`{"size": [height, width], "counts": […]}` of the parts, each an outer ring and its holes, in pixels.

    A pixel belongs to a part when its centre does. Reckoned from the edges: no picture of the shape is ever held.
    """
    columns: defaultdict[int, list[Rows]] = defaultdict(list)
    for rings in parts:
        for column, crossings in _crossings(rings, width).items():
            columns[column] += _rows_between(sorted(crossings), height)
    return {"size": [height, width], "counts": _counts(columns, width, height)}


def corners_of(x: float, y: float, width: float, height: float, degrees: float) -> list[list[float]]:
    """The four corners of a box turned clockwise about its centre."""
    centre_x, centre_y = x + width / 2, y + height / 2
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [
        [
            round(centre_x + across * width / 2 * cosine - down * height / 2 * sine, 2),
            round(centre_y + across * width / 2 * sine + down * height / 2 * cosine, 2),
        ]
        for across, down in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]


def _crossings(rings: Sequence[Ring], width: int) -> dict[int, list[float]]:
    """Where edges cross the middle of each column of pixels; where two edges meet, one of them counts."""
    found: defaultdict[int, list[float]] = defaultdict(list)
    for ring in rings:
        for ends in zip(ring, [*ring[1:], ring[0]], strict=True):
            (x1, y1), (x2, y2) = sorted(ends, key=lambda end: end[0])
            for column in range(max(0, math.ceil(x1 - 0.5)), min(width, math.ceil(x2 - 0.5))):
                found[column].append(y1 + (column + 0.5 - x1) * (y2 - y1) / (x2 - x1))
    return found


def _rows_between(crossings: Sequence[float], height: int) -> Iterator[Rows]:
    """Inside and outside take turns: the rows, from and up to, whose centres lie inside."""
    for above, below in zip(crossings[::2], crossings[1::2], strict=True):
        first, last = max(0, math.ceil(above - 0.5)), min(height, math.ceil(below - 0.5))
        if first < last:
            yield first, last


def _counts(columns: Mapping[int, list[Rows]], width: int, height: int) -> list[int]:
    counts: list[int] = []
    at = 0
    for column in sorted(columns):
        for first, last in sorted(columns[column]):
            start, end = max(column * height + first, at), column * height + last
            if end <= at:  # another part covered it
                continue
            if counts and start == at:
                counts[-1] += end - start
            else:
                counts += [start - at, end - start]
            at = end
    left = width * height - at
    return [*counts, left] if left else counts
