"""What stands in a car park and is no car: a building, skips, shelters for trolleys, bins, lamps."""

import math

from .ground import Ground, Rectangle
from .models import Paint
from .plan import BAY, DEPTH, Lot, Place, Spot

SKIPS: tuple[Paint, ...] = ((164, 122, 40), (62, 92, 76), (70, 88, 116), (132, 62, 48))
BINS: tuple[Paint, ...] = ((58, 84, 62), (58, 84, 62), (66, 70, 74), (48, 78, 120))
FLAT_ROOF, PARAPET, PLANT, SKYLIGHT = (148, 150, 152), (188, 189, 188), (172, 175, 178), (150, 178, 196)
SHADE: Paint = (14, 16, 24)
BUILDING_HEIGHT, SKIP_HEIGHT, SHELTER_HEIGHT, BIN_HEIGHT, LAMP_HEIGHT = 64, 15, 20, 9, 70


class Block:
    """A box-like thing that casts a shadow; rectangles and discs are laid on it, in a place's own coordinates."""

    def __init__(self, ground: Ground, place: Place, area: Rectangle, height: float, dark: float = 0.55) -> None:
        self._ground, self._place = ground, place
        reach = ground.sun.shadow(height)
        pen = ground.pen(place, area, room=max(abs(reach[0]), abs(reach[1])) + 6)
        pen.cast(place, area, reach)
        ground.lay(SHADE, pen, soft=1.5, share=dark)

    def lay(self, left: float, top: float, right: float, bottom: float, colour: Paint, share: float = 1.0) -> None:
        pen = self._ground.pen(self._place, (left, top, right, bottom), room=2)
        pen.strip(self._place, left, top, right, bottom)
        self._ground.lay(colour, pen, share=share)

    def disc(self, x: float, y: float, radius: float, colour: Paint) -> None:
        pen = self._ground.pen(self._place, (x - radius, y - radius, x + radius, y + radius), room=radius)
        pen.blot(*self._place.at(x, y), radius, radius)
        self._ground.lay(colour, pen)


def furnish(ground: Ground) -> None:
    """Put it all on the ground of one cell."""
    if ground.cell.building:
        _building(ground, ground.cell.building)
    for lot in ground.cell.lots:
        _bins(ground, lot)
        for spot in lot.spots:
            if spot.kind == "skip":
                _skip(ground, lot.place, spot)
            elif spot.kind == "shelter":
                _shelter(ground, lot.place, spot)
        for y in sorted({spot.y + spot.heads * DEPTH / 2 for spot in lot.spots}):
            for share in (-0.3, 0.3):
                _lamp(ground, lot.place, share * lot.width, y)


def _building(ground: Ground, area: Rectangle) -> None:
    """A flat roof: parapet, skylights in rows, machines for air."""
    chance = ground.chance
    left, top, right, bottom = area
    middle = Place((left + right) / 2, (top + bottom) / 2)
    wide, high = (right - left) / 2, (bottom - top) / 2
    block = Block(ground, middle, (-wide, -high, wide, high), BUILDING_HEIGHT)
    block.lay(-wide, -high, wide, high, PARAPET)
    block.lay(-wide + 12, -high + 12, wide - 12, high - 12, (112, 114, 116))
    block.lay(-wide + 17, -high + 17, wide - 17, high - 17, FLAT_ROOF)
    for x in range(round(-wide) + 90, round(wide) - 60, 118):  # seams of the sheets
        block.lay(x, -high + 17, x + 2, high - 17, (138, 140, 142))
    for x in range(round(-wide) + 150, round(wide) - 200, 236):
        for y in range(round(-high) + 110, round(high) - 120, 190):
            if chance.random() < 0.62:
                light = Block(ground, middle, (x, y, x + 84, y + 46), 4)
                light.lay(x, y, x + 84, y + 46, PARAPET)
                light.lay(x + 5, y + 5, x + 79, y + 41, SKYLIGHT)
                light.lay(x + 40, y + 5, x + 44, y + 41, PARAPET)
            elif chance.random() < 0.5:
                _machine(ground, middle, x, y)


