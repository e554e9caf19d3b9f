"""From shapes as they were sent to the one document that is stored: checked, normalised, with honest provenance."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from .geometry import Normal
from .rules import Extent, LabelRule, Rules, checked, require_within
from .shapes import Document, Shape, Written


@dataclass(frozen=True, slots=True)
class Proposed:
    """A prediction of the item, as far as it decides whether a shape that names it was accepted or edited."""

    label_id: UUID
    geometry: Mapping[str, Any]
    model_version: UUID
    score: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it goes into the database: its bytes, their digest, and how its shapes came to be."""

    document: bytes
    digest: bytes
    counts: Counter[str]


def predictions_named(shapes: Iterable[Shape]) -> list[UUID]:
    """The predictions that shapes claim to come from."""
    return [shape.source.prediction for shape in shapes if shape.source.prediction]


def prepare(
    shapes: Sequence[Shape],
    *,
    rules: Rules,
    width: float,
    height: float,
    extent: Extent,
    proposed: Mapping[UUID, Proposed],
) -> Prepared:
    """Check and normalise. Raises ShapeRefused, ObjectMissing or TooManyShapes."""
    judged = checked(shapes, rules, width, height)
    require_within(extent, shapes, [normal for _, normal in judged])
    written = [
        _written(shape, label, normal, proposed.get(shape.source.prediction) if shape.source.prediction else None)
        for shape, (label, normal) in zip(shapes, judged, strict=True)
    ]
    document = msgspec.json.encode(Document(written))
    counts = Counter(shape.source.get("action", "kept") for shape in written)
    return Prepared(document, hashlib.sha256(document).digest(), counts)


def _written(shape: Shape, label: LabelRule, normal: Normal, proposal: Proposed | None) -> Written:
    x1, y1, x2, y2 = normal.bounds
    return Written(
        id=shape.id,
        label=shape.label,
        label_id=label.id,
        type=str(type(shape).__struct_config__.tag),
        geometry=normal.geometry,
        attributes=shape.attributes,
        x1=x1,
        y1=y1,
        x2=x2,
        y2=y2,
        area=normal.area,
        source=_source(shape, label, normal, proposal),
        score=proposal.score if proposal else None,
    )


def _source(shape: Shape, label: LabelRule, normal: Normal, proposal: Proposed | None) -> dict[str, str]:
    """What the figures will count is found here, not believed: only an untouched prediction was accepted."""
    if proposal:
        same = proposal.label_id == label.id and dict(proposal.geometry) == normal.geometry
        return {
            "kind": "model",
            "model_version": str(proposal.model_version),
            "prediction": str(shape.source.prediction),
            "action": "accepted" if same else "edited",
        }
    if shape.source.kind == "import":
        return {"kind": "import"}
    return {"kind": "human", "action": "drawn"}
