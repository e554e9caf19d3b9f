"""Recall of small objects on the demo's large pictures, with and without tiles: `python -m bench recall`."""

import time
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
import torch

from apps.predictions.merge import Found, Merger
from apps.predictions.tiling import Tile, plan_tiles
from config import environment
from config.demo import car_parks, mosaic
from config.demo.pictures import Box
from gpu_worker.detector import Detector, provide_detectors
from gpu_worker.device import settle_threads
from gpu_worker.runners.base import Runner
from gpu_worker.runners.nanodet import NanoDetRunner
from gpu_worker.runners.tiny_fcos import TinyFcosRunner

SCORES = (0.05, 0.10, 0.25, 0.40, 0.50, 0.60)
LABELS = ("cat", "cup", "horse", "person")
CAR_PARK_SEEDS = (7, 11)  # none that the detector learnt from
OVERLAP = 0.5  # of the union, for a hit


def detect(runner: Runner, picture: np.ndarray, tiles: list[Tile], labels: Collection[str]) -> list[Found]:
    """The merged detections of these tiles."""
    height, width = picture.shape[:2]
    merger = Merger(tiles, width=width, height=height)
    for tile in tiles:
        row = runner.forward(runner.preprocess(picture[tile.y : tile.bottom, tile.x : tile.right])[None])[0]
        detections = runner.postprocess(row, width=tile.width, height=tile.height, floor=SCORES[0], wanted=labels)
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


def recall(found: list[Found], truth: Sequence[Box], score: float) -> tuple[float, float]:
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


def missed(found: list[Found], truth: Sequence[car_parks.CarBox], score: float) -> Counter[str]:
    """How many true cars of each model no detection overlaps well enough."""
    confident = [one for one in found if one.score >= score]
    return Counter(box.model for box in truth if all(_overlap(one, box) < OVERLAP for one in confident))


def _overlap(one: Found, box: Box) -> float:
    across = min(one.x + one.width, box.x + box.width) - max(one.x, box.x)
    down = min(one.y + one.height, box.y + box.height) - max(one.y, box.y)
    shared = max(across, 0) * max(down, 0)
    return shared / (one.area + box.width * box.height - shared)


def main() -> None:
    settle_threads()
    detectors = provide_detectors(print)
    picture, truth = np.asarray(mosaic.draw()), mosaic.truth()
    print(
        f"Mosaic: {len(truth)} objects of {mosaic.SMALLEST} to {mosaic.LARGEST} pixels; {detectors['photographs'].name}"
    )
    _table(_runner(detectors["photographs"]), picture, truth, LABELS, sizes=(416, 512, 640, 832))
    for seed in CAR_PARK_SEEDS:
        picture, cars = np.asarray(car_parks.draw(seed)), car_parks.truth(seed)
        print(f"\nCar park {seed}: {len(cars)} cars; {detectors['car_parks'].name}")
        found = _table(_runner(detectors["car_parks"]), picture, cars, (car_parks.LABEL,), sizes=(512, 768, 1024))
        of = Counter(box.model for box in cars)
        for score in (0.25, 0.50):
            without = missed(found[detectors["car_parks"].tile_size], cars, score)
            shares = ", ".join(f"{model} {without[model]} of {of[model]}" for model in car_parks.MODEL_NAMES)
            print(f"missed at {score:.2f} with tiles of {detectors['car_parks'].tile_size}: {shares}")


def _runner(detector: Detector) -> Runner:
    path = environment.weights() / detector.file
    if detector.architecture == "nanodet":
        return NanoDetRunner(path, torch.device("cpu"))
    return TinyFcosRunner(path, torch.device("cpu"), detector.classes, detector.input_size)


def _table(
    runner: Runner, picture: np.ndarray, truth: Sequence[Box], labels: Collection[str], *, sizes: Sequence[int]
) -> dict[int, list[Found]]:
    """Print a row for the whole picture and one for each size of tile; gives what was found, by size."""
    height, width = picture.shape[:2]
    print(f"{'':14}{'tiles':>6}{'seconds':>9}   recall (precision) of detections with a score of at least")
    print(" " * 29 + "".join(f"{score:>14.2f}" for score in SCORES))
    all_found = {}
    for size in (0, *sizes):
        tiles = plan_tiles(width, height, size=size) if size else [Tile(0, 0, width, height)]
        started = time.perf_counter()
        all_found[size] = found = detect(runner, picture, tiles, labels)
        seconds = time.perf_counter() - started
        figures = [recall(found, truth, score) for score in SCORES]
        row = "".join(f"   {share:.2f} ({right:.2f})" for share, right in figures)
        print(f"{f'tiles of {size}' if size else 'whole picture':14}{len(tiles):6}{seconds:9.2f}{row}")
    return all_found
