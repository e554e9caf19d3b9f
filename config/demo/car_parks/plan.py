"""Where all of a car park is: cells between roads, rows of bays, cars in them, trees. Nothing is drawn here."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from .cars import Car, Sun
from .models import MODELS, Point

CELL_WIDTH, CELL_HEIGHT = 2000, 2048
COLUMNS, ROWS = 3, 2
ROAD = 88  # half of a road's width; roads run along the borders of the cells
LANE, LOT_LANE = 44, 31  # the middle of a lane, from the middle of the road or of the aisle
BAY, DEPTH, AISLE = 58, 122, 160
MODULE = 2 * DEPTH + AISLE
CROSSING = 150  # from a lot's side to its first bay
KINDS = ("straight", "building", "turned", "straight", "park", "turned")
STEEPEST = math.radians(26)
POND_WIDTH, POND_HEIGHT = 330, 170
CLEAR = 8  # pixels between a canopy and the middle of a car


@dataclass(frozen=True, slots=True)
class Place:
    """A point of the picture and a direction: what lies about it is told in its own coordinates."""

    x: float
    y: float
    turn: float = 0.0

    def at(self, across: float, down: float) -> Point:
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return self.x + across * cos - down * sin, self.y + across * sin + down * cos


@dataclass(frozen=True, slots=True)
class Spot:
    """One bay of a lot in the lot's coordinates; `heads` is where a car that drove in looks (-1: up, 1: down)."""

    x: float
    y: float
    heads: int
    kind: str  # bay, blue, island, shelter or skip


@dataclass(frozen=True, slots=True)
class Lot:
    """Asphalt with rows of bays; `ways` are strips of asphalt that lead to the road, as left, top, right, bottom."""

    place: Place
    width: float
    height: float
    spots: tuple[Spot, ...]
    aisles: tuple[float, ...]
    ways: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A canopy that may hide what is under it."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One piece of land between roads."""

    left: int
    top: int
    seed: str
    lots: tuple[Lot, ...] = ()
    building: tuple[float, float, float, float] | None = None  # left, top, right, bottom
    path: tuple[Point, ...] = ()
    pond: Point | None = None


@dataclass(slots=True)
class Plan:
    """A whole car park."""

    width: int
    height: int
    sun: Sun
    cells: list[Cell] = field(default_factory=list)
    cars: list[Car] = field(default_factory=list)
    trees: list[Tree] = field(default_factory=list)


def plan_of(seed: int, columns: int = COLUMNS, rows: int = ROWS) -> Plan:
    """The car park of this seed; one of fewer cells is smaller and quicker to draw."""
    chance = random.Random(f"car park {seed}")
    sun = Sun(math.radians(90 * chance.randrange(4) + chance.uniform(22, 68)), chance.uniform(0.7, 1.15))
    plan = Plan(columns * CELL_WIDTH, rows * CELL_HEIGHT, sun)
    kinds = [KINDS[number % len(KINDS)] for number in range(columns * rows)]
    chance.shuffle(kinds)
    for number, kind in enumerate(kinds):
        left, top = number % columns * CELL_WIDTH, number // columns * CELL_HEIGHT
        cell = _cell(random.Random(f"{seed} {number}"), kind, left, top, f"{seed} {number}")
        plan.cells.append(cell)
        for lot in cell.lots:
            plan.cars += _parked(chance, lot)
    plan.cars += _driving(chance, plan, columns, rows)
    for cell in plan.cells:
        plan.trees += _trees(chance, cell, plan.cars)
    return plan


def _cell(chance: random.Random, kind: str, left: int, top: int, seed: str) -> Cell:
    x, y = left + CELL_WIDTH / 2, top + CELL_HEIGHT / 2
    if kind == "straight":
        return Cell(left, top, seed, (_lot(chance, Place(x, y), columns=23, modules=4),))
    if kind == "turned":
        turn = chance.choice((-1, 1)) * chance.uniform(math.radians(9), STEEPEST)
        return Cell(left, top, seed, (_lot(chance, Place(x, y, turn), columns=18, modules=3),))
    if kind == "building":
        yard = chance.choice((-1, 1))
        deep = 1880 - 2 * 80 - MODULE - 120
        edge = y - yard * (1880 / 2 - 80)
        top_, bottom = sorted((edge, edge + yard * deep))
        lot = _lot(chance, Place(x, y + yard * (1880 / 2 - 70 - MODULE / 2)), columns=23, modules=1)
        return Cell(left, top, seed, (lot,), (left + 200, top_, left + CELL_WIDTH - 200, bottom))
    return _park(chance, Place(x, y), left, top, seed)


