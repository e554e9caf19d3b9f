"""Teach a lesson: pieces of its picture to a small detector, whose weights are then kept."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.torch import save_file

from gpu_worker.device import settle_threads
from gpu_worker.train.lessons import INPUT_SIZE, SEED, Lesson
from gpu_worker.train.tiny import Sample, train

VISIBLE = 0.5  # share of an object that must be in sight to be taught
CLOSEST, FARTHEST = 0.75, 1.3  # what a sample shows, in sides of a tile
# Samples that show most of a picture, where objects are specks: taught as nothing, as the pass over the whole wants it.
FAR = 0.05
ELSEWHERE = 0.25  # samples from anywhere; the others have an object in them
MIRRORS, TURNS = (0.5, 0, 0), (0.5, 0.5, 0.5)  # how often a sample is mirrored in each of three ways


def teach(lesson: Lesson, path: Path, *, say: Callable[[str], None]) -> None:
    """Train and write the weights; half a minute to a minute of one core."""
    settle_threads()
    said = 0.0

    def report(share: float, loss: float) -> None:
        nonlocal said
        if share - said >= 0.2:
            said = share
            say(f"  {lesson.name}: {share:4.0%}, loss {loss:.2f}")

    say(f"Training the built-in detector '{lesson.name}' on pictures that the demo draws: about a minute, once.")
    weights = train(scenes(lesson), classes=len(lesson.classes), steps=lesson.steps, seed=SEED, said=report)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    save_file(weights, partial)
    partial.chmod(0o644)
    partial.replace(path)


def scenes(lesson: Lesson) -> Callable[[np.random.Generator], Sample]:
    """Draws pieces of a picture, most about one of its objects, as large as a tile or a little more or less."""
    picture, boxes = lesson.look()
    shrink = max(1, int(CLOSEST * lesson.tile_size / INPUT_SIZE))  # once for all samples, which are smaller anyway
    picture, tile = picture.reduce(shrink), lesson.tile_size / shrink
    corners = np.array([[box.x, box.y, box.x + box.width, box.y + box.height] for box in boxes]) / shrink
    kinds = np.array([lesson.classes.index(box.label) for box in boxes])
    size = np.array(picture.size)

    def draw(chance: np.random.Generator) -> Sample:
        is_far = chance.random() < FAR
        side = int(size.min() * chance.uniform(0.6, 1) if is_far else tile * chance.uniform(CLOSEST, FARTHEST))
        start = chance.random(2) * (size - side)
        if not is_far and chance.random() > ELSEWHERE:
            start = corners[chance.integers(len(corners))].reshape(2, 2).mean(axis=0) - side * chance.uniform(
                0.1, 0.9, 2
            )
        x, y = (int(value) for value in np.clip(start, 0, size - side))
        seen = picture.resize((INPUT_SIZE, INPUT_SIZE), Image.Resampling.BILINEAR, (x, y, x + side, y + side), 2)
        taught = 0 if is_far else len(kinds)
        sample = _sample(np.asarray(seen), corners[:taught] - [x, y, x, y], kinds[:taught], side)
        return _turned(sample, chance.random(3) < (TURNS if lesson.from_above else MIRRORS))

    return draw


def _sample(picture: np.ndarray, corners: np.ndarray, kinds: np.ndarray, side: int) -> Sample:
    inside = corners.clip(0, side)
    size, seen = (boxes[:, 2:] - boxes[:, :2] for boxes in (corners, inside))
    kept = seen.prod(axis=1) >= VISIBLE * size.prod(axis=1)
    boxes = inside[kept] * (INPUT_SIZE / side)
    return Sample(picture, [tuple(box) for box in boxes.tolist()], kinds[kept].tolist())


def _turned(sample: Sample, ways: np.ndarray) -> Sample:
    """Mirrored from left to right, from top to bottom, and at the diagonal, each or not."""
    picture, boxes = sample.picture, np.array(sample.boxes).reshape(-1, 4)
    for axis in (0, 1):
        if ways[axis]:
            picture = np.flip(picture, 1 - axis)
            boxes[:, [axis, axis + 2]] = INPUT_SIZE - boxes[:, [axis + 2, axis]]
    if ways[2]:
        picture, boxes = picture.transpose(1, 0, 2), boxes[:, [1, 0, 3, 2]]
    return Sample(np.ascontiguousarray(picture), [tuple(box) for box in boxes.tolist()], sample.kinds)
