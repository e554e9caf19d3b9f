"""Recall of small objects on the demo's mosaic, with and without tiles: `python -m bench recall`."""

import time

import numpy as np
import torch

from apps.predictions.merge import Found, Merger
from apps.predictions.tiling import Tile, plan_tiles
from config.demo import mosaic
from config.demo.pictures import Box
from gpu_worker.device import settle_threads
from gpu_worker.runners.base import Runner
from gpu_worker.runners.nanodet import NanoDetRunner
from gpu_worker.weights import nanodet_weights

FLOOR = 0.05
SCORES = (0.05, 0.10, 0.25, 0.40)
LABELS = ("cat", "cup", "horse", "person")
OVERLAP = 0.5  # of the union, for a hit


def detect(runner: Runner, picture: np.ndarray, tiles: list[Tile]) -> list[Found]:
    """The merged detections of these tiles."""
    height, width = picture.shape[:2]
    merger = Merger(tiles, width=width, height=height)
    for tile in tiles:
        row = runner.forward(runner.preprocess(picture[tile.y : tile.bottom, tile.x : tile.right])[None])[0]
        detections = runner.postprocess(row, width=tile.width, height=tile.height, floor=FLOOR, wanted=LABELS)
        merger.add(
            tile.index,
            [
                Found(
                    f"{tile.index}-{rank}", one.label, one.score, tile.x + one.x, tile.y + one.y, one.width, one.height
                )
                for rank, one in enumerate(detections)
            ],
        )
    return merger.merged()


def recall(found: list[Found], truth: list[Box], score: float) -> tuple[float, float]:
    """Share of true boxes that a detection of their label hits, and share of detections that hit one."""
    confident = [one for one in found if one.score >= score]
    missing = set(range(len(truth)))
    for one in confident:
        hits = [
            index for index in missing if truth[index].label == one.label and _overlap(one, truth[index]) >= OVERLAP
        ]
        missing -= set(hits[:1])
    hit = len(truth) - len(missing)
    return hit / len(truth), hit / max(len(confident), 1)


def _overlap(one: Found, box: Box) -> float:
    across = min(one.x + one.width, box.x + box.width) - max(one.x, box.x)
    down = min(one.y + one.height, box.y + box.height) - max(one.y, box.y)
    shared = max(across, 0) * max(down, 0)
    return shared / (one.area + box.width * box.height - shared)


def main() -> None:
    settle_threads()
    runner = NanoDetRunner(nanodet_weights(print), torch.device("cpu"))
    picture, truth = np.asarray(mosaic.draw()), mosaic.truth()
    height, width = picture.shape[:2]
    print(f"{width} x {height} pixels, {len(truth)} objects of {mosaic.SMALLEST} to {mosaic.LARGEST} pixels")
    print(f"{'':14}{'tiles':>6}{'seconds':>9}   recall (precision) of detections with a score of at least")
    print(" " * 29 + "".join(f"{score:>14.2f}" for score in SCORES))
    for name, tiles in [("whole picture", [Tile(0, 0, width, height)])] + [
        (f"tiles of {size}", plan_tiles(width, height, size=size)) for size in (416, 512, 640, 832)
    ]:
        started = time.perf_counter()
        found = detect(runner, picture, tiles)
        seconds = time.perf_counter() - started
        figures = [recall(found, truth, score) for score in SCORES]
        row = "".join(f"   {found:.2f} ({right:.2f})" for found, right in figures)
        print(f"{name:14}{len(tiles):6}{seconds:9.2f}{row}")
