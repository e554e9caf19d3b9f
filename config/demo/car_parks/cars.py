"""How one car is drawn: its parts as flat colours and heights, lit by the sun, turned into place."""

import math
import random
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .models import MODELS, Frame, Paint, Point

FINE = 3  # drawn so many times as large as shown
MARGIN = 10  # pixels about a car, for mirrors and turning
GLASS, RUBBER, LAMP, TAIL_LAMP = (30, 37, 45), (26, 26, 28), (214, 219, 222), (140, 22, 20)
LEATHER = ((150, 112, 74), (58, 54, 52), (186, 178, 164), (110, 40, 34))
BODY, SILL, ROOF, LOAD = 120, 128, 214, 60  # heights, of 255
SKY = np.array([0.85, 0.97, 1.1], dtype=np.float32)
STEEP = 0.05  # slope of a step of one height unit over one fine pixel


@dataclass(frozen=True, slots=True)
class Sun:
    """Where shadows fall to, as a direction in the picture, and how long they are for a height of one."""

    turn: float
    length: float

    def shadow(self, height: float) -> Point:
        return math.cos(self.turn) * self.length * height, math.sin(self.turn) * self.length * height

    def seen_at(self, turn: float) -> tuple[float, float, float]:
        """Direction towards the sun for somebody who is turned so."""
        flat = 1 / math.hypot(1, 1 / self.length)
        return -math.cos(self.turn - turn) * flat, -math.sin(self.turn - turn) * flat, flat / self.length


@dataclass(frozen=True, slots=True)
class Car:
    """One car as it stands: its middle, and where its nose points (0: to the right, growing clockwise)."""

    model: str
    x: float
    y: float
    length: float
    width: float
    turn: float
    paint: Paint
    seed: int

    @property
    def frame(self) -> Frame:
        return Frame(MODELS[self.model], self.length, self.width)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of all that is drawn of it; not of its shadow."""
        frame = self.frame
        points = [point for part in (frame.outline(), *frame.appendages()) for point in part]
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        across = [self.x + x * cos - y * sin for x, y in points]
        down = [self.y + x * sin + y * cos for x, y in points]
        return min(across), min(down), max(across), max(down)


def paste_shadow(picture: Image.Image, car: Car, sun: Sun) -> None:
    """Darken the ground beside a car, and under its edges."""
    frame = car.frame
    size = _size_of(car)
    sheet = _Sheet(size, frame)
    silhouette = sheet.mask([frame.outline(), *frame.appendages()])
    reach = sun.shadow(frame.model.height)
    room = math.ceil(max(abs(reach[0]), abs(reach[1]))) + 6
    flat, (left, top) = _turned(silhouette, car, room)
    dark = np.zeros((flat.height, flat.width), dtype=np.uint8)
    solid = np.asarray(flat)
    for step in range(5):
        moved = np.roll(solid, (round(reach[1] * step / 4), round(reach[0] * step / 4)), (0, 1))
        dark = np.maximum(dark, moved)
    soft = (
        Image.fromarray(dark).filter(ImageFilter.GaussianBlur(1.6)).point([value * 62 // 100 for value in range(256)])
    )
    picture.paste((14, 16, 24), (left, top), soft)


def paste_car(picture: Image.Image, car: Car, sun: Sun) -> None:
    """Draw a car where it stands."""
    sprite = _lit(_Parts(car), sun.seen_at(car.turn))
    turned, corner = _turned(sprite, car)
    picture.paste(turned, corner, turned)


def _turned(sprite: Image.Image, car: Car, room: int = 1) -> tuple[Image.Image, tuple[int, int]]:
    """A drawing about the car's middle as the picture shows it, and where its corner lies there."""
    left, top, right, bottom = car.bounds()
    corner = math.floor(left) - room, math.floor(top) - room
    width, height = math.ceil(right) + room - corner[0], math.ceil(bottom) + room - corner[1]
    cos, sin = math.cos(car.turn), math.sin(car.turn)
    x, y = (car.x - corner[0]) * FINE, (car.y - corner[1]) * FINE
    middle = sprite.width / 2, sprite.height / 2
    back = (cos, sin, middle[0] - cos * x - sin * y, -sin, cos, middle[1] + sin * x - cos * y)
    fine = sprite.transform(
        (width * FINE, height * FINE), Image.Transform.AFFINE, back, resample=Image.Resampling.BILINEAR
    )
    return fine.reduce(FINE), corner


def _size_of(car: Car) -> tuple[int, int]:
    return math.ceil(car.length / 2 + MARGIN) * 2, math.ceil(car.width / 2 + MARGIN) * 2


