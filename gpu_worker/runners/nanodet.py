"""NanoDet in its CSP variant ("NanoDet-g"): three strides, a distribution of 11 distances for each side of a box."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from gpu_worker.runners.base import Detection, Picture, columns_of
from gpu_worker.runners.boxes import suppress
from gpu_worker.runners.coco import COCO_CLASSES

STRIDES = (8, 16, 32)
BINS = 11
MEAN = np.array([103.53, 116.28, 123.675], np.float32)  # blue, green, red
DEVIATION = np.array([57.375, 57.12, 58.395], np.float32)
LIMIT = 100  # boxes of one pass
CANDIDATES = 1000


class Conv(nn.Module):
    """A 3x3 convolution and a leaky rectifier; the batch norm of the original is folded into its weights."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.leaky_relu(self.conv(x), 0.1, inplace=True)


class Pair(nn.Module):
    """Halve the channels, look once more, and keep both views."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Conv(channels, channels // 2)
        self.second = Conv(channels // 2, channels // 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        half = self.first(x)
        return torch.cat([self.second(half), half], dim=1)


class Stage(nn.Module):
    """A cross-stage-partial stage: doubles the channels by carrying its entrance around its pairs."""

    def __init__(self, channels: int, pairs: int, stride: int) -> None:
        super().__init__()
        self.enter = Conv(channels, channels, stride)
        self.pairs = nn.Sequential(*[Pair(channels) for _ in range(pairs)])
        self.leave = Conv(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        entrance = self.enter(x)
        return torch.cat([self.leave(self.pairs(entrance)), entrance], dim=1)


class Backbone(nn.Module):
    """From the picture to maps at strides 8, 16 and 32 with 128, 256 and 512 channels."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Conv(3, 32, 2)
        self.stages = nn.ModuleList([Stage(32, 1, 1), Stage(64, 2, 2), Stage(128, 2, 2), Stage(256, 3, 2)])

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        x = functional.max_pool2d(self.stem(x), 3, 2, padding=1)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps[1:]


class Neck(nn.Module):
    """Path aggregation by sums: down from the coarse map, then up again from the fine one."""

    def __init__(self) -> None:
        super().__init__()
        self.lateral = nn.ModuleList([nn.Conv2d(channels, 128, 1) for channels in (128, 256, 512)])

    def forward(self, maps: list[torch.Tensor]) -> list[torch.Tensor]:
        fine, middle, coarse = [lateral(x) for lateral, x in zip(self.lateral, maps, strict=True)]
        middle = middle + _resize(coarse, 2)
        fine = fine + _resize(middle, 2)
        middle = middle + _resize(fine, 0.5)
        return [fine, middle, coarse + _resize(middle, 0.5)]


class Head(nn.Module):
    """Class logits and distance logits of every cell of one level."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.tower = Conv(128, 128)
        self.out = nn.Conv2d(128, classes + 4 * BINS, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.out(self.tower(x))
        return logits.flatten(2).transpose(1, 2)


class NanoDet(nn.Module):
    """(batch, 3, side, side) to (batch, cells, classes + 44) raw logits, fine level first."""

    def __init__(self, classes: int = len(COCO_CLASSES)) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.neck = Neck()
        self.heads = nn.ModuleList([Head(classes) for _ in STRIDES])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        maps = self.neck(self.backbone(x))
        return torch.cat([head(x) for head, x in zip(self.heads, maps, strict=True)], dim=1)


def _resize(x: torch.Tensor, factor: float) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


class NanoDetRunner:
    """A loaded NanoDet with the preprocessing that its weights were trained with."""

    classes = COCO_CLASSES
    input_size = 416

    def __init__(self, weights: Path, device: torch.device) -> None:
        self.device = device
        self.model = NanoDet().eval()
        for convolution in (module for module in self.model.modules() if isinstance(module, nn.Conv2d)):
            convolution.weight.data = convolution.weight.data.contiguous(memory_format=torch.channels_last)
        self.model.load_state_dict(load_file(weights), strict=True)
        self.model.to(device)
        self._centres, self._strides = _grid(self.input_size)

    def preprocess(self, picture: Picture) -> torch.Tensor:
        """Stretch to the input square; the weights expect blue first."""
        side = self.input_size
        if picture.shape[:2] != (side, side):
            small = Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)
            picture = np.asarray(small)
        values = np.empty((3, side, side), np.float32)
        for channel in range(3):
            np.subtract(picture[:, :, 2 - channel], MEAN[channel], out=values[channel], dtype=np.float32)
            values[channel] /= DEVIATION[channel]
        return torch.from_numpy(values)

    @torch.inference_mode()
    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        # Channels last is twice as fast on a CPU.
        rows: torch.Tensor = self.model(batch.to(self.device, memory_format=torch.channels_last))
        return rows.float().cpu()

    @torch.inference_mode()
    def postprocess(
        self, row: torch.Tensor, *, width: int, height: int, floor: float, wanted: Collection[str] | None = None
    ) -> list[Detection]:
        columns = columns_of(self.classes, wanted)
        scores, labels, cells = _above(row[:, columns].sigmoid(), floor)
        distances = row[cells, len(self.classes) :].reshape(-1, 4, BINS).softmax(dim=2) @ torch.arange(float(BINS))
        distances = distances * self._strides[cells, None]
        corners = torch.cat([self._centres[cells] - distances[:, :2], self._centres[cells] + distances[:, 2:]], dim=1)
        corners = corners.clamp(0, self.input_size)
        kept = suppress(corners, scores, labels, overlap=0.5, limit=LIMIT)
        scale = torch.tensor([width, height, width, height]) / self.input_size
        return [
            Detection(self.classes[columns[label]], score, left, top, right - left, bottom - top)
            for label, score, (left, top, right, bottom) in zip(
                labels[kept].tolist(), scores[kept].tolist(), (corners[kept] * scale).tolist(), strict=True
            )
            if right > left and bottom > top
        ]

    def memory(self) -> int:
        return sum(parameter.numel() * parameter.element_size() for parameter in self.model.parameters())


def _above(scores: torch.Tensor, floor: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The best (score, class, cell) triples at or above the floor."""
    cells, labels = (scores >= floor).nonzero(as_tuple=True)
    values = scores[cells, labels]
    best = torch.argsort(values, descending=True, stable=True)[:CANDIDATES]
    return values[best], labels[best], cells[best]


def _grid(side: int) -> tuple[torch.Tensor, torch.Tensor]:
    centres, strides = [], []
    for stride in STRIDES:
        steps = (torch.arange(side // stride) + 0.5) * stride
        rows, columns = torch.meshgrid(steps, steps, indexing="ij")
        centres.append(torch.stack([columns.flatten(), rows.flatten()], dim=1))
        strides.append(torch.full((len(steps) ** 2,), float(stride)))
    return torch.cat(centres), torch.cat(strides)
