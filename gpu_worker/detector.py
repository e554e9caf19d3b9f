"""`python -m gpu_worker.detector`: have a detector ready for the demo, the public one or else our own small one.

What was chosen is written beside the weights, in `detector.json`, for the demo's seed to read.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from config import environment
from gpu_worker.runners.coco import COCO_CLASSES
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


def provide_detector(say: Say) -> Detector:
    """The public detector unless DETECTOR=small, or the small one, saying so, when it cannot be had."""
    detector = _small(say) if os.environ.get("DETECTOR") == "small" else _public_or_small(say)
    folder = environment.weights()
    (folder / CHOICE).write_text(json.dumps(asdict(detector)))
    return detector


def _public_or_small(say: Say) -> Detector:
    try:
        path = nanodet_weights(say)
    except WeightsUnavailable as unavailable:
        say(str(unavailable))
        say("The demo goes on with its small built-in detector. Start it again to try the download again.")
        return _small(say)
    # Tiles a little larger than the input find small objects as well as smaller ones do, and faster (bench/recall.py).
    return Detector("NanoDet", "nanodet", path.name, COCO_CLASSES, 416, 512, "Apache-2.0")


def _small(say: Say) -> Detector:
    from gpu_worker.train import demo  # noqa: PLC0415 - torch takes a second to load, and is needed only here

    path: Path = environment.weights() / "tiny-fcos-demo.safetensors"
    if not path.exists():
        demo.train_demo_detector(path, say=say)
    return Detector(
        "Small detector", "tiny_fcos", path.name, demo.CLASSES, demo.INPUT_SIZE, demo.TILE_SIZE, "part of Tessera"
    )


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        provide_detector(_print)
    except OSError as refusal:
        sys.exit(f"Model weights cannot be kept in {environment.weights()}: {refusal.strerror or refusal}.")