def _park(chance: random.Random, middle: Place, left: int, top: int, seed: str) -> Cell:
    """A small lot at one side; beyond it a pond, and a path that winds past it."""
    away = chance.choice((-1, 1))
    lot = _lot(chance, Place(middle.x, middle.y - away * 660), columns=16, modules=1)
    step, start = (CELL_WIDTH - 2 * ROAD) / 40, chance.uniform(0, 6)
    path = [(left + ROAD + n * step, middle.y - away * 200 + 120 * math.sin(start + n / 5.5)) for n in range(41)]
    return Cell(
        left, top, seed, (lot,), path=tuple(path), pond=(middle.x + chance.uniform(-350, 350), middle.y + away * 380)
    )


def _lot(chance: random.Random, place: Place, *, columns: int, modules: int) -> Lot:
    width, height = columns * BAY + 2 * CROSSING, modules * MODULE
    spots: list[Spot] = []
    aisles: list[float] = []
    for module in range(modules):
        top = module * MODULE - height / 2
        aisles.append(top + DEPTH + AISLE / 2)
        for y, heads in ((top + DEPTH / 2, -1), (top + MODULE - DEPTH / 2, 1)):
            spots += _row(chance, columns, y, heads)
    ways = tuple(_way(place, width, chance.choice(aisles), side) for side in (-1, 1))
    return Lot(place, width, height, tuple(spots), tuple(aisles), ways)


