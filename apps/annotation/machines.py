"""What machines write: documents of shapes that exist, moved, merged or decided, without a person's name."""

import hashlib
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from django.db import connection

from .geometry import Normal
from .models import Annotation, RevisionSource
from .shapes import Document, Written


def as_written(row: Annotation) -> Written:
    """A current annotation as a document keeps it; its label must be loaded."""
    return Written(
        id=row.pk,
        label=row.label.name,
        label_id=row.label_id,
        type=row.type,
        geometry=row.geometry,
        attributes=row.attributes,
        x1=row.x1,
        y1=row.y1,
        x2=row.x2,
        y2=row.y2,
        area=row.area,
        source=row.source,
        score=row.score,
    )


def reshaped(shape: Written, kind: str, normal: Normal) -> Written:
    """The same object with another geometry."""
    x1, y1, x2, y2 = normal.bounds
    changed = {"type": kind, "geometry": normal.geometry, "x1": x1, "y1": y1, "x2": x2, "y2": y2, "area": normal.area}
    return msgspec.structs.replace(shape, **changed)


def write_document(*, org_id: UUID, unit_id: UUID, shapes: Sequence[Written]) -> UUID:
    """All that the unit owns becomes these shapes; gives the revision. In the caller's transaction."""
    document = msgspec.json.encode(Document(list(shapes)))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.write_annotations(%s, NULL, %s, %s::jsonb, %s, %s, NULL)",
            [org_id, unit_id, document.decode(), hashlib.sha256(document).digest(), RevisionSource.MACHINE],
        )
        (revision,) = cursor.fetchone()
    return revision  # type: ignore[no-any-return]


def without_doubles(shapes: Iterable[tuple[Written, UUID | None]], *, threshold: float) -> list[Written]:
    """Shapes with the units that wrote them: of those of one label that two units drew and that share this part of the
    smaller box, the larger stays and names the others. The same in whatever order they come."""
    kept: list[tuple[Written, UUID | None]] = []
    for shape, unit in sorted(shapes, key=lambda pair: (-pair[0].area, pair[0].x1, pair[0].y1, str(pair[0].id))):
        for index, (other, owner) in enumerate(kept):
            if unit != owner and other.label_id == shape.label_id and _shared(shape, other) >= threshold:
                names = " ".join(filter(None, [other.source.get("merged"), str(shape.id)]))
                kept[index] = msgspec.structs.replace(other, source=other.source | {"merged": names}), owner
                break
        else:
            kept.append((shape, unit))
    return [shape for shape, _ in kept]


def _shared(one: Written, other: Written) -> float:
    """The part of the smaller bounding box that lies in the other, 0 to 1."""
    across = min(one.x2, other.x2) - max(one.x1, other.x1)
    down = min(one.y2, other.y2) - max(one.y1, other.y1)
    smaller = min((one.x2 - one.x1) * (one.y2 - one.y1), (other.x2 - other.x1) * (other.y2 - other.y1))
    return across * down / smaller if across > 0 and down > 0 and smaller > 0 else 0.0
