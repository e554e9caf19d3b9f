"""Train TinyFcos on samples that are drawn as they are needed."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from gpu_worker.runners.base import Picture
from gpu_worker.runners.tiny_fcos import TinyFcos, as_input, cell_centres
from gpu_worker.train.losses import loss_of

BATCH = 4  # more would leave a core's cache: twice the pictures take nearly three times as long (measured)
RATE = 4e-3
SMOOTHING = 0.98  # of the weights that are kept, which move behind those that are trained
WARM_SHARE = 0.05  # of the steps, for the learning rate to rise


@dataclass(frozen=True, slots=True)
class Sample:
    """A square picture and its objects: boxes as left, top, right, bottom, and the index of each one's class."""

    picture: Picture
    boxes: list[tuple[float, float, float, float]]
    kinds: list[int]


def train(
    draw: Callable[[np.random.Generator], Sample],
    *,
    classes: int,
    steps: int,
    seed: int = 0,
    said: Callable[[float, float], None] = lambda share, loss: None,
) -> dict[str, torch.Tensor]:
    """Weights after so many steps; `said` gets the share that is done and the loss.

    By steps, not by seconds: the same seed gives as good a model on a slow or busy machine as on a fast one.
    """
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    model = TinyFcos(classes).train()
    averaged = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=1e-3)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * _pace(step / steps)
        loss = _step(model, optimizer, [draw(chance) for _ in range(BATCH)], classes)
        for name, value in model.state_dict().items():
            averaged[name].lerp_(value, 1 - SMOOTHING)
        said((step + 1) / steps, loss)
    return averaged


def _pace(share: float) -> float:
    """Up quickly, then down along a cosine."""
    if share < WARM_SHARE:
        return share / WARM_SHARE
    return 0.5 * (1 + math.cos(math.pi * (share - WARM_SHARE) / (1 - WARM_SHARE)))


def _step(model: TinyFcos, optimizer: torch.optim.Optimizer, samples: list[Sample], classes: int) -> float:
    inputs = torch.stack([as_input(sample.picture) for sample in samples])
    centres = cell_centres(inputs.shape[-1])
    objects = [
        (torch.tensor(sample.boxes).reshape(-1, 4), torch.tensor(sample.kinds, dtype=torch.long)) for sample in samples
    ]
    loss = loss_of(model(inputs), centres, objects, classes)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
    optimizer.step()
    return float(loss.detach())