def _lit(parts: "_Parts", sun: tuple[float, float, float]) -> Image.Image:
    """Colours under the sun: light by slope, a gleam where it is mirrored, sky in the glass."""
    sharp, round_ = (parts.heights.filter(ImageFilter.GaussianBlur(blur * FINE)) for blur in (1.4, 7))
    height = np.asarray(sharp, dtype=np.float32) + 1.1 * np.asarray(round_, dtype=np.float32)
    down, across = np.gradient(height)
    across, down = -across * STEEP, -down * STEEP
    norm = 1 / np.sqrt(across**2 + down**2 + 1)
    light = (across * sun[0] + down * sun[1] + sun[2]) * norm / sun[2]
    half = math.sqrt(sun[0] ** 2 + sun[1] ** 2 + (sun[2] + 1) ** 2)
    gleam = ((across * sun[0] + down * sun[1] + sun[2] + 1) * norm / half).clip(0, 1) ** 60
    gloss = np.asarray(parts.gloss, dtype=np.float32) / 255
    colour = np.asarray(parts.colours, dtype=np.float32)
    mirrored = gloss * (gleam * 80 + (1 - norm) * 46)
    colour = colour * (0.46 + 0.54 * light.clip(0, 1.5))[..., None] + mirrored[..., None] * SKY
    sprite = Image.fromarray(colour.clip(0, 255).astype(np.uint8))
    sprite.putalpha(parts.silhouette)
    return sprite


class _Sheet:
    """Paper for one car, fine pixels, its middle in the middle."""

    def __init__(self, size: tuple[int, int], frame: Frame) -> None:
        self.frame = frame
        self.size = size[0] * FINE, size[1] * FINE

    def mask(self, shapes: list[list[Point]], value: int = 255) -> Image.Image:
        sheet = Image.new("L", self.size)
        for shape in shapes:
            ImageDraw.Draw(sheet).polygon(self.fine(shape), fill=value)
        return sheet

    def fine(self, points: list[Point]) -> list[Point]:
        return [(x * FINE + self.size[0] / 2, y * FINE + self.size[1] / 2) for x, y in points]


