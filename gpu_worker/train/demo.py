"""The small detector, trained on the demo's own pictures: for where the public weights cannot or shall not be had."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.torch import save_file

from config.demo import mosaic
from gpu_worker.device import settle_threads
from gpu_worker.train.tiny import Sample, train

CLASSES = ("cat", "cup", "horse", "person")
INPUT_SIZE = 256
TILE_SIZE = 512  # what a tile shows: objects come out at half their size
SECONDS = 60.0
SEED = 1  # never the seed of the picture that the demo shows
VISIBLE = 0.5  # share of an object that must be in sight to be taught


def train_demo_detector(path: Path, *, say: Callable[[str], None], seconds: float = SECONDS) -> None:
    """Train for that long and write the weights."""
    settle_threads()
    said = 0.0

    def report(share: float, loss: float) -> None:
        nonlocal said
        if share - said >= 0.1:
            said = share
            say(f"  {share:4.0%} of {seconds:.0f} s, loss {loss:.2f}")

    say(f"Training the small built-in detector on the demo's pictures: {seconds:.0f} seconds, once.")
    weights = train(scenes(), classes=len(CLASSES), seconds=seconds, seed=SEED, said=report)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(weights, partial)
    partial.chmod(0o644)
    partial.replace(path)


def scenes(seed: int = SEED) -> Callable[[np.random.Generator], Sample]:
    """Draws pieces of a mosaic, each about one of its prints, as large as a tile or a little more or less."""
    picture, boxes = mosaic.draw(seed), mosaic.truth(seed)
    corners = np.array([[box.x, box.y, box.x + box.width, box.y + box.height] for box in boxes])
    kinds = np.array([CLASSES.index(box.label) for box in boxes])

    def draw(chance: np.random.Generator) -> Sample:
        side = int(TILE_SIZE * chance.uniform(0.75, 1.3))
        middle = corners[chance.integers(len(corners))].reshape(2, 2).mean(axis=0)
        start = (middle - side * chance.uniform(0.2, 0.8, 2)).round()
        x, y = (int(value) for value in np.clip(start, 0, np.array(picture.size) - side))
        seen = picture.crop((x, y, x + side, y + side)).resize((INPUT_SIZE, INPUT_SIZE), Image.Resampling.BILINEAR)
        return _sample(np.asarray(seen), corners - [x, y, x, y], kinds, side, flipped=chance.random() < 0.5)

    return draw


def _sample(picture: np.ndarray, corners: np.ndarray, kinds: np.ndarray, side: int, *, flipped: bool) -> Sample:
    inside = corners.clip(0, side)
    size, seen = (boxes[:, 2:] - boxes[:, :2] for boxes in (corners, inside))
    kept = seen.prod(axis=1) >= VISIBLE * size.prod(axis=1)
    boxes = inside[kept] * (INPUT_SIZE / side)
    if flipped:
        picture = np.ascontiguousarray(picture[:, ::-1])
        boxes = np.stack([INPUT_SIZE - boxes[:, 2], boxes[:, 1], INPUT_SIZE - boxes[:, 0], boxes[:, 3]], axis=1)
    return Sample(picture, [tuple(box) for box in boxes.tolist()], kinds[kept].tolist())
