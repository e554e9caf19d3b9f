"""The demo's photographs, taken from the installed scikit-image and scikit-learn packages; none is in this repository.

Only pictures whose note in their package names a free licence are used. The notes, as read in scikit-image 0.26
(`skimage/data/_fetchers.py`) and scikit-learn 1.9 (`sklearn/datasets/images/README.txt`):

- coffee, cat, cameraman, horse: CC0 by their authors; astronaut: NASA, public domain; rocket: SpaceX, public domain;
  gravel: CC0 (used as a background).
- china: danielbuechele, CC BY 2.0; flower: vultilion, CC BY 2.0. Both are shown unchanged, with this credit.

The motorcycle of the same wheel is left out: its note names no licence.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled object in pixels of its picture."""

    label: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture inside an installed wheel."""

    name: str
    package: str
    file: str
    licence: str
    credit: str

    @property
    def path(self) -> Path:
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(f"The demo's pictures need the package {self.package}: pip install .[demo]")
        return Path(spec.submodule_search_locations[0]) / self.file

    @property
    def file_name(self) -> str:
        return f"{self.name}{self.path.suffix}"

    @property
    def boxes(self) -> list[Box]:
        """Its objects of COCO classes, measured by eye; empty where none was measured."""
        return [Box(**box) for box in _measured().get(self.name, [])]

    def open(self) -> Image.Image:
        with Image.open(self.path) as picture:
            return picture.convert("RGB")


PHOTOGRAPHS = {
    photograph.name: photograph
    for photograph in (
        Photograph("coffee", "skimage", "data/coffee.png", "CC0", "Rachel Michetti, Pikolo Espresso Bar"),
        Photograph("astronaut", "skimage", "data/astronaut.png", "public domain", "NASA"),
        Photograph("cat", "skimage", "data/chelsea.png", "CC0", "Stefan van der Walt"),
        Photograph("cameraman", "skimage", "data/camera.png", "CC0", "Lav Varshney"),
        Photograph("horse", "skimage", "data/horse.png", "CC0", "Andreas Preuss (marauder)"),
        Photograph("rocket", "skimage", "data/rocket.jpg", "public domain", "SpaceX"),
        Photograph("china", "sklearn", "datasets/images/china.jpg", "CC BY 2.0", "danielbuechele"),
        Photograph("flower", "sklearn", "datasets/images/flower.jpg", "CC BY 2.0", "vultilion"),
    )
}
GRAVEL = Photograph("gravel", "skimage", "data/gravel.png", "CC0", "CC0Textures")


@cache
def _measured() -> dict[str, list[dict[str, Any]]]:
    measured: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("boxes.json").read_text())
    return measured
