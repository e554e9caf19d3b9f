"""What the demo knows of its photographs (`apps/projects/samples.py`): the true boxes of their objects."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from apps.projects.samples import GRAVEL, PHOTOGRAPHS, Photograph

__all__ = ["GRAVEL", "PHOTOGRAPHS", "Box", "Photograph", "boxes_of"]


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled object in pixels of its picture."""

    label: str
    x: float
    y: float
    width: float
    height: float


def boxes_of(photograph: Photograph) -> list[Box]:
    """Its objects of COCO classes, measured by eye; empty where none was measured."""
    return [Box(**box) for box in _measured().get(photograph.name, [])]


@cache
def _measured() -> dict[str, list[dict[str, Any]]]:
    measured: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("boxes.json").read_text())
    return measured
