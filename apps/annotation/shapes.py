"""The shape form of the API, as msgspec decodes it: strict, finite, unknown fields refused."""

from typing import Literal
from uuid import UUID

import msgspec

Value = str | float | int | bool | None
Point = tuple[float, float]
Ring = list[Point]
Action = Literal["accepted", "edited", "drawn", "decided"]


class Source(msgspec.Struct, forbid_unknown_fields=True):
    """Where a shape comes from, as its sender says; `rules` and `provenance` settle what is kept.

    `decided` is a prediction that counts though no person looked at it, by a model that nobody certified; `merged` the
    ids of shapes that a machine took for the same object.
    """

    kind: Literal["human", "model", "import"] = "human"
    model_version: UUID | None = None
    prediction: UUID | None = None
    action: Action | None = None
    certified: Literal["no"] | None = None
    merged: str | None = None


class _Common(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    id: UUID
    label: str
    attributes: dict[str, Value] = {}
    score: float | None = None
    source: Source = msgspec.field(default_factory=Source)


class Box(_Common, tag="box"):
    """`x, y` is the corner before rotation; rotation is in degrees clockwise about the centre."""

    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0


class Polygon(_Common, tag="polygon"):
    """Parts of an outer ring and its holes; rings are not closed."""

    parts: list[list[Ring]]


Shape = Box | Polygon
TYPES = ("box", "polygon")


class Written(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A shape as the document of a revision keeps it and as its row is filled from it."""

    id: UUID
    label: str
    label_id: UUID
    type: str
    geometry: dict[str, object]
    attributes: dict[str, Value]
    x1: float
    y1: float
    x2: float
    y2: float
    area: float
    source: dict[str, str]
    score: float | None = None


class Document(msgspec.Struct):
    """What one writing wrote."""

    shapes: list[Written]


def as_plain(shape: Shape) -> dict[str, object]:
    """The form in which a draft keeps a shape: what was sent, without what says nothing."""
    plain: dict[str, object] = msgspec.to_builtins(shape)
    plain["source"] = {name: value for name, value in plain["source"].items() if value is not None}  # type: ignore[attr-defined]
    if shape.score is None:
        del plain["score"]
    if isinstance(shape, Box) and not shape.rotation:
        del plain["rotation"]
    return plain
