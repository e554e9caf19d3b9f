"""Detections as they are stored and shown: boxes in the shape form of the API."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from apps.predictions.merge import Found
from apps.predictions.tiling import Tile


def found_in_tile(
    inference_id: UUID, tile: Tile, rank: int, *, label: str, score: float, box: tuple[float, float, float, float]
) -> Found:
    """A detection moved from its tile into the item. Its id is the same whenever and wherever the tile is run."""
    x, y, width, height = box
    left, top = _clip(tile.x + x, tile.x, tile.right), _clip(tile.y + y, tile.y, tile.bottom)
    right, bottom = _clip(tile.x + x + width, tile.x, tile.right), _clip(tile.y + y + height, tile.y, tile.bottom)
    return Found(
        id=str(uuid5(inference_id, f"{tile.index}:{rank}")),
        label=label,
        score=round(score, 4),
        x=left,
        y=top,
        width=round(right - left, 2),
        height=round(bottom - top, 2),
    )


def as_stored(found: Found) -> dict[str, Any]:
    """What a tile's row keeps of one detection."""
    return {name: getattr(found, name) for name in ("id", "label", "score", "x", "y", "width", "height")}


def from_stored(stored: Mapping[str, Any]) -> Found:
    return Found(**stored)


def as_shape(found: Found, *, model_version: UUID | str) -> dict[str, Any]:
    """A detection in the shape form."""
    return {
        "id": found.id,
        "label": found.label,
        "type": "box",
        "x": found.x,
        "y": found.y,
        "width": found.width,
        "height": found.height,
        "attributes": {},
        "score": found.score,
        "source": {"kind": "model", "model_version": str(model_version)},
    }


def _clip(value: float, low: float, high: float) -> float:
    return round(min(max(value, low), high), 2)
