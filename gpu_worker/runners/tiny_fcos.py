"""A small anchor-free detector of our own: no weights to download, trained in seconds where the data is."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from gpu_worker.runners.base import Detection, Picture, columns_of
from gpu_worker.runners.boxes import suppress

STRIDE = 4
WIDTH = 8  # channels of the first layer; with 16 a minute of training finds less (measured)
LIMIT = 100
CANDIDATES = 300


class Block(nn.Module):
    """A 3x3 convolution with group norm, which small batches do not disturb."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm = nn.GroupNorm(8, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.norm(self.conv(x)), inplace=True)


class TinyFcos(nn.Module):
    """(batch, 3, side, side) to (batch, cells, classes + 5): class logits, centre-ness, four distances in pixels."""

    def __init__(self, classes: int, width: int = WIDTH) -> None:
        super().__init__()
        channels = 4 * width
        self.stem = nn.Sequential(Block(3, width, 2), Block(width, 2 * width, 2), Block(2 * width, 2 * width))
        self.middle = nn.Sequential(Block(2 * width, channels, 2), Block(channels, channels))
        self.coarse = nn.Sequential(Block(channels, channels, 2), Block(channels, channels))
        self.fine_to_neck = nn.Conv2d(2 * width, channels, 1)
        self.middle_to_neck = nn.Conv2d(channels, channels, 1)
        self.head = Block(channels, channels)
        self.kind = nn.Conv2d(channels, classes, 3, padding=1)
        self.place = nn.Conv2d(channels, 5, 3, padding=1)
        # Almost no cell is an object: starting there spares the first hundred steps.
        self.kind.bias = nn.Parameter(torch.full((classes,), -4.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        fine = self.stem(x)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = self.middle_to_neck(middle) + functional.interpolate(coarse, scale_factor=2.0)
        fine = self.fine_to_neck(fine) + functional.interpolate(middle, scale_factor=2.0)
        seen = self.head(fine)
        place = self.place(seen)
        distances = functional.softplus(place[:, 1:]) * 4 * STRIDE
        return torch.cat([self.kind(seen), place[:, :1], distances], dim=1).flatten(2).transpose(1, 2)


class TinyFcosRunner:
    """A loaded TinyFcos."""

    def __init__(self, weights: Path, device: torch.device, classes: Sequence[str], input_size: int) -> None:
        self.device = device
        self.classes = tuple(classes)
        self.input_size = input_size
        kept = load_file(weights)
        self.model = TinyFcos(len(self.classes), width=len(kept["stem.0.conv.weight"])).eval()
        self.model.load_state_dict(kept, strict=True)
        self.model.to(device)
        self._cells = cell_centres(input_size)

    def preprocess(self, picture: Picture) -> torch.Tensor:
        side = self.input_size
        if picture.shape[:2] != (side, side):
            picture = np.asarray(
                Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR, reducing_gap=3)
            )
        return as_input(picture)

    @torch.inference_mode()
    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        rows: torch.Tensor = self.model(batch.to(self.device))
        return rows.float().cpu()

    @torch.inference_mode()
    def postprocess(
        self, row: torch.Tensor, *, width: int, height: int, floor: float, wanted: Collection[str] | None = None
    ) -> list[Detection]:
        count, columns = len(self.classes), columns_of(self.classes, wanted)
        scores = (row[:, columns].sigmoid() * row[:, count : count + 1].sigmoid()).sqrt()
        cells, labels = (scores >= floor).nonzero(as_tuple=True)
        values, order = scores[cells, labels].sort(descending=True, stable=True)
        cells, labels, values = cells[order][:CANDIDATES], labels[order][:CANDIDATES], values[:CANDIDATES]
        corners = boxes_of(self._cells[cells], row[cells, count + 1 :]).clamp(0, self.input_size)
        kept = suppress(corners, values, labels, overlap=0.5, limit=LIMIT)
        scale = torch.tensor([width, height, width, height]) / self.input_size
        return [
            Detection(self.classes[columns[label]], score, left, top, right - left, bottom - top)
            for label, score, (left, top, right, bottom) in zip(
                labels[kept].tolist(), values[kept].tolist(), (corners[kept] * scale).tolist(), strict=True
            )
            if right > left and bottom > top
        ]

    def memory(self) -> int:
        return sum(parameter.numel() * parameter.element_size() for parameter in self.model.parameters())


def as_input(picture: Picture) -> torch.Tensor:
    """A picture of the right size as the network takes it."""
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))).float() / 255 - 0.5


def cell_centres(side: int) -> torch.Tensor:
    """Centres of the head's cells in pixels of the input."""
    steps = (torch.arange(side // STRIDE) + 0.5) * STRIDE
    rows, columns = torch.meshgrid(steps, steps, indexing="ij")
    return torch.stack([columns.flatten(), rows.flatten()], dim=1)


def boxes_of(centres: torch.Tensor, distances: torch.Tensor) -> torch.Tensor:
    """Boxes (left, top, right, bottom) from the distances to their four sides."""
    return torch.cat([centres - distances[..., :2], centres + distances[..., 2:]], dim=-1)
