"""What cars stand on: roads, verges, lots with their lines and stains, a building, a park."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from . import textures
from .cars import Sun
from .models import Paint, Point
from .plan import BAY, CELL_HEIGHT, CELL_WIDTH, DEPTH, LOT_LANE, POND_HEIGHT, POND_WIDTH, ROAD, Cell, Lot, Place, Spot

FINE = 2
Rectangle = tuple[float, float, float, float]
KERB, PAVEMENT, LINE, BLUE = (178, 178, 172), (150, 148, 143), (226, 226, 220), (46, 92, 156)
KERB_WIDTH, PAVEMENT_WIDTH = 5, 34
CORNER = 70  # radius of a cell's corners
LINE_WIDTH = 3.2
MULCH = (104, 84, 66)


@dataclass(frozen=True)
class Materials:
    """The surfaces of one picture."""

    seed: int

    @cached_property
    def road(self) -> Image.Image:
        return textures.asphalt(self.seed, 90)

    @cached_property
    def lot(self) -> Image.Image:
        return textures.asphalt(self.seed + 1, 117)

    @cached_property
    def grass(self) -> Image.Image:
        return textures.grass(self.seed + 2, (104, 122, 72))

    @cached_property
    def wear(self) -> Image.Image:
        """How much of a painted line is left."""
        noise = textures.surface(self.seed + 3, (205, 205, 205), ((2, 26.0), (9, 30.0))).getchannel(0)
        return noise.crop((0, 0, CELL_WIDTH, CELL_HEIGHT))


class Pen:
    """Draws a mask for one area, finer than the picture; points are those of the picture."""

    def __init__(self, left: float, top: float, right: float, bottom: float) -> None:
        self.corner = math.floor(left), math.floor(top)
        self.size = math.ceil(right) - self.corner[0], math.ceil(bottom) - self.corner[1]
        self._image = Image.new("L", (self.size[0] * FINE, self.size[1] * FINE))
        self._draw = ImageDraw.Draw(self._image)

    def shape(self, points: Iterable[Point], value: int = 255) -> None:
        self._draw.polygon(self._fine(points), fill=value)

    def strip(
        self, place: Place, left: float, top: float, right: float, bottom: float, value: int = 255, grow: float = 0
    ) -> None:
        """A rectangle in a place's own directions."""
        x, y, x2, y2 = left - grow, top - grow, right + grow, bottom + grow
        self.shape([place.at(*point) for point in ((x, y), (x2, y), (x2, y2), (x, y2))], value)

    def cast(self, place: Place, area: Rectangle, reach: Point) -> None:
        """The shadow of a block on that rectangle, with the block's own ground."""
        left, top, right, bottom = area
        corners = [place.at(*point) for point in ((left, top), (right, top), (right, bottom), (left, bottom))]
        far = [(x + reach[0], y + reach[1]) for x, y in corners]
        for number in range(4):
            after = (number + 1) % 4
            self.shape([corners[number], corners[after], far[after], far[number]])
        self.shape(corners)
        self.shape(far)

    def rounded(self, left: float, top: float, right: float, bottom: float, radius: float, value: int = 255) -> None:
        corners = self._fine([(left, top), (right, bottom)])
        self._draw.rounded_rectangle((*corners[0], *corners[1]), radius * FINE, fill=value)

    def blot(self, x: float, y: float, wide: float, high: float, value: int = 255) -> None:
        corners = self._fine([(x - wide, y - high), (x + wide, y + high)])
        self._draw.ellipse((*corners[0], *corners[1]), fill=value)

    def path(self, points: Iterable[Point], width: float, value: int = 255) -> None:
        self._draw.line(self._fine(points), fill=value, width=round(width * FINE), joint="curve")

    def mask(self) -> Image.Image:
        return self._image.reduce(FINE)

    def _fine(self, points: Iterable[Point]) -> list[Point]:
        left, top = self.corner
        return [((x - left) * FINE, (y - top) * FINE) for x, y in points]


