"""Car parks from above, drawn by seed: large pictures of which every car is known, its place and its model.

Nothing of them is a photograph, so they can be shipped and drawn anew anywhere; the small detector that is trained at
set-up learns from car parks of other seeds (`gpu_worker/train/lessons.py`).
"""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

from config.demo.pictures import Box

from . import textures
from .cars import paste_car, paste_shadow
from .ground import Ground, Materials
from .models import MODELS
from .plan import CELL_HEIGHT, CELL_WIDTH, COLUMNS, ROWS, Plan, Tree, plan_of
from .scenery import furnish

__all__ = ["HEIGHT", "LABEL", "MODEL_NAMES", "WIDTH", "CarBox", "draw", "truth", "write"]

WIDTH, HEIGHT = COLUMNS * CELL_WIDTH, ROWS * CELL_HEIGHT
LABEL = "car"
MODEL_NAMES = tuple(MODELS)
GREENS = ((66, 96, 46), (78, 106, 50), (56, 86, 50), (92, 112, 56), (70, 92, 40), (104, 106, 48))
CANOPIES = 16
TREE_HEIGHT = 0.55  # of its radius, above the ground where its shadow begins


@dataclass(frozen=True, slots=True)
class CarBox(Box):
    """A car: the box of all that is drawn of it, also where a tree hides some, and its model."""

    model: str


def truth(seed: int = 0, *, columns: int = COLUMNS, rows: int = ROWS) -> list[CarBox]:
    """The true boxes of `draw(seed)`, to 0.01 pixels."""
    boxes = []
    for car in plan_of(seed, columns, rows).cars:
        left, top, right, bottom = (round(value, 2) for value in car.bounds())
        boxes.append(CarBox(LABEL, left, top, round(right - left, 2), round(bottom - top, 2), car.model))
    return boxes


def draw(seed: int = 0, *, columns: int = COLUMNS, rows: int = ROWS) -> Image.Image:
    """The picture: the same bytes for the same seed. Fewer columns and rows make a smaller one of the same kind."""
    plan = plan_of(seed, columns, rows)
    picture = _ground(plan, seed)
    for car in plan.cars:
        paste_shadow(picture, car, plan.sun)
    for car in plan.cars:
        paste_car(picture, car, plan.sun)
    _plant(picture, plan, seed)
    return picture


def write(path: Path, seed: int = 0) -> None:
    """Save the picture as a JPEG."""
    draw(seed).save(path, "JPEG", quality=88)


def _ground(plan: Plan, seed: int) -> Image.Image:
    picture = Image.new("RGB", (plan.width, plan.height))
    materials = Materials(seed)
    for cell in plan.cells:
        ground = Ground(cell, materials, plan.sun)
        ground.drawn()
        furnish(ground)
        picture.paste(ground.picture, (cell.left, cell.top))
    weather = textures.clouds(seed + 4, picture.size, 228, 255)
    return ImageChops.multiply(picture, Image.merge("RGB", (weather,) * 3))


def _plant(picture: Image.Image, plan: Plan, seed: int) -> None:
    """Trees with their shadows, which fall on cars too; the tallest last."""
    sizes = [34 + 72 * number // (CANOPIES - 1) for number in range(CANOPIES)]
    kinds = [
        textures.canopy(seed + number, size, GREENS[number % len(GREENS)], plan.sun)
        for number, size in enumerate(sizes)
    ]
    places = sorted(plan.trees, key=lambda tree: tree.radius)
    chosen = [(tree, kinds[_nearest(sizes, tree)]) for tree in places]
    for tree, canopy in chosen:
        x, y = plan.sun.shadow(tree.radius * TREE_HEIGHT)
        shadow = canopy.getchannel("A").filter(ImageFilter.GaussianBlur(3)).point([value // 2 for value in range(256)])
        picture.paste((16, 20, 26), _corner(tree.x + x, tree.y + y, canopy), shadow)
    for tree, canopy in chosen:
        picture.paste(canopy, _corner(tree.x, tree.y, canopy), canopy)


def _nearest(sizes: list[int], tree: Tree) -> int:
    return max(number for number, size in enumerate(sizes) if size <= max(tree.radius, sizes[0]))


def _corner(x: float, y: float, canopy: Image.Image) -> tuple[int, int]:
    return round(x - canopy.width / 2), round(y - canopy.height / 2)