class _Parts(_Sheet):
    """Colours, heights and gloss of one car's parts."""

    def __init__(self, car: Car) -> None:
        super().__init__(_size_of(car), car.frame)
        self.chance = random.Random(car.seed)
        self.paint = car.paint
        body, appendages = self.frame.outline(), list(self.frame.appendages())
        self.silhouette = self.mask([body, *appendages])
        self.colours = Image.new("RGB", self.size, tuple(value // 2 for value in car.paint))
        self.heights = self.mask(appendages, BODY // 2)
        self.gloss = self.mask([])
        self._pens = [ImageDraw.Draw(sheet) for sheet in (self.colours, self.heights, self.gloss)]
        self.put(body, car.paint, height=BODY, gloss=200)
        self._ends()
        self._upper()
        self._extras()

    def put(self, shape: list[Point], colour: Paint, *, height: int | None = None, gloss: int = 0) -> None:
        """Lay a part over what is there; without a height it follows what is under it."""
        points = self.fine(shape)
        for pen, value in zip(self._pens, (colour, height, gloss), strict=True):
            if value is not None:
                pen.polygon(points, fill=value)

    def line(self, start: Point, end: Point, colour: Paint, width: float = 0.8) -> None:
        self._pens[0].line(self.fine([start, end]), fill=colour, width=max(1, round(width * FINE)))

    def _ends(self) -> None:
        """Lamps, bonnet, bumpers."""
        frame, model = self.frame, self.frame.model
        for side in (-1, 1):
            wide = model.blunt + 0.08
            lamp = [(0.012, wide - 0.2), (0.005, wide - 0.02), (0.055, wide + 0.16), (0.062, wide + 0.02)]
            self.put([frame.at(along, side * across) for along, across in lamp], LAMP, gloss=255)
            wide = model.square + 0.05
            lamp = [(0.998, wide - 0.26), (0.975, wide - 0.3), (0.955, wide + 0.1), (0.985, wide)]
            self.put([frame.at(along, side * across) for along, across in lamp], TAIL_LAMP, gloss=120)
            crease = frame.at(0.07, side * 0.42), frame.at(model.glass[0] - 0.02, side * 0.6)
            self.line(*crease, self.shade(0.84), 0.7)
        grille = frame.band(0.008, 0.022, 0.4, 0.42)
        self.put(grille, self.shade(0.35), gloss=60)

    def _upper(self) -> None:
        """Glass all around, then the roof and the pillars that carry it."""
        frame, model = self.frame, self.frame.model
        start, end, half = model.glass
        front, back, narrow = model.roof
        self.line(frame.at(start - 0.012, -0.7), frame.at(start - 0.012, 0.7), self.shade(0.55), 0.9)
        self.put(frame.band(start, end, half, half * 0.93, bulge=4), GLASS, height=SILL, gloss=255)
        self.put(frame.band(front, back, narrow, narrow * 0.97, bulge=1.5), self._roof_paint(), height=ROOF, gloss=200)
        for side in (-1, 1):
            for a, b in ((start, front), (end, back)):
                self.line(frame.at(a, side * half * 0.97), frame.at(b, side * narrow * 0.98), self.shade(0.8), 1.3)
            middle = (front + back) / 2
            for at in (front + 0.02, middle, back - 0.02) if back - front > 0.2 else (front,):
                self.line(frame.at(at, side * narrow), frame.at(at, side * half), self.shade(0.7), 1.2)
            for seam in (start + 0.04, middle + 0.01):
                self.line(frame.at(seam, side * half), frame.at(seam, side * 0.97), self.shade(0.62), 0.5)

    def _extras(self) -> None:
        frame, model = self.frame, self.frame.model
        front, back, half = model.roof
        if model.rails:
            for side in (-1, 1):
                ends = frame.at(front + 0.03, side * half * 0.9), frame.at(back - 0.02, side * half * 0.9)
                self.line(*ends, (64, 66, 70) if sum(self.paint) > 300 else (150, 152, 156), 1.3)
        for rib in model.ribs:
            self.put(
                frame.band(rib, rib + 0.018, half * 0.82, half * 0.82), self.shade(0.9), height=ROOF - 26, gloss=120
            )
        if model.spare_wheel:
            for wheel in list(frame.appendages())[2:]:
                self.put(wheel, RUBBER, height=BODY)
        if model.bed:
            self._bed(*model.bed)
        if model.cabin:
            self._cabin(*model.cabin)
        if model.name in ("hatchback", "saloon", "suv") and self.chance.random() < 0.22:
            self.put(frame.band(front + 0.05, front + 0.14, half * 0.66, half * 0.66), GLASS, gloss=255)
        if model.name == "estate" and self.chance.random() < 0.3:
            box = frame.band(front + 0.09, back - 0.08, half * 0.42, half * 0.5, bulge=3)
            self.put(box, (44, 46, 50), height=250, gloss=160)

    def _bed(self, start: float, end: float) -> None:
        frame = self.frame
        covered = self.chance.random() < 0.35
        self.put(frame.band(start, end, 0.78, 0.78), (44, 45, 48), height=SILL + 14 if covered else LOAD)
        for step in range(1, 7):
            along = start + (end - start) * step / 7
            self.line(frame.at(along, -0.72), frame.at(along, 0.72), (33, 34, 37) if covered else (62, 63, 66), 0.8)
        if not covered and self.chance.random() < 0.5:
            load = self.chance.choice([(150, 118, 78), (96, 112, 96), (168, 166, 160)])
            middle = start + (end - start) * self.chance.uniform(0.3, 0.6)
            self.put(frame.band(middle - 0.09, middle + 0.1, 0.5, 0.5), load, height=SILL)

    def _cabin(self, start: float, end: float) -> None:
        """An open cabin: two seats in front, a bench behind."""
        frame, leather = self.frame, self.chance.choice(LEATHER)
        shadow = leather[0] * 7 // 10, leather[1] * 7 // 10, leather[2] * 7 // 10
        self.put(frame.band(start, end, 0.74, 0.66), (30, 29, 30), height=LOAD + 20)
        for side in (-1, 1):
            seat = [(0.09, 0.1), (0.09, 0.58), (0.2, 0.58), (0.2, 0.1)]
            self.put([frame.at(start + a, side * b) for a, b in seat], leather, height=SILL)
            self.put([frame.at(start + a + 0.1, side * b) for a, b in seat[:2]]
                     + [frame.at(start + 0.225, side * b) for b in (0.58, 0.1)], shadow, height=SILL + 40)  # fmt: skip
        self.put(frame.band(start + 0.27, end - 0.02, 0.56, 0.5), leather, height=SILL)
        self.put(frame.band(end, end + 0.045, 0.66, 0.56), shadow, height=SILL + 20)

    def _roof_paint(self) -> Paint:
        """Some roofs are of glass, or black on a lively paint."""
        odd = self.frame.model.name in ("hatchback", "saloon", "suv") and self.chance.random() < 0.12
        return (34, 36, 40) if odd else self.shade(1.04)

    def shade(self, share: float) -> Paint:
        red, green, blue = (min(255, round(value * share)) for value in self.paint)
        return red, green, blue