class Ground:
    """One cell as it is without cars and trees."""

    def __init__(self, cell: Cell, materials: Materials, sun: Sun) -> None:
        self.cell, self.materials, self.sun = cell, materials, sun
        self.chance = random.Random(f"{cell.seed} ground")
        self.picture = materials.road.crop((0, 0, CELL_WIDTH, CELL_HEIGHT))

    def drawn(self) -> Image.Image:
        self._land()
        self._road_marks()
        if self.cell.pond:
            self._park(self.cell.pond)
        for lot in self.cell.lots:
            self._weather(lot)
            self._lines(lot)
            self._islands(lot)
        return self.picture

    def pen(self, place: Place | None = None, area: Rectangle | None = None, room: float = 0) -> Pen:
        """For the whole cell, or only for a rectangle of a place and some room about it."""
        if place is None or area is None:
            left, top = self.cell.left, self.cell.top
            return Pen(left, top, left + CELL_WIDTH, top + CELL_HEIGHT)
        corners = [place.at(x, y) for x in area[::2] for y in area[1::2]]
        across, down = zip(*corners, strict=True)
        return Pen(min(across) - room, min(down) - room, max(across) + room, max(down) + room)

    def lay(self, what: Paint | Image.Image, pen: Pen, soft: float = 0, share: float = 1.0) -> None:
        """Colour or surface where the pen drew."""
        mask = pen.mask()
        if soft:
            mask = mask.filter(ImageFilter.GaussianBlur(soft))
        if share < 1:
            mask = mask.point([round(value * share) for value in range(256)])
        left, top = pen.corner[0] - self.cell.left, pen.corner[1] - self.cell.top
        box = left, top, left + mask.width, top + mask.height
        self.picture.paste(what.crop(box) if isinstance(what, Image.Image) else what, box, mask)

    def _land(self) -> None:
        """Kerb, pavement and grass inside the roads, then the lots and their ways, which cut through them."""
        left, top = self.cell.left, self.cell.top
        inset = 0
        for what, width in (
            (KERB, KERB_WIDTH),
            (PAVEMENT, PAVEMENT_WIDTH),
            (KERB, KERB_WIDTH),
            (self.materials.grass, 0),
        ):
            pen, edge = self.pen(), ROAD + inset
            pen.rounded(left + edge, top + edge, left + CELL_WIDTH - edge, top + CELL_HEIGHT - edge, CORNER - inset)
            self.lay(what, pen)
            inset += width
        kerb, paved = self.pen(), self.pen()
        for lot in self.cell.lots:
            for area in (lot_area(lot), *lot.ways):
                kerb.strip(lot.place, *area, grow=KERB_WIDTH)
                paved.strip(lot.place, *area)
        self.lay(KERB, kerb)
        self.lay(self.materials.lot, paved)
        road = self.pen()
        road.rounded(left, top, left + CELL_WIDTH, top + CELL_HEIGHT, 0)
        road.rounded(left + ROAD, top + ROAD, left + CELL_WIDTH - ROAD, top + CELL_HEIGHT - ROAD, CORNER, 0)
        self.lay(self.materials.road, road)

    def _road_marks(self) -> None:
        """Dashes along the middle of the roads and stripes to walk over them; both cells beside it agree."""
        pen, zebra = self.pen(), self.pen()
        left, top = self.cell.left, self.cell.top
        for turn, length, (x, y) in (
            (0, CELL_WIDTH, (left, top)), (0, CELL_WIDTH, (left, top + CELL_HEIGHT)),
            (math.pi / 2, CELL_HEIGHT, (left, top)), (math.pi / 2, CELL_HEIGHT, (left + CELL_WIDTH, top)),
        ):  # fmt: skip
            place = Place(x, y, turn)
            for start in range(260, length - 300, 92):
                pen.strip(place, start, -2, start + 50, 2)
            for start in (170, length - 214):
                for across in range(-80, 80, 20):
                    zebra.strip(place, start, across, start + 44, across + 11)
        self._paint(pen, 0.85)
        self._paint(zebra, 0.8)

    def _paint(self, pen: Pen, share: float, colour: Paint = LINE) -> None:
        """As road paint: worn in places."""
        left, top = pen.corner[0] - self.cell.left, pen.corner[1] - self.cell.top
        box = left, top, left + pen.size[0], top + pen.size[1]
        mask = ImageChops.multiply(pen.mask(), self.materials.wear.crop(box))
        self.picture.paste(colour, box, mask.point([round(value * share) for value in range(256)]))

    def _weather(self, lot: Lot) -> None:
        """Patches of newer asphalt, tracks of tyres, oil, cracks."""
        chance, place = self.chance, lot.place
        patches, tracks, oil, cracks = (self.pen(place, lot_area(lot), 12) for _ in range(4))
        for _ in range(7):
            x, y = chance.uniform(-0.45, 0.4) * lot.width, chance.uniform(-0.45, 0.4) * lot.height
            patches.strip(
                place, x, y, x + chance.uniform(60, 260), y + chance.uniform(40, 130), chance.randint(90, 255)
            )
        for y in lot.aisles:
            for lane in (-LOT_LANE, LOT_LANE):
                for wheel in (-17, 17):
                    at = y + lane + wheel
                    tracks.strip(place, -lot.width / 2 + 30, at - 7, lot.width / 2 - 30, at + 7)
        for spot in lot.spots:
            for _ in range(chance.choice((0, 0, 1, 2))):
                x, y = place.at(spot.x + chance.gauss(0, 7), spot.y + chance.gauss(0, 26))
                oil.blot(x, y, chance.uniform(3, 13), chance.uniform(3, 11), chance.randint(60, 255))
        for _ in range(11):
            cracks.path([place.at(*point) for point in self._crack(lot)], 1.5)
        self.lay((70, 72, 76), patches, share=0.34)
        self.lay((52, 53, 56), tracks, soft=6, share=0.22)
        self.lay((30, 28, 28), oil, soft=2.5, share=0.5)
        self.lay((48, 48, 50), cracks, share=0.75)

    def _crack(self, lot: Lot) -> list[Point]:
        """Winding, and never out of the lot; in the lot's coordinates."""
        chance, inside = self.chance, (lot.width / 2 - 30, lot.height / 2 - 30)
        points = [(chance.uniform(-inside[0], inside[0]), chance.uniform(-inside[1], inside[1]))]
        heading = chance.uniform(0, 2 * math.pi)
        for _ in range(chance.randint(6, 16)):
            heading += chance.gauss(0, 0.55)
            x, y = points[-1][0] + 26 * math.cos(heading), points[-1][1] + 26 * math.sin(heading)
            if abs(x) > inside[0] or abs(y) > inside[1]:
                break
            points.append((x, y))
        return points

    def _lines(self, lot: Lot) -> None:
        white, blue, sign = (self.pen(lot.place, lot_area(lot), 4) for _ in range(3))
        half = LINE_WIDTH / 2
        for spot in lot.spots:
            top, bottom = spot.y - DEPTH / 2, spot.y + DEPTH / 2
            for x in (spot.x - BAY / 2, spot.x + BAY / 2):
                white.strip(lot.place, x - half, top, x + half, bottom)
            if spot.kind == "blue":
                blue.strip(lot.place, spot.x - BAY / 2 + 3, top + 3, spot.x + BAY / 2 - 3, bottom - 3)
                self._wheelchair(sign, lot.place, spot)
        for y in sorted({spot.y + spot.heads * DEPTH / 2 for spot in lot.spots}):
            ends = (min(spot.x for spot in lot.spots) - BAY / 2, max(spot.x for spot in lot.spots) + BAY / 2)
            white.strip(lot.place, ends[0], y - half, ends[1], y + half)
        for y in lot.aisles:
            for lane, side in ((LOT_LANE, 1), (-LOT_LANE, -1)):
                for x in (-0.32, 0.02, 0.34):
                    self._arrow(white, lot.place, x * lot.width, y + lane, side)
        self._paint(blue, 0.8, BLUE)
        self._paint(white, 0.9)
        self._paint(sign, 0.95)

    def _arrow(self, pen: Pen, place: Place, x: float, y: float, side: int) -> None:
        pen.strip(place, min(x, x + side * 40), y - 3, max(x, x + side * 40), y + 3)
        tip = [(x + side * 36, y - 11), (x + side * 64, y), (x + side * 36, y + 11)]
        pen.shape([place.at(*point) for point in tip])

    def _wheelchair(self, pen: Pen, place: Place, spot: Spot) -> None:
        x, y = place.at(spot.x, spot.y)
        pen.blot(x, y + 5, 13, 13)
        pen.blot(x, y + 5, 9, 9, 0)
        pen.blot(x - 1, y - 17, 4.5, 4.5)
        pen.path([(x - 1, y - 12), (x, y + 3), (x + 11, y + 3), (x + 15, y + 14)], 4)

    def _islands(self, lot: Lot) -> None:
        kerb, soil, plants = (self.pen(lot.place, lot_area(lot), 4) for _ in range(3))
        for spot in lot.spots:
            if spot.kind != "island":
                continue
            for pen, inset in ((kerb, 3), (soil, 3 + KERB_WIDTH)):
                wide, high = BAY / 2 - inset, DEPTH / 2 - inset
                corners = [(-wide, -high + 14), (-wide + 14, -high), (wide - 14, -high), (wide, -high + 14)]
                outline = corners + [(-x, -y) for x, y in corners]
                pen.shape([lot.place.at(spot.x + x, spot.y + y) for x, y in outline])
            for _ in range(15):
                x, y = lot.place.at(spot.x + self.chance.uniform(-15, 15), spot.y + self.chance.uniform(-46, 46))
                size = self.chance.uniform(3, 7)
                plants.blot(x, y, size, size, self.chance.randint(110, 255))
        self.lay(KERB, kerb)
        self.lay(MULCH, soil)
        self.lay((74, 98, 52), plants, soft=1)

    def _park(self, pond: Point) -> None:
        for width, colour in ((64, (132, 128, 108)), (52, (186, 172, 144))):
            pen = self.pen()
            pen.path(self.cell.path, width)
            self.lay(colour, pen, soft=1)
        for share, colour in ((1.0, (150, 142, 112)), (0.94, (66, 92, 100)), (0.72, (52, 78, 92))):
            pen = self.pen(Place(*pond), (-POND_WIDTH, -POND_HEIGHT, POND_WIDTH, POND_HEIGHT), 40)
            for number in range(9):
                angle = number * 2 * math.pi / 9
                x, y = pond[0] + POND_WIDTH / 2 * math.cos(angle), pond[1] + POND_HEIGHT / 2 * math.sin(angle)
                bay = 1 + 0.12 * math.sin(3 * angle)
                pen.blot(x, y, (share - 0.5) * POND_WIDTH * bay, (share - 0.5) * POND_HEIGHT * bay)
            self.lay(colour, pen, soft=2 if share > 0.9 else 20)


def lot_area(lot: Lot) -> Rectangle:
    return -lot.width / 2, -lot.height / 2, lot.width / 2, lot.height / 2
