"""`python -m gpu_worker.detector`: have two detectors ready for the demo, one for photographs and one for car parks.

For photographs it is the public one or else our own small one; for car parks it is always one of our own, trained here.
What was chosen is written beside the weights, in `detector.json`, for the demo's seed to read.
"""

import json
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from config import environment
from gpu_worker.runners.coco import COCO_CLASSES
from gpu_worker.train import lessons
from gpu_worker.weights import Say, WeightsUnavailable, nanodet_weights

CHOICE = "detector.json"


@dataclass(frozen=True, slots=True)
class Detector:
    """What the demo registers as a model version."""

    name: str
    architecture: str
    file: str
    classes: tuple[str, ...]
    input_size: int
    tile_size: int
    licence: str


def provide_detectors(say: Say) -> dict[str, Detector]:
    """Both, by what they are for. The public one is fetched, unless DETECTOR=small, while the other is trained.

    Where it cannot be had, it says so and trains a small one in its place.
    """
    with ThreadPoolExecutor(1) as beside:
        public = None if os.environ.get("DETECTOR") == "small" else beside.submit(nanodet_weights, say)
        car_parks = _trained("car_parks", say)
        detectors = {"photographs": _public_or_small(public, say), "car_parks": car_parks}
    chosen = {purpose: asdict(detector) for purpose, detector in detectors.items()}
    (environment.weights() / CHOICE).write_text(json.dumps(chosen))
    return detectors


def _public_or_small(public: Future[Path] | None, say: Say) -> Detector:
    if public is None:
        return _trained("photographs", say)
    try:
        path = public.result()
    except WeightsUnavailable as unavailable:
        say(str(unavailable))
        say("The demo goes on with its small built-in detector. Start it again to try the download again.")
        return _trained("photographs", say)
    # Tiles a little larger than the input find small objects as well as smaller ones do, and faster (bench/recall.py).
    return Detector("NanoDet", "nanodet", path.name, COCO_CLASSES, 416, 512, "Apache-2.0")


def _trained(purpose: str, say: Say) -> Detector:
    """Our own for that purpose; trained now, unless its weights are there."""
    lesson = {"photographs": lessons.PHOTOGRAPHS, "car_parks": lessons.CAR_PARKS}[purpose]
    path = environment.weights() / lesson.file
    if not path.exists():
        from gpu_worker.train import teaching  # noqa: PLC0415 - torch takes a second to load, and is needed only here

        teaching.teach(lesson, path, say=say)
    return Detector(
        lesson.name, "tiny_fcos", lesson.file, lesson.classes, lessons.INPUT_SIZE, lesson.tile_size, "part of Tessera"
    )


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        provide_detectors(_print)
    except OSError as refusal:
        sys.exit(f"Model weights cannot be kept in {environment.weights()}: {refusal.strerror or refusal}.")
