"""COCO's words for our rows: pixels of the upright item; numbers by order of id, so the same rows give the same file.

Beside COCO's own fields each image and annotation keeps a `tessera` object: ids, attributes and provenance.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.annotation.models import Annotation
from apps.projects.models import Item
from apps.recipes.models import Label

from .rasters import corners_of, run_lengths


def category(number: int, label: Label) -> dict[str, Any]:
    """A label; its name never changes, so names can be relied on."""
    return {"id": number, "name": label.name, "supercategory": "", "tessera": {"id": str(label.pk)}}


def image(number: int, item: Item, file_name: str) -> dict[str, Any]:
    """A picture, upright."""
    return {
        "id": number,
        "file_name": file_name,
        "width": item.width,
        "height": item.height,
        "tessera": {"id": str(item.pk), "metadata": item.metadata, "sha256": item.sha256},
    }


def annotation(
    number: int, row: Annotation, *, image_number: int, item: Item, categories: Mapping[UUID, int]
) -> dict[str, Any]:
    """A shape: its box, its area as the database has it, and a segmentation that every loader reads."""
    return {
        "id": number,
        "image_id": image_number,
        "category_id": categories[row.label_id],
        "bbox": [row.x1, row.y1, round(row.x2 - row.x1, 2), round(row.y2 - row.y1, 2)],
        "area": row.area,
        "segmentation": segmentation(row.type, row.geometry, item.width, item.height),
        "iscrowd": 0,
        "tessera": {
            "id": str(row.pk),
            "type": row.type,
            "geometry": row.geometry,
            "attributes": row.attributes,
            "score": row.score,
            "source": row.source,
            "revision": str(row.revision_id),
        },
    }


def segmentation(kind: str, geometry: dict[str, Any], width: int, height: int) -> Any:
    """One plain ring as a polygon; a turned box, holes or several parts as run lengths, which COCO can only so say."""
    if kind == "box":
        turn = geometry.get("rotation") or 0
        ring = corners_of(geometry["x"], geometry["y"], geometry["width"], geometry["height"], turn)
        return [_flat(ring)] if not turn else run_lengths([[ring]], width, height)
    parts = geometry["parts"]
    if len(parts) == 1 and len(parts[0]) == 1:
        return [_flat(parts[0][0])]
    return run_lengths(parts, width, height)


def _flat(ring: list[list[float]]) -> list[float]:
    return [coordinate for point in ring for coordinate in point]
