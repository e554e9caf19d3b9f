"""Surfaces made of noise, the same for the same seed: asphalt, grass, and the canopy of a tree."""

import math

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from .cars import Sun
from .models import Paint

SIDE = 1024
CANOPY_FINE = 2


def surface(seed: int, colour: Paint, grains: tuple[tuple[int, float], ...], tint: float = 0.0) -> Image.Image:
    """A square of twice SIDE in which noise of several grains (pixels, strength) lies on a colour; no seam shows."""
    chance = np.random.default_rng(seed)
    noise = sum(strength * _grain(chance, size) for size, strength in grains)
    shift = tint * _grain(chance, 16)
    bands = [
        np.asarray(value + noise + shift * part).clip(0, 255)
        for value, part in zip(colour, (1, 0.3, -0.6), strict=True)
    ]
    one = Image.fromarray(np.stack(bands, axis=2).astype(np.uint8))
    whole = Image.new("RGB", (2 * SIDE, 2 * SIDE))
    for across, column in ((one, 0), (ImageOps.mirror(one), SIDE)):
        whole.paste(across, (column, 0))
        whole.paste(ImageOps.flip(across), (column, SIDE))
    return whole


def asphalt(seed: int, tone: int) -> Image.Image:
    return surface(seed, (tone, tone + 1, tone + 4), ((1, 7.0), (2, 4.0), (8, 2.0)))


def grass(seed: int, colour: Paint) -> Image.Image:
    return surface(seed, colour, ((1, 7.0), (3, 8.0), (12, 5.0)), tint=5.0)


def clouds(seed: int, size: tuple[int, int], low: int, high: int, grain: int = 260) -> Image.Image:
    """Soft light and dark over a whole picture, as values between low and high."""
    chance = np.random.default_rng(seed)
    width, height = size[0] // grain + 3, size[1] // grain + 3
    values = (chance.random((height, width)) * (high - low) + low).astype(np.uint8)
    return Image.fromarray(values).resize(size, Image.Resampling.BICUBIC)


def canopy(seed: int, radius: int, colour: Paint, sun: Sun) -> Image.Image:
    """A tree from above, lit from where the sun is."""
    chance = np.random.default_rng(seed)
    side = 2 * (radius + 4) * CANOPY_FINE
    down, across = np.mgrid[:side, :side].astype(np.float32) - side / 2
    height = np.zeros((side, side), dtype=np.float32)
    for _ in range(46):
        blob = radius * CANOPY_FINE * chance.uniform(0.16, 0.34)
        off, angle = (radius * CANOPY_FINE - blob) * math.sqrt(chance.random()), chance.uniform(0, 2 * math.pi)
        square = blob**2 - (across - off * math.cos(angle)) ** 2 - (down - off * math.sin(angle)) ** 2
        rise = radius * CANOPY_FINE - off * 0.75
        height = np.maximum(height, np.where(square > 0, np.sqrt(square.clip(0)) * 1.5 + rise, 0))
    leaves = _grain(chance, 2, side) * 3.2 + _grain(chance, 5, side) * 3.5
    slope_y, slope_x = np.gradient(height + leaves)
    x, y, z = sun.seen_at(0)
    light = (-slope_x * x - slope_y * y + z) / np.sqrt(slope_x**2 + slope_y**2 + 1)
    shade = 0.50 + 0.62 * light.clip(0, 1) + 0.22 * height / height.max()
    picture = np.array(colour, dtype=np.float32) * shade[..., None] + (light.clip(0.5, 1) - 0.5)[..., None] * [
        34,
        30,
        0,
    ]
    sprite = Image.fromarray(picture.clip(0, 255).astype(np.uint8))
    solid = Image.fromarray(((np.where(height > 0, height + leaves, 0) > 6) * 255).astype(np.uint8))
    sprite.putalpha(solid.filter(ImageFilter.GaussianBlur(1)))
    return sprite.reduce(CANOPY_FINE)


def _grain(chance: np.random.Generator, size: int, side: int = SIDE) -> np.ndarray:
    """Noise about zero, of about one, each grain so many pixels wide."""
    small = chance.standard_normal((side // size + 2, side // size + 2), dtype=np.float32)
    if size == 1:
        return small[:side, :side]
    large = Image.fromarray(small).resize((side + 2 * size, side + 2 * size), Image.Resampling.BICUBIC)
    return np.asarray(large)[:side, :side]
