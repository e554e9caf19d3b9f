"""Polygons with holes, several parts or a turn, as COCO's uncompressed run lengths (column by column, zeros first)."""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from PIL import Image, ImageDraw

Ring = Sequence[Sequence[float]]


def run_lengths(parts: Iterable[Sequence[Ring]], width: int, height: int) -> dict[str, Any]:
    """`{"size": [height, width], "counts": […]}` of the parts, each an outer ring and its holes, in pixels."""
    shapes = [list(part) for part in parts]
    points = [point for outer, *_ in shapes for point in outer]
    left = max(0, math.floor(min(x for x, _ in points)))
    top = max(0, math.floor(min(y for _, y in points)))
    right = min(width, math.ceil(max(x for x, _ in points)))
    bottom = min(height, math.ceil(max(y for _, y in points)))
    window = _raster(shapes, left, top, max(1, right - left), max(1, bottom - top))
    return {"size": [height, width], "counts": _counts(window, left, top, width, height)}


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


def _raster(parts: list[list[Ring]], left: int, top: int, width: int, height: int) -> Image.Image:
    # Transposed: COCO counts down columns, so a column of the picture is a row here.
    window = Image.new("1", (height, width), 0)
    for outer, *holes in parts:
        part = Image.new("1", (height, width), 0)
        draw = ImageDraw.Draw(part)
        for ring, ink in ((outer, 1), *((hole, 0) for hole in holes)):
            # A pixel belongs to the shape when its centre does: shift by half a pixel.
            draw.polygon([(y - top - 0.5, x - left - 0.5) for x, y in ring], fill=ink)
        window.paste(1, mask=part)
    return window


def _counts(window: Image.Image, left: int, top: int, width: int, height: int) -> list[int]:
    lengths: list[tuple[int, int]] = [(0, left * height)]
    rows, columns = window.size
    pixels = window.convert("L").tobytes()
    for column in range(columns):
        lengths.append((0, top))
        line = pixels[column * rows : (column + 1) * rows]
        lengths += [(int(value > 0), sum(1 for _ in run)) for value, run in groupby(line)]
        lengths.append((0, height - top - rows))
    lengths.append((0, (width - left - columns) * height))
    return _joined(lengths)


def _joined(lengths: list[tuple[int, int]]) -> list[int]:
    counts, last = [0], 0
    for value, length in lengths:
        if not length:
            continue
        if value == last:
            counts[-1] += length
        else:
            counts.append(length)
            last = value
    return counts
