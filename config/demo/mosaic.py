"""A large picture with many small objects: prints of the demo's photographs strewn over gravel, by seed.

At 6000 x 4096 pixels an object of 60 to 160 pixels is a few pixels high once a detector has shrunk the whole: only
tiles find it. The true boxes follow from the boxes measured in the photographs.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from .pictures import GRAVEL, PHOTOGRAPHS, Box, Photograph, boxes_of

WIDTH, HEIGHT = 6000, 4096
COLUMNS, ROWS = 20, 13
CELL_WIDTH, CELL_HEIGHT = WIDTH // COLUMNS, HEIGHT // ROWS
SMALLEST, LARGEST = 60, 160  # longer side of an object, in pixels
PAPER = 4  # white border of a print
SUBJECTS = ("coffee", "astronaut", "cat", "cameraman", "horse")
WITHOUT_OBJECTS = "rocket"


@dataclass(frozen=True, slots=True)
class Print:
    """One photograph as it lies on the gravel."""

    photograph: Photograph
    x: int
    y: int
    scale: float
    flipped: bool
    brightness: float

    @property
    def size(self) -> tuple[int, int]:
        width, height = _opened(self.photograph.name).size
        return round(width * self.scale), round(height * self.scale)

    def boxes(self) -> Iterator[Box]:
        width, height = _opened(self.photograph.name).size
        across, down = self.size[0] / width, self.size[1] / height
        for box in boxes_of(self.photograph):
            x = width - box.x - box.width if self.flipped else box.x
            yield Box(box.label, self.x + x * across, self.y + box.y * down, box.width * across, box.height * down)


def prints(seed: int = 0) -> list[Print]:
    """Where every print lies: one in each cell of a grid, moved within it."""
    chance = random.Random(seed)
    return [_strewn(chance, column, row) for row in range(ROWS) for column in range(COLUMNS)]


def truth(seed: int = 0) -> list[Box]:
    """The true boxes of `draw(seed)`, to 0.01 pixels."""
    return [
        Box(box.label, *(round(value, 2) for value in (box.x, box.y, box.width, box.height)))
        for one in prints(seed)
        for box in one.boxes()
    ]


def draw(seed: int = 0) -> Image.Image:
    """The picture: the same bytes for the same seed."""
    picture = _ground()
    for one in prints(seed):
        photograph = _opened(one.photograph.name).resize(one.size, Image.Resampling.LANCZOS)
        photograph = ImageEnhance.Brightness(photograph).enhance(one.brightness)
        if one.flipped:
            photograph = ImageOps.mirror(photograph)
        picture.paste(ImageOps.expand(photograph, PAPER, (244, 241, 234)), (one.x - PAPER, one.y - PAPER))
    return picture


def write(path: Path, seed: int = 0) -> None:
    """Save the picture as a JPEG of about 7 MB."""
    draw(seed).save(path, "JPEG", quality=88)


def _strewn(chance: random.Random, column: int, row: int) -> Print:
    photograph = PHOTOGRAPHS[WITHOUT_OBJECTS if chance.random() < 0.08 else chance.choice(SUBJECTS)]
    width, height = _opened(photograph.name).size
    longest = max((max(box.width, box.height) for box in boxes_of(photograph)), default=max(width, height))
    room = CELL_WIDTH - 2 * PAPER, CELL_HEIGHT - 2 * PAPER
    scale = min(chance.uniform(SMALLEST, LARGEST) / longest, room[0] / width, room[1] / height)
    return Print(
        photograph,
        x=column * CELL_WIDTH + PAPER + int(chance.uniform(0, room[0] - scale * width)),
        y=row * CELL_HEIGHT + PAPER + int(chance.uniform(0, room[1] - scale * height)),
        scale=scale,
        flipped=chance.random() < 0.5,
        brightness=chance.uniform(0.85, 1.1),
    )


def _ground() -> Image.Image:
    """Gravel, mirrored so that no seam shows, pale enough to be calm."""
    grey = GRAVEL.open().convert("L")
    side = grey.width
    square = Image.new("L", (2 * side, 2 * side))
    for across, column in ((grey, 0), (ImageOps.mirror(grey), side)):
        square.paste(across, (column, 0))
        square.paste(ImageOps.flip(across), (column, side))
    tint = ImageOps.colorize(square.point([90 + value * 2 // 5 for value in range(256)]), (58, 52, 46), (226, 219, 207))
    ground = Image.new("RGB", (WIDTH, HEIGHT))
    for x in range(0, WIDTH, 2 * side):
        for y in range(0, HEIGHT, 2 * side):
            ground.paste(tint, (x, y))
    return ground


@cache
def _opened(name: str) -> Image.Image:
    return PHOTOGRAPHS[name].open()
