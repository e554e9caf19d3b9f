"""Registers the detector that `python -m gpu_worker.detector` has provided, and lets it serve a project."""

import json
from collections.abc import Iterable
from typing import Any

from apps.predictions import services
from apps.predictions.models import Deployment, ModelVersion
from apps.projects.models import Project
from config import environment


class NoDetector(Exception):
    """Nothing was provided; the message says what to run."""


def install_detector(project: Project, labels: Iterable[str]) -> Deployment:
    """Serve the project with the provided detector; its classes that the project has labels for are used.

    Safe to run again: what people made of it since stays. Acts in the project owner's context. Raises NoDetector.
    """
    chosen = _provided()
    version = register_detector()
    installed: Deployment | None = Deployment.objects.filter(project=project, model_version=version).first()
    if installed:
        return installed
    known = set(labels)
    classes = {name: name for name in chosen["classes"] if name in known}
    return services.deploy(project=project, version=version, classes=classes, tile_size=chosen["tile_size"])


def register_detector() -> ModelVersion:
    """The provided detector as a model version of the acting organization. Safe to run again. Raises NoDetector."""
    chosen = _provided()
    return services.register_version(
        name=chosen["name"],
        architecture=chosen["architecture"],
        weights=(environment.weights() / chosen["file"]).read_bytes(),
        classes=chosen["classes"],
        input_size=chosen["input_size"],
        licence=chosen["licence"],
    )


def _provided() -> dict[str, Any]:
    folder = environment.weights()
    try:
        chosen: dict[str, Any] = json.loads((folder / "detector.json").read_text())
    except FileNotFoundError as missing:
        raise NoDetector("There is no detector yet. Run: python -m gpu_worker.detector") from missing
    if not (folder / chosen["file"]).is_file():
        raise NoDetector("There is no detector yet. Run: python -m gpu_worker.detector")
    return chosen
