"""The car models: sizes, outlines from above, and which part of each is glass, roof or load."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

Point = tuple[float, float]
Paint = tuple[int, int, int]

STEPS = 22  # points along one side of an outline
ROUNDNESS = 2.7  # power of the curve by which a nose turns into a flank
MIRROR = 3.6  # how far a mirror stands out, in pixels

WHITE, SILVER, GREY, BLACK = (232, 233, 230), (176, 181, 185), (106, 111, 116), (40, 42, 46)
QUIET = (WHITE, WHITE, WHITE, SILVER, SILVER, GREY, GREY, BLACK, BLACK, (71, 76, 84))
LIVELY = (
    (164, 36, 32), (164, 36, 32), (122, 26, 34), (38, 74, 128), (38, 74, 128), (66, 112, 162), (28, 48, 86),
    (58, 88, 70), (52, 74, 58), (192, 168, 126), (126, 104, 84), (204, 112, 42), (220, 188, 72), (100, 150, 156),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """Lengths along the car are shares of its own, from the nose (0) to the tail (1); widths are shares of half of its.

    `glass` is where windscreen and rear window meet the body, `roof` where they meet the roof.
    """

    name: str
    share: float  # of all cars
    length: float  # in pixels
    width: float
    height: float  # of the roof; shadows are as long
    glass: tuple[float, float, float]  # from, to, half width
    roof: tuple[float, float, float]
    nose: float = 0.14  # share of the length over which it becomes wide
    tail: float = 0.10
    blunt: float = 0.56  # width of the nose's flat front
    square: float = 0.70  # width of the tail's flat end
    mirrors: float = 0.33
    rails: bool = False
    spare_wheel: bool = False
    bed: tuple[float, float] | None = None  # an open load, from and to
    cabin: tuple[float, float] | None = None  # an open cabin
    ribs: tuple[float, ...] = ()  # across the roof
    paints: tuple[Paint, ...] = QUIET + QUIET + LIVELY


MODELS = {
    model.name: model
    for model in (
        Model("hatchback", 0.26, 92, 43, 11, (0.27, 0.95, 0.84), (0.43, 0.85, 0.68), nose=0.20, mirrors=0.36),
        Model("saloon", 0.22, 114, 45, 10.5, (0.29, 0.81, 0.84), (0.42, 0.66, 0.66), nose=0.17, tail=0.13, square=0.6),
        Model("estate", 0.15, 118, 45, 11, (0.28, 0.96, 0.84), (0.40, 0.89, 0.69), nose=0.16, tail=0.07, rails=True),
        Model(
            "suv", 0.14, 108, 49, 13.5, (0.28, 0.93, 0.86), (0.39, 0.87, 0.73),
            nose=0.09, tail=0.05, blunt=0.74, square=0.86, rails=True, spare_wheel=True,
        ),
        Model(
            "pickup", 0.08, 128, 48, 13, (0.28, 0.60, 0.84), (0.38, 0.54, 0.72),
            nose=0.09, tail=0.03, blunt=0.72, square=0.93, bed=(0.625, 0.965),
        ),
        Model(
            "van", 0.09, 126, 50, 18, (0.10, 0.985, 0.90), (0.22, 0.975, 0.86), nose=0.10, tail=0.03,
            blunt=0.66, square=0.94, mirrors=0.20, ribs=(0.38, 0.52, 0.66, 0.80),
            paints=(WHITE, WHITE, WHITE, *QUIET, *LIVELY[2:7]),
        ),
        Model(
            "convertible", 0.06, 98, 43, 8, (0.36, 0.50, 0.80), (0.44, 0.46, 0.74), nose=0.22, tail=0.17,
            blunt=0.5, square=0.54, mirrors=0.41, cabin=(0.455, 0.80), paints=(*LIVELY, WHITE, SILVER, BLACK),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """A model at the size of one car: points are pixels from its middle, the nose at positive x."""

    model: Model
    length: float
    width: float

    def at(self, along: float, across: float) -> Point:
        return (0.5 - along) * self.length, across * self.width / 2

    def outline(self) -> list[Point]:
        """The body, without mirrors and spare wheel."""
        sides = [(1 - math.cos(math.pi * step / STEPS)) / 2 for step in range(STEPS + 1)]
        widths = [self._half_width(along) for along in sides]
        right = [self.at(along, width) for along, width in zip(sides, widths, strict=True)]
        return right + [(x, -y) for x, y in reversed(right)]

    def appendages(self) -> Iterator[list[Point]]:
        """What stands out from the body."""
        x, y = self.at(self.model.mirrors, 0.9)
        reach = self.width / 2 + MIRROR
        for side in (-1, 1):
            yield [(x + 2, side * y), (x - 1.2, side * reach), (x - 4.4, side * reach), (x - 4, side * y)]
        if self.model.spare_wheel:
            x, _ = self.at(1, 0)
            yield [(x + 5, -9.5), (x - 2.5, -9.5), (x - 5, -7), (x - 5, 7), (x - 2.5, 9.5), (x + 5, 9.5)]

    def band(self, start: float, end: float, at_start: float, at_end: float, bulge: float = 0.0) -> list[Point]:
        """Across the car from one place along it to another, so wide at each; bulging towards the nose, in pixels."""
        front = [self.at(start, at_start * step / 4) for step in range(-4, 5)]
        bent = [(x + bulge * (1 - (step / 4) ** 2), y) for step, (x, y) in zip(range(-4, 5), front, strict=True)]
        return [*bent, self.at(end, at_end), self.at(end, -at_end)]

    def _half_width(self, along: float) -> float:
        model = self.model
        ends = _bend(along / model.nose, model.blunt) * _bend((1 - along) / model.tail, model.square)
        waist = 0.025 * math.sin(math.pi * min(max((along - 0.2) / 0.6, 0), 1)) ** 2
        return ends * (1 - waist)


def _bend(share: float, flat: float) -> float:
    """From the flat end (0) to full width (1), as a corner turns."""
    if share >= 1:
        return 1
    return float(flat + (1 - flat) * (1 - (1 - max(share, 0)) ** ROUNDNESS) ** (1 / ROUNDNESS))