def _row(chance: random.Random, columns: int, y: float, heads: int) -> Iterator[Spot]:
    """Bays from left to right; islands at both ends and, in a long row, one within it."""
    island = chance.randint(columns // 3, 2 * columns // 3)
    blue = chance.random() < 0.2
    for column in range(columns):
        x = (column + 0.5 - columns / 2) * BAY
        if column in (0, island, columns - 1):
            kind = "island"
        elif blue and column in (1, 2):
            kind = "blue"
        else:
            kind = chance.choices(("bay", "shelter", "skip"), (0.972, 0.016, 0.012))[0]
        yield Spot(x, y, heads, kind)


def _way(place: Place, width: float, y: float, side: int) -> tuple[float, float, float, float]:
    """From a lot's side straight on to the nearest road."""
    start = side * (width / 2 - 20)
    end = start
    column, row = place.x // CELL_WIDTH, place.y // CELL_HEIGHT
    while True:
        x, y_ = place.at(end, y)
        inside_x = column * CELL_WIDTH + ROAD / 2 < x < (column + 1) * CELL_WIDTH - ROAD / 2
        if not (inside_x and row * CELL_HEIGHT + ROAD / 2 < y_ < (row + 1) * CELL_HEIGHT - ROAD / 2):
            break
        end += side * 4
    return min(start, end), y - AISLE / 2 + 14, max(start, end), y + AISLE / 2 - 14


def _parked(chance: random.Random, lot: Lot) -> Iterator[Car]:
    """Rows are more or less full; a few cars stand askew, many were parked backwards."""
    fullness = {spot.y: chance.uniform(0.35, 0.92) for spot in lot.spots}
    for spot in lot.spots:
        wanted = {"bay": fullness[spot.y], "blue": 0.3}.get(spot.kind, 0)
        if chance.random() >= wanted:
            continue
        turn = spot.heads * math.pi / 2 + (math.pi if chance.random() < 0.3 else 0)
        askew = 0.016 if chance.random() < 0.94 else 0.04
        name, length, width = _drawn_model(chance)
        # A long one stands out into the aisle, never into the bay behind.
        out = max(0.0, (length + 6 - DEPTH) / 2) + chance.uniform(-1, 5)
        x, y = lot.place.at(spot.x + chance.uniform(-3, 3), spot.y - spot.heads * out)
        yield _car(chance, name, length, width, x, y, lot.place.turn + turn + chance.gauss(0, askew))
    for y in lot.aisles:
        if chance.random() < 0.55:
            side = chance.choice((-1, 1))
            name, length, width = _drawn_model(chance)
            x, y_ = lot.place.at(chance.uniform(-0.4, 0.4) * lot.width, y + side * LOT_LANE)
            yield _car(chance, name, length, width, x, y_, lot.place.turn + (0 if side > 0 else math.pi))


def _driving(chance: random.Random, plan: Plan, columns: int, rows: int) -> Iterator[Car]:
    """A few on each stretch of road, on the right of it, away from its junctions."""
    for column in range(columns + 1):
        for row in range(rows):
            for side in (-1, 1):
                x = column * CELL_WIDTH + side * LANE
                if 0 < x < plan.width and chance.random() < 0.6:
                    along = row * CELL_HEIGHT + chance.uniform(0.2, 0.8) * CELL_HEIGHT
                    yield _car(chance, *_drawn_model(chance), x, along, -side * math.pi / 2)
    for row in range(rows + 1):
        for column in range(columns):
            for side in (-1, 1):
                y = row * CELL_HEIGHT + side * LANE
                if 0 < y < plan.height and chance.random() < 0.6:
                    along = column * CELL_WIDTH + chance.uniform(0.2, 0.8) * CELL_WIDTH
                    yield _car(chance, *_drawn_model(chance), along, y, 0 if side > 0 else math.pi)


def _drawn_model(chance: random.Random) -> tuple[str, float, float]:
    """A model and the size of one car of it."""
    model = chance.choices(list(MODELS.values()), [model.share for model in MODELS.values()])[0]
    scale = chance.uniform(0.955, 1.03)
    return model.name, model.length * scale, model.width * scale


def _car(chance: random.Random, name: str, length: float, width: float, x: float, y: float, turn: float) -> Car:
    return Car(name, x, y, length, width, turn, chance.choice(MODELS[name].paints), chance.getrandbits(32))


def _trees(chance: random.Random, cell: Cell, cars: list[Car]) -> Iterator[Tree]:
    """On islands and on the verge. Canopies hang over cars but leave the middle of each in sight."""
    near = [car for car in cars if 0 <= car.x - cell.left < CELL_WIDTH and 0 <= car.y - cell.top < CELL_HEIGHT]
    for lot in cell.lots:
        for spot in lot.spots:
            if spot.kind == "island" and chance.random() < 0.62:
                yield from _grown(near, *lot.place.at(spot.x, spot.y + spot.heads * 8), chance.uniform(42, 78))
    for _ in range(300 if cell.path else 130):
        x = cell.left + chance.uniform(ROAD + 60, CELL_WIDTH - ROAD - 60)
        y = cell.top + chance.uniform(ROAD + 60, CELL_HEIGHT - ROAD - 60)
        if _is_free(cell, x, y):
            yield from _grown(near, x, y, chance.uniform(30, 105))


def _grown(cars: list[Car], x: float, y: float, radius: float) -> Iterator[Tree]:
    room = min((math.hypot(car.x - x, car.y - y) for car in cars), default=1000.0) - CLEAR
    if room >= 34:
        yield Tree(x, y, min(radius, room))


def _is_free(cell: Cell, x: float, y: float) -> bool:
    """Whether a trunk may stand there: on no asphalt, building, path or pond."""
    if cell.building:
        left, top, right, bottom = cell.building
        if left - 90 < x < right + 90 and top - 90 < y < bottom + 90:
            return False
    if any(math.hypot(x - point[0], y - point[1]) < 75 for point in cell.path):
        return False
    if cell.pond and math.hypot((x - cell.pond[0]) / POND_WIDTH, (y - cell.pond[1]) / POND_HEIGHT) < 1.15:
        return False
    for lot in cell.lots:
        cos, sin = math.cos(lot.place.turn), math.sin(lot.place.turn)
        across = (x - lot.place.x) * cos + (y - lot.place.y) * sin
        down = (y - lot.place.y) * cos - (x - lot.place.x) * sin
        if abs(across) < lot.width / 2 + 24 and abs(down) < lot.height / 2 + 24:
            return False
        if any(
            left - 24 < across < right + 24 and top - 24 < down < bottom + 24 for left, top, right, bottom in lot.ways
        ):
            return False
    return True
