"""Box arithmetic on tensors that the detectors share."""

import numpy as np
import torch


def suppress(
    boxes: torch.Tensor, scores: torch.Tensor, labels: torch.Tensor, *, overlap: float, limit: int
) -> torch.Tensor:
    """Indices of the boxes (left, top, right, bottom) that survive class-aware non-maximum suppression, best first."""
    boxes = boxes.nan_to_num()  # one that is no number would make the span, and with it all repeats, unknown
    order = torch.argsort(scores, descending=True, stable=True)
    # Moving each class to a plane of its own lets one pass serve all classes.
    span = (boxes.max() - boxes.min() + 1) if len(boxes) else 1
    apart = boxes + (labels * span)[:, None]
    repeats = overlap_ratio(apart[order], apart[order]).gt(overlap).numpy()
    kept: list[int] = []
    free = np.ones(len(order), dtype=bool)
    for place in range(len(order)):
        if free[place] and len(kept) < limit:
            kept.append(place)
            free &= ~repeats[place]
    return order[kept]


def overlap_ratio(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Intersection over union of every box of the first set with every box of the second."""
    corner = torch.maximum(first[:, None, :2], second[None, :, :2])
    opposite = torch.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = (opposite - corner).clamp(min=0).prod(dim=2)
    area = [(boxes[:, 2:] - boxes[:, :2]).prod(dim=1) for boxes in (first, second)]
    return shared / (area[0][:, None] + area[1][None, :] - shared).clamp(min=1e-9)
