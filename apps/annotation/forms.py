"""From one form of a shape to another: box to polygon and back."""

from math import cos, radians, sin
from typing import Any

import msgspec

from .geometry import normal_box, normal_polygon
from .machines import reshaped
from .shapes import Box, Polygon, Written


def converted(shape: Written, to: str, width: float, height: float) -> Written:
    """The same object as a box or a polygon (`to`), clipped to the item."""
    if shape.type == to:
        return shape
    plain: dict[str, Any] = {"id": shape.id, "label": shape.label}
    if to == "box":
        box = Box(x=shape.x1, y=shape.y1, width=shape.x2 - shape.x1, height=shape.y2 - shape.y1, **plain)
        return reshaped(shape, "box", normal_box(box, width, height))
    return reshaped(shape, "polygon", normal_polygon(Polygon(parts=[[_corners(shape)]], **plain), width, height))


def _corners(shape: Written) -> list[tuple[float, float]]:
    """The corners of a box, turned about its centre where it is rotated."""
    box = msgspec.convert(shape.geometry, dict[str, float])
    half, across = (box["width"] / 2, box["height"] / 2), radians(box.get("rotation", 0.0))
    middle = box["x"] + half[0], box["y"] + half[1]
    corners = [(-half[0], -half[1]), (half[0], -half[1]), (half[0], half[1]), (-half[0], half[1])]
    return [
        (middle[0] + x * cos(across) - y * sin(across), middle[1] + x * sin(across) + y * cos(across))
        for x, y in corners
    ]