def _machine(ground: Ground, place: Place, x: float, y: float) -> None:
    block = Block(ground, place, (x, y, x + 92, y + 60), 16)
    block.lay(x, y, x + 92, y + 60, PLANT)
    for fan in (24, 68):
        block.disc(x + fan, y + 30, 19, (60, 62, 66))
        block.disc(x + fan, y + 30, 6, (140, 142, 146))


def _skip(ground: Ground, place: Place, spot: Spot) -> None:
    """As large as a small car, open, full of rubble."""
    chance, x, y = ground.chance, spot.x, spot.y
    colour = chance.choice(SKIPS)
    block = Block(ground, place, (x - 22, y - 42, x + 22, y + 42), SKIP_HEIGHT)
    block.lay(x - 22, y - 42, x + 22, y + 42, colour)
    block.lay(x - 18, y - 37, x + 18, y + 37, (colour[0] // 3, colour[1] // 3, colour[2] // 3))
    for _ in range(26):
        size, tone = chance.uniform(2, 6), chance.randint(96, 170)
        across, down = chance.uniform(-13, 13), chance.uniform(-31, 31)
        block.lay(
            x + across - size, y + down - size / 2, x + across + size, y + down + size, (tone, tone - 8, tone - 22)
        )
    for rib in (-22, 0, 22):
        block.lay(x - 24, y + rib - 2, x - 21, y + rib + 2, colour)
        block.lay(x + 21, y + rib - 2, x + 24, y + rib + 2, colour)


def _shelter(ground: Ground, place: Place, spot: Spot) -> None:
    """Rows of trolleys under a roof that light comes through."""
    x, y = spot.x, spot.y
    area = x - BAY / 2 + 5, y - DEPTH / 2 + 8, x + BAY / 2 - 5, y + DEPTH / 2 - 8
    block = Block(ground, place, area, SHELTER_HEIGHT, dark=0.3)
    for row in (-13, 3):
        for step in range(14):
            top = area[1] + 6 + step * 7
            block.lay(x + row, top, x + row + 11, top + 4, (168, 172, 176))
    block.lay(*area, (206, 218, 226), share=0.45)
    for post in range(4):
        top = area[1] + post * (area[3] - area[1] - 3) / 3
        block.lay(area[0], top, area[2], top + 3, (226, 229, 231))


def _bins(ground: Ground, lot: Lot) -> None:
    """A few in a row at each way in."""
    chance = ground.chance
    for left, top, right, _ in lot.ways:
        start = (left + right) / 2
        for number in range(chance.randint(0, 4)):
            x, y = start + number * 25, top - 32
            block = Block(ground, lot.place, (x, y, x + 21, y + 24), BIN_HEIGHT)
            colour = chance.choice(BINS)
            block.lay(x, y, x + 21, y + 24, colour)
            block.lay(x + 1, y + 3, x + 20, y + 22, (colour[0] + 18, colour[1] + 18, colour[2] + 18))
            block.lay(x + 3, y + 22, x + 18, y + 25, (34, 36, 36))


def _lamp(ground: Ground, place: Place, x: float, y: float) -> None:
    """A thin mast with two heads; mostly its shadow is seen."""
    block = Block(ground, place, (x - 1.5, y - 1.5, x + 1.5, y + 1.5), LAMP_HEIGHT, dark=0.4)
    reach = ground.sun.shadow(LAMP_HEIGHT)
    turned = Place(*place.at(x, y), math.atan2(reach[1], reach[0]))
    Block(ground, turned, (math.hypot(*reach) - 3, -17, math.hypot(*reach) + 4, 17), 0, dark=0.4)
    block.lay(x - 3, y - 17, x + 3, y + 17, (206, 208, 208))
    block.lay(x - 5, y - 5, x + 5, y + 5, (120, 122, 124))
