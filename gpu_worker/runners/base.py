"""What the worker asks of a model, whatever family it belongs to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

Picture = np.ndarray  # height x width x 3, uint8, RGB


@dataclass(frozen=True, slots=True)
class Detection:
    """One object in pixels of the picture that was given to `preprocess`."""

    label: str
    score: float
    x: float
    y: float
    width: float
    height: float


def columns_of(classes: Sequence[str], wanted: Collection[str] | None) -> list[int]:
    """Where the wanted classes stand among a model's; what is not wanted must not use up its limit of boxes."""
    return [column for column, name in enumerate(classes) if wanted is None or name in wanted]


class Runner(Protocol):
    """A loaded model. Only `forward` may be called on the device thread, and only there."""

    classes: tuple[str, ...]
    input_size: int

    def preprocess(self, picture: Picture) -> torch.Tensor:
        """Make the model's input (channels, size, size) from a picture of any size; runs on the caller's thread."""
        ...

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        """Run a batch on the device and return one row per input, on the CPU."""
        ...

    def postprocess(
        self, row: torch.Tensor, *, width: int, height: int, floor: float, wanted: Collection[str] | None = None
    ) -> list[Detection]:
        """Turn one output row into detections of the wanted classes with a score of at least `floor`, best first."""
        ...

    def memory(self) -> int:
        """Bytes that the loaded weights occupy."""
        ...
