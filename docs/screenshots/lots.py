"""Car parks seen from above, drawn by seed: pictures of our own, with the truth about them."""

import random
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1100, 720
FINE = 2  # drawn larger, then shrunk, for smooth edges
BAY, DEPTH, AISLE, VERGE = 50, 98, 128, 56
LABELS = ("car", "van", "pickup", "lorry", "motorbike")
SIZES = {"car": (36, 76), "van": (40, 88), "pickup": (39, 86), "lorry": (46, 150), "motorbike": (16, 38)}
SHARES = (0.78, 0.1, 0.07, 0.0, 0.05)
PAINT = ("#e9e9e6", "#cfd2d4", "#9ea3a7", "#55595e", "#24272b", "#8c1f1c", "#1f3f73", "#2e4d3b", "#b9a887", "#dcdcd8")
LEAVES = ("#3f5a34", "#4c6a3d", "#5b7a48", "#354d2d")
ASPHALT, GRASS, KERB, LINE, GLASS, SHADOW = "#5c5f63", "#6f7d5d", "#a7a9a6", "#c9cac5", "#1a2026", "#3d4043"

# Where glass is, in shares of a vehicle's length from its front on: the windscreen, then the rear window or the bed.
WINDOWS = {
    "car": ((0.26, 0.39), (0.76, 0.86)),
    "van": ((0.14, 0.25), (0.92, 0.96)),
    "pickup": ((0.26, 0.39), (0.6, 0.95)),
}

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle, upright or lying across; the corner and size are those of what is seen."""

    label: str
    x: float
    y: float
    width: float
    height: float
    paint: str
    facing: str  # up, down, left or right

    @property
    def box(self) -> Box:
        return self.x, self.y, self.x + self.width, self.y + self.height


@dataclass
class Lot:
    """A car park: its bays, who stands in them, and its trees."""

    seed: int
    vehicles: list[Vehicle] = field(default_factory=list)
    rows: list[tuple[int, bool]] = field(default_factory=list)
    trees: list[tuple[float, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        top = 30 + int(chance.random() * 24)
        while top < HEIGHT - DEPTH:
            self._block(chance, top)
            top += 2 * DEPTH + AISLE

    def _block(self, chance: random.Random, top: int) -> None:
        for row, upper in ((top, True), (top + DEPTH, False)):
            if row + DEPTH <= HEIGHT:
                self.rows.append((row, upper))
                self._park(chance, row, upper)
        for x in (30, WIDTH - 40):
            self.trees.append((x + chance.random() * 10, top + 40 + chance.random() * 110, 24 + chance.random() * 12))
        lane = top + 2 * DEPTH + AISLE / 2
        if lane < HEIGHT - 40:
            self._drive(chance, lane)

    def _park(self, chance: random.Random, row: int, upper: bool) -> None:
        for left in range(VERGE + 14, WIDTH - VERGE - BAY, BAY):
            if chance.random() > 0.72:
                continue
            label = chance.choices(LABELS, SHARES)[0]
            grown = 0.92 + chance.random() * 0.14
            width, height = (side * grown for side in SIZES[label])
            x = left + (BAY - width) / 2 + (chance.random() - 0.5) * 5
            y = row + (DEPTH - height) / 2 + (chance.random() - 0.5) * 8
            facing = "up" if upper is (chance.random() < 0.88) else "down"
            self.vehicles.append(Vehicle(label, x, y, width, height, chance.choice(PAINT), facing))

    def _drive(self, chance: random.Random, lane: float) -> None:
        for side, facing in ((-38, "left"), (12, "right")):
            label = "lorry" if chance.random() < 0.3 else "car"
            height, width = SIZES[label]
            x = 120 + chance.random() * (WIDTH - 240 - width)
            self.vehicles.append(Vehicle(label, x, lane + side, width, height, chance.choice(PAINT), facing))


def draw(lot: Lot) -> Image.Image:
    """The same picture for the same seed."""
    chance = random.Random(lot.seed + 99)
    picture = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), ASPHALT)
    pen = ImageDraw.Draw(picture)
    for left, right in ((0, VERGE), (WIDTH - VERGE, WIDTH)):
        _rectangle(pen, (left, 0, right, HEIGHT), GRASS)
    for x in (VERGE, WIDTH - VERGE - 6):
        _rectangle(pen, (x, 0, x + 6, HEIGHT), KERB)
    for row, upper in lot.rows:
        for x in range(VERGE + 14, WIDTH - VERGE - 10, BAY):
            _rectangle(pen, (x - 1, row, x + 1, row + DEPTH), LINE)
        if not upper:
            _rectangle(pen, (VERGE + 14, row - 1, WIDTH - VERGE - 14, row + 1), LINE)
    for vehicle in lot.vehicles:
        _vehicle(pen, vehicle)
    for x, y, radius in lot.trees:
        _disc(pen, x + 8, y + 9, radius, SHADOW)
        for number in range(26):
            aside, along = ((chance.random() - 0.5) * 1.4 * radius for _ in range(2))
            _disc(pen, x + aside, y + along, radius * 0.35, LEAVES[number % len(LEAVES)])
    return picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def as_jpeg(lot: Lot) -> bytes:
    """As a file."""
    file = BytesIO()
    draw(lot).save(file, "JPEG", quality=88)
    return file.getvalue()


def _vehicle(pen: ImageDraw.ImageDraw, vehicle: Vehicle) -> None:
    x1, y1, x2, y2 = vehicle.box
    narrow = min(vehicle.width, vehicle.height)
    _rectangle(pen, (x1 + 4, y1 + 5, x2 + 4, y2 + 5), SHADOW, narrow * 0.25)
    if vehicle.label == "motorbike":
        _part(pen, vehicle, 0.3, 0.7, 0.0, 1.0, "#1d1f22", 3)
        _part(pen, vehicle, 0.18, 0.82, 0.3, 0.64, vehicle.paint, 4)
        return
    _rectangle(pen, vehicle.box, vehicle.paint, 4 if vehicle.label == "lorry" else narrow * 0.26)
    if vehicle.label == "lorry":
        _part(pen, vehicle, 0.1, 0.9, 0.04, 0.1, GLASS, 3)
        _part(pen, vehicle, 0.0, 1.0, 0.24, 1.0, "#d9dbd9", 3)
        return
    front, back = WINDOWS[vehicle.label]
    _part(pen, vehicle, 0.12, 0.88, *front, GLASS, 4)
    _part(pen, vehicle, 0.14, 0.86, *back, "#33373a" if vehicle.label == "pickup" else GLASS, 3)


def _part(
    pen: ImageDraw.ImageDraw,
    vehicle: Vehicle,
    left: float,
    right: float,
    front: float,
    back: float,
    paint: str,
    radius: float,
) -> None:
    """A piece of a vehicle, in shares of its own width and length, from its front on."""
    x, y, width, height = vehicle.x, vehicle.y, vehicle.width, vehicle.height
    if vehicle.facing in ("down", "right"):
        front, back = 1 - back, 1 - front
    if vehicle.facing in ("up", "down"):
        box = (x + left * width, y + front * height, x + right * width, y + back * height)
    else:
        box = (x + front * width, y + left * height, x + back * width, y + right * height)
    _rectangle(pen, box, paint, radius)


def _rectangle(pen: ImageDraw.ImageDraw, box: Box, paint: str, radius: float = 0) -> None:
    pen.rounded_rectangle([value * FINE for value in box], radius * FINE, paint)


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, paint: str) -> None:
    pen.ellipse([(x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE], paint)
