"""What the small detectors learn at set-up: pictures that the demo draws, of other seeds than those that it shows."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from config.demo import car_parks, mosaic
from config.demo.pictures import Box

INPUT_SIZE = 256
SEED = 101  # never the seed of a picture that the demo shows
# Models of cars that nobody labelled in what it learns from: there shall be something that only people find.
UNLABELLED_MODELS = ("van",)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One detector: what it is called, what it learns from, and how large the tiles are that it will be shown."""

    name: str
    file: str
    classes: tuple[str, ...]
    tile_size: int
    steps: int
    look: Callable[[], tuple[Image.Image, list[Box]]]
    from_above: bool  # seen from above, a picture is as true when it is turned


def _mosaic() -> tuple[Image.Image, list[Box]]:
    return mosaic.draw(SEED), mosaic.truth(SEED)


def _car_park() -> tuple[Image.Image, list[Box]]:
    return car_parks.draw(SEED), [box for box in car_parks.truth(SEED) if box.model not in UNLABELLED_MODELS]


PHOTOGRAPHS = Lesson(
    "Small detector", "tiny-fcos-demo.safetensors", ("cat", "cup", "horse", "person"), 512, 1000, _mosaic, False
)
CAR_PARKS = Lesson("Car parks", "tiny-fcos-car-parks.safetensors", (car_parks.LABEL,), 768, 500, _car_park, True)
