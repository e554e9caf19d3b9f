"""A sample as a drawing: the picture's part around an object, and the outlines that were proposed, handed in, decided.

Pictures come from the routes that everybody's pictures come from, and so by the same check of who may see them.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.projects.pictures.derived import PREVIEW_SIDE, TILE, levels_of

from .selectors.samples import Sample, Shown

ASPECT = 4 / 3
LEAST_SIDE = 96.0  # pixels of the picture: a tiny object is still seen among its neighbours
ROOM = 2.2  # how much wider than its objects a crop is
SHARP = 640  # pixels that a crop is shown with at most; more would only be loaded
MOST_DIGITS = 1


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline as SVG attributes: `path` in pixels of the picture, turned about its middle."""

    role: str
    path: str
    turn: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """`view` is the SVG's viewBox, which fills its frame (slice) or is shown whole (meet); `images` lie below."""

    view: str
    fit: str
    images: list[dict[str, str]] = field(default_factory=list)
    outlines: list[Outline] = field(default_factory=list)


Box = tuple[float, float, float, float]


def drawing_of(sample: Sample, org: str) -> Drawing:
    """The whole picture where the sample is about it, else the part around its shapes."""
    around = (0.0, 0.0, float(sample.width), float(sample.height))
    if not sample.is_whole and sample.shapes:
        around = _cropped(sample)
    x1, y1, x2, y2 = around
    view = " ".join(_text(one) for one in (x1, y1, x2 - x1, y2 - y1))
    outlines = [_outline(shape) for shape in sample.shapes]
    fit = "meet" if sample.is_whole else "slice"
    return Drawing(view, fit, _images(sample, around, f"/api/v1/orgs/{org}/items/{sample.item_id}"), outlines)


def bounds_of(shape: Shown) -> Box:
    """Without its turn; a turned box is a little wider than that."""
    one = shape.geometry
    if shape.type == "box":
        return one["x"], one["y"], one["x"] + one["width"], one["y"] + one["height"]
    points = [point for part in one["parts"] for ring in part for point in ring]
    across, down = [point[0] for point in points], [point[1] for point in points]
    return min(across), min(down), max(across), max(down)


def _cropped(sample: Sample) -> Box:
    boxes = [bounds_of(shape) for shape in sample.shapes]
    x1, y1 = min(box[0] for box in boxes), min(box[1] for box in boxes)
    x2, y2 = max(box[2] for box in boxes), max(box[3] for box in boxes)
    wide = max((x2 - x1) * ROOM, (y2 - y1) * ROOM * ASPECT, LEAST_SIDE)
    wide = min(wide, sample.width, sample.height * ASPECT)
    high = wide / ASPECT
    left = min(max(0.0, (x1 + x2 - wide) / 2), sample.width - wide)
    top = min(max(0.0, (y1 + y2 - high) / 2), sample.height - high)
    # An object longer than the picture's aspect allows is shown whole; the crop is then not as wide as it is high.
    return min(left, x1), min(top, y1), max(left + wide, x2), max(top + high, y2)


def _images(sample: Sample, around: Box, address: str) -> list[dict[str, str]]:
    """The preview where it is sharp enough for this part, else the tiles of the level that is."""
    x1, y1, x2, y2 = around
    longest = max(sample.width, sample.height)
    shown = (x2 - x1) * min(1.0, PREVIEW_SIDE / longest)
    if longest <= PREVIEW_SIDE or shown >= SHARP:
        return [_image(f"{address}/image?size=preview", (0, 0, sample.width, sample.height))]
    levels = levels_of(sample.width, sample.height)
    level = levels - 1
    while level and (x2 - x1) / 2 ** (levels - 1 - level) > SHARP:
        level -= 1
    scale = 2 ** (levels - 1 - level)
    side = TILE * scale
    return [
        _image(f"{address}/tiles/{level}/{column}/{row}", _tile(sample, column * side, row * side, side))
        for row in range(int(max(0.0, y1) // side), int(min(y2, sample.height - 1) // side) + 1)
        for column in range(int(max(0.0, x1) // side), int(min(x2, sample.width - 1) // side) + 1)
    ]


def _tile(sample: Sample, left: float, top: float, side: float) -> Box:
    """Tiles at the right and lower edge are smaller."""
    return left, top, min(side, sample.width - left), min(side, sample.height - top)


def _image(address: str, place: Box) -> dict[str, str]:
    x, y, width, height = (_text(one) for one in place)
    return {"href": address, "x": x, "y": y, "width": width, "height": height}


def _outline(shape: Shown) -> Outline:
    one = shape.geometry
    if shape.type == "box":
        x, y, width, height = one["x"], one["y"], one["width"], one["height"]
        path = f"M{_text(x)} {_text(y)}h{_text(width)}v{_text(height)}h{_text(-width)}z"
        turn = one.get("rotation", 0)
        middle = f"{_text(x + width / 2)} {_text(y + height / 2)}"
        return Outline(shape.role, path, f"rotate({_text(turn)} {middle})" if turn else "")
    rings = [ring for part in one["parts"] for ring in part]
    return Outline(
        shape.role, "".join("M" + "L".join(f"{_text(x)} {_text(y)}" for x, y in ring) + "z" for ring in rings)
    )


def _text(number: float) -> str:
    return f"{round(float(number), MOST_DIGITS):g}" if abs(number) < 1e5 else f"{number:.1f}"


def as_shape(shape: Shown) -> dict[str, Any]:
    """A shape as the API tells it."""
    label: UUID | None = shape.label
    return {"type": shape.type, "label": str(label) if label else None, **shape.geometry}
