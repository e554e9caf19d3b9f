"""Registers the detectors that `python -m gpu_worker.detector` has provided, and lets them serve projects."""

import json
from collections.abc import Iterable
from typing import Any, Literal

from apps.predictions import services
from apps.predictions.models import Deployment, ModelVersion
from apps.projects.models import Project
from config import environment

Purpose = Literal["photographs", "car_parks"]


class NoDetector(Exception):
    """Nothing was provided; the message says what to run."""


def install_detector(project: Project, labels: Iterable[str], which: Purpose = "photographs") -> Deployment:
    """Serve the project with a provided detector; its classes that the project has labels for are used.

    Safe to run again: what people made of it since stays. Acts in the project owner's context. Raises NoDetector.
    """
    chosen = _provided(which)
    version = register_detector(which)
    installed: Deployment | None = Deployment.objects.filter(project=project, model_version=version).first()
    if installed:
        return installed
    known = set(labels)
    classes = {name: name for name in chosen["classes"] if name in known}
    return services.deploy(project=project, version=version, classes=classes, tile_size=chosen["tile_size"])


def register_detector(which: Purpose = "photographs") -> ModelVersion:
    """A provided detector as a model version of the acting organization. Safe to run again. Raises NoDetector."""
    chosen = _provided(which)
    return services.register_version(
        name=chosen["name"],
        architecture=chosen["architecture"],
        weights=(environment.weights() / chosen["file"]).read_bytes(),
        classes=chosen["classes"],
        input_size=chosen["input_size"],
        licence=chosen["licence"],
    )


def _provided(which: Purpose) -> dict[str, Any]:
    folder = environment.weights()
    try:
        chosen: dict[str, Any] = json.loads((folder / "detector.json").read_text())[which]
    except (FileNotFoundError, KeyError) as missing:  # KeyError: an older Tessera provided only one
        raise NoDetector("There is no detector yet. Run: python -m gpu_worker.detector") from missing
    if not (folder / chosen["file"]).is_file():
        raise NoDetector("There is no detector yet. Run: python -m gpu_worker.detector")
    return chosen
