"""What TinyFcos is taught: which cells see which object, and how wrong it is about them."""

import torch
from torch.nn import functional

from gpu_worker.runners.tiny_fcos import STRIDE, boxes_of


def targets_of(centres: torch.Tensor, boxes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """For each cell the index of its object (-1: none) and its distances to the object's sides.

    A cell near the middle of several objects takes the smallest, so that one behind another is still learnt.
    """
    if not len(boxes):
        return torch.full((len(centres),), -1), torch.zeros(len(centres), 4)
    sides = torch.cat([centres[:, None] - boxes[None, :, :2], boxes[None, :, 2:] - centres[:, None]], dim=2)
    size = boxes[:, 2:] - boxes[:, :2]
    reach = torch.maximum(size / 4, torch.tensor(1.5 * STRIDE))
    off = (centres[:, None] - (boxes[:, :2] + boxes[:, 2:])[None] / 2).abs()
    sees = (sides.amin(dim=2) > 0) & (off <= reach[None]).all(dim=2)
    area = size.prod(dim=1)[None].expand(len(centres), -1).masked_fill(~sees, float("inf"))
    smallest, index = area.min(dim=1)
    index = index.masked_fill(smallest.isinf(), -1)
    return index, sides[torch.arange(len(centres)), index.clamp(min=0)]


def loss_of(
    rows: torch.Tensor, centres: torch.Tensor, objects: list[tuple[torch.Tensor, torch.Tensor]], classes: int
) -> torch.Tensor:
    """Focal loss over all cells; box overlap and centre-ness over those that see an object."""
    seen, sides, labels = [], [], []
    for boxes, kinds in objects:
        index, side = targets_of(centres, boxes)
        seen.append(index >= 0)
        sides.append(side)
        # An extra last class stands for none, and is cut off again.
        known = torch.cat([kinds, torch.tensor([classes])])
        labels.append(functional.one_hot(known[index], classes + 1)[:, :classes].float())
    positive, wanted = torch.stack(seen), torch.stack(sides)
    count = positive.sum().clamp(min=1)
    loss = _focal(rows[..., :classes], torch.stack(labels)) / count
    if positive.any():
        across = torch.stack([wanted[positive][:, [0, 2]], wanted[positive][:, [1, 3]]], dim=1)
        centred = (across.amin(dim=2) / across.amax(dim=2)).prod(dim=1).sqrt()
        middle = centres.expand(len(rows), -1, -1)[positive]
        overlap = _generous_overlap(
            boxes_of(middle, rows[..., classes + 1 :][positive]), boxes_of(middle, wanted[positive])
        )
        loss = loss + ((1 - overlap) * centred).sum() / centred.sum().clamp(min=1e-6)
        loss = loss + functional.binary_cross_entropy_with_logits(rows[..., classes][positive], centred)
    return loss


def _focal(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Weighs what is wrong most. Milder than usual, so that a score of a half means about that much."""
    chance = logits.sigmoid()
    right = chance * wanted + (1 - chance) * (1 - wanted)
    weight = (0.3 * wanted + 0.7 * (1 - wanted)) * (1 - right) ** 1.5
    return (weight * functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")).sum()


def _generous_overlap(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Generalised intersection over union of pairs: it has a slope even where boxes do not meet."""
    shared = (
        (torch.minimum(one[:, 2:], other[:, 2:]) - torch.maximum(one[:, :2], other[:, :2])).clamp(min=0).prod(dim=1)
    )
    around = (torch.maximum(one[:, 2:], other[:, 2:]) - torch.minimum(one[:, :2], other[:, :2])).prod(dim=1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).clamp(min=0).prod(dim=1) for boxes in (one, other)]
    united = areas[0] + areas[1] - shared
    return shared / united.clamp(min=1e-6) - (around - united) / around.clamp(min=1e-6)
