"""Weights on this machine: fetched from storage once, known by their digest, loaded into architectures of ours."""

import hashlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from django.core.files.storage import default_storage
from safetensors import SafetensorError

from apps.predictions.services.runs import Weights
from config import environment
from gpu_worker.runners.base import Runner
from gpu_worker.runners.nanodet import NanoDetRunner
from gpu_worker.runners.tiny_fcos import TinyFcosRunner
from gpu_worker.storage import answering


class BadWeights(Exception):
    """The weights are not what their version says, or no architecture of ours takes them."""


Loader = Callable[[Path, Weights, torch.device], Runner]
ARCHITECTURES: dict[str, Loader] = {
    "nanodet": lambda path, weights, device: NanoDetRunner(path, device),
    "tiny_fcos": lambda path, weights, device: TinyFcosRunner(path, device, weights.classes, weights.input_size),
}


class Artefacts:
    """Remembers what each model version is, so that residency can load it by a key.

    Versions of the same weights and classes share a key, whoever owns them: they are loaded once and batched together.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._known: dict[str, Weights] = {}
        self._keys: dict[str, str] = {}
        self._lock = threading.Lock()

    def know(self, weights: Weights) -> str:
        """Remember a version; gives the key by which it is loaded."""
        key = key_of(weights)
        with self._lock:
            self._known[key] = weights
            self._keys[str(weights.version_id)] = key
        return key

    def by_version(self, by_key: Mapping[str, str]) -> dict[str, str]:
        """What is said of keys, said of the versions that share them."""
        with self._lock:
            return {version: by_key[key] for version, key in self._keys.items() if key in by_key}

    def load(self, key: str) -> Runner:
        """Build the runner. Raises BadWeights, or OSError when storage does not answer."""
        weights = self._known[key]
        if weights.architecture not in ARCHITECTURES:
            raise BadWeights(f"No architecture here is called {weights.architecture}.")
        path = _local_copy(weights)
        try:
            return ARCHITECTURES[weights.architecture](path, weights, self._device)
        except (torch.OutOfMemoryError, torch.AcceleratorError):
            raise  # of the device's making: the weights may be good
        except (KeyError, RuntimeError, ValueError, SafetensorError) as misfit:
            raise BadWeights(f"The weights do not fit the architecture {weights.architecture}.") from misfit


def key_of(weights: Weights) -> str:
    """The same for all versions that load the same."""
    classes = hashlib.sha256("\n".join(weights.classes).encode()).hexdigest()
    return f"{weights.architecture}-{weights.sha256}-{weights.input_size}-{classes[:16]}"


def _local_copy(weights: Weights) -> Path:
    path = environment.weights() / f"{weights.sha256}.safetensors"
    if path.exists():
        return path
    with answering(), default_storage.open(weights.path) as stored:
        content = stored.read()
    if hashlib.sha256(content).hexdigest() != weights.sha256:
        raise BadWeights("The stored weights do not have the digest of their version.")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{threading.get_ident()}.partial")
    partial.write_bytes(content)
    partial.replace(path)
    return path
