"""Geometry as it is stored: clipped to the item, to 0.01 pixel, with its bounding box and area."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians, sin

import shapely

from .shapes import Box, Polygon, Ring

MOST_POINTS = 10_000
GRID = 0.01  # pixels
FURTHEST = 1e7  # pixels from the item: beyond, a coordinate is a mistake, and arithmetic on it loses its meaning


class GeometryRefused(ValueError):
    """Why a shape cannot be kept: `code` of the refusal and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code, self.sentence = code, sentence
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Normal:
    """A geometry ready to be written."""

    geometry: dict[str, object]
    bounds: tuple[float, float, float, float]
    area: float


def normal_box(box: Box, width: float, height: float) -> Normal:
    """A box clipped to the item. A rotated one stays whole (clipped it is no box); its centre must lie inside.

    Raises GeometryRefused.
    """
    _require_near((box.x, box.y, box.width, box.height))
    if box.width <= 0 or box.height <= 0:
        raise GeometryRefused("invalid_geometry", "A box needs a width and a height above zero.")
    rotation = round(box.rotation % 360, 2) % 360
    if rotation:
        return _rotated(box, rotation, width, height)
    x1, y1 = _near(max(box.x, 0.0)), _near(max(box.y, 0.0))
    x2, y2 = _near(min(box.x + box.width, width)), _near(min(box.y + box.height, height))
    if x2 <= x1 or y2 <= y1:
        raise GeometryRefused("invalid_geometry", "This box lies outside the picture.")
    sides = _near(x2 - x1), _near(y2 - y1)
    geometry: dict[str, object] = {"x": x1, "y": y1, "width": sides[0], "height": sides[1]}
    return Normal(geometry, (x1, y1, x2, y2), _area(sides[0] * sides[1]))


def normal_polygon(polygon: Polygon, width: float, height: float) -> Normal:
    """Parts clipped to the item; rings that cross themselves are taken apart by the even-odd rule.

    Raises GeometryRefused.
    """
    rings = [ring for part in polygon.parts for ring in part]
    if not rings or any(not part for part in polygon.parts):
        raise GeometryRefused("too_few_points", "A polygon needs at least one ring of three points.")
    if sum(map(len, rings)) > MOST_POINTS:
        raise GeometryRefused("too_many_points", f"A polygon has at most {MOST_POINTS:,} points.")
    for ring in rings:
        if len(set(ring)) < 3:
            raise GeometryRefused("too_few_points", "Each ring of a polygon needs three different points.")
        for point in ring:
            _require_near(point)
    return _as_parts(_clipped(polygon.parts, width, height))


def _rotated(box: Box, rotation: float, width: float, height: float) -> Normal:
    middle = box.x + box.width / 2, box.y + box.height / 2
    if not (0 <= middle[0] <= width and 0 <= middle[1] <= height):
        raise GeometryRefused("invalid_geometry", "The centre of this box lies outside the picture.")
    across, down = abs(cos(radians(rotation))), abs(sin(radians(rotation)))
    half = (box.width * across + box.height * down) / 2, (box.width * down + box.height * across) / 2
    bounds = (
        _near(max(middle[0] - half[0], 0.0)),
        _near(max(middle[1] - half[1], 0.0)),
        _near(min(middle[0] + half[0], width)),
        _near(min(middle[1] + half[1], height)),
    )
    geometry: dict[str, object] = {
        "x": _near(box.x),
        "y": _near(box.y),
        "width": _near(box.width),
        "height": _near(box.height),
        "rotation": rotation,
    }
    sides = _near(box.width), _near(box.height)
    if min(sides) <= 0:
        raise GeometryRefused("invalid_geometry", "This box is too small to be kept.")
    return Normal(geometry, bounds, _area(sides[0] * sides[1]))


def _clipped(parts: list[list[Ring]], width: float, height: float) -> list[shapely.Polygon]:
    """Rounded first: what is sound before rounding may cross itself by a hundredth of a pixel after it."""
    rounded = [[_rounded(ring) for ring in part] for part in parts]
    rounded = [[part[0], *(ring for ring in part[1:] if len(ring) >= 3)] for part in rounded if len(part[0]) >= 3]
    if not rounded:
        return []
    pieces = [shapely.Polygon(outer, holes) for outer, *holes in rounded]
    shape = pieces[0] if len(pieces) == 1 else shapely.MultiPolygon(pieces)
    x1, y1, x2, y2 = shape.bounds
    if shape.is_valid and x1 >= 0 and y1 >= 0 and x2 <= width and y2 <= height:
        return pieces
    sound = shapely.union_all(_polygons(shapely.make_valid(shape)), grid_size=GRID)
    return _polygons(shapely.intersection(sound, shapely.box(0, 0, width, height), grid_size=GRID))


def _polygons(shape: shapely.Geometry) -> list[shapely.Polygon]:
    """The areas in a shape, without the lines and points to which mending may reduce some of it."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return [part for part in parts if isinstance(part, shapely.Polygon) and part.area > 0]


def _as_parts(pieces: list[shapely.Polygon]) -> Normal:
    area = _area(sum(piece.area for piece in pieces))
    if area <= 0:
        raise GeometryRefused("invalid_geometry", "This polygon has no area inside the picture.")
    parts = [[_rounded(ring.coords[:-1]) for ring in (piece.exterior, *piece.interiors)] for piece in pieces]
    x1, y1, x2, y2 = shapely.total_bounds(pieces)
    return Normal({"parts": parts}, (_near(x1), _near(y1), _near(x2), _near(y2)), area)


def _rounded(ring: Iterable[Sequence[float]]) -> list[list[float]]:
    points: list[list[float]] = []
    for x, y in ring:
        point = [_near(x), _near(y)]
        if not points or point != points[-1]:
            points.append(point)
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    return points


def _near(value: float) -> float:
    return round(float(value), 2) + 0.0  # no negative zero


def _area(value: float) -> float:
    return round(float(value), 4)


def _require_near(values: tuple[float, ...]) -> None:
    if hypot(*values) > FURTHEST:
        raise GeometryRefused("invalid_geometry", "A coordinate lies far outside any picture.")
