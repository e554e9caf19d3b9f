import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from gpu_worker.runners.boxes import overlap_ratio
from gpu_worker.runners.tiny_fcos import TinyFcosRunner, cell_centres
from gpu_worker.train.losses import targets_of
from gpu_worker.train.tiny import Sample, train

SIDE = 128
CLASSES = ("warm", "cold")
COLOURS = np.array([[190, 150, 90], [80, 140, 190]])


def textured_blobs(chance: np.random.Generator) -> Sample:
    """Two kinds of noisy ellipses on a noisy ground."""
    picture = chance.normal(110, 12, (SIDE, SIDE, 3))
    down, across = np.mgrid[:SIDE, :SIDE] + 0.5
    boxes: list[tuple[float, float, float, float]] = []
    kinds: list[int] = []
    for _ in range(chance.integers(2, 6)):
        width, height = chance.integers(14, 40, 2)
        x, y = chance.integers(0, SIDE - width), chance.integers(0, SIDE - height)
        if any(x < box[2] and box[0] < x + width and y < box[3] and box[1] < y + height for box in boxes):
            continue
        inside = ((across - x - width / 2) / (width / 2)) ** 2 + ((down - y - height / 2) / (height / 2)) ** 2 <= 1
        kind = int(chance.integers(2))
        picture[inside] = COLOURS[kind] + chance.normal(0, 18, (int(inside.sum()), 3))
        boxes.append((float(x), float(y), float(x + width), float(y + height)))
        kinds.append(kind)
    return Sample(picture.clip(0, 255).astype(np.uint8), boxes, kinds)


def average_precision(runner: TinyFcosRunner, samples: list[Sample]) -> float:
    """AP at an overlap of one half, over all classes together."""
    verdicts, objects = [], 0
    for sample in samples:
        row = runner.forward(runner.preprocess(sample.picture)[None])[0]
        free = set(range(len(sample.boxes)))
        objects += len(free)
        for one in runner.postprocess(row, width=SIDE, height=SIDE, floor=0.05):
            box = torch.tensor([[one.x, one.y, one.x + one.width, one.y + one.height]])
            ratios = overlap_ratio(box, torch.tensor(sample.boxes))[0]
            hits = [n for n in free if CLASSES[sample.kinds[n]] == one.label and ratios[n] >= 0.5]
            free -= set(hits[:1])
            verdicts.append((one.score, bool(hits)))
    right = np.cumsum([hit for _, hit in sorted(verdicts, reverse=True)])
    precision, recall = right / np.arange(1, len(right) + 1), right / objects
    return float(np.mean([precision[recall >= least].max(initial=0) for least in np.linspace(0, 1, 101)]))


def test_a_few_seconds_of_training_find_what_was_never_seen(tmp_path):
    torch.set_num_threads(1)
    weights = train(textured_blobs, classes=2, steps=140)
    save_file(weights, tmp_path / "weights.safetensors")
    runner = TinyFcosRunner(tmp_path / "weights.safetensors", torch.device("cpu"), CLASSES, SIDE)

    unseen = np.random.default_rng(99)
    assert average_precision(runner, [textured_blobs(unseen) for _ in range(20)]) > 0.7


def test_a_cell_learns_the_smallest_object_that_it_sees():
    centres = cell_centres(32)
    boxes = torch.tensor([[0.0, 0, 32, 32], [12, 12, 20, 20]])

    index, sides = targets_of(centres, boxes)

    middle = int(((centres - 14) ** 2).sum(dim=1).argmin())
    assert index[middle] == 1
    assert sides[middle].tolist() == [2, 2, 6, 6]
    assert index[0] == -1


def test_a_picture_without_objects_can_be_learnt_from():
    empty = Sample(np.zeros((32, 32, 3), np.uint8), [], [])
    losses = []

    train(lambda chance: empty, classes=2, steps=5, said=lambda share, loss: losses.append(loss))

    assert len(losses) == 5
    assert all(np.isfinite(losses))


@pytest.mark.parametrize("side", [32, 64])
def test_there_is_one_row_for_each_cell(side):
    assert len(cell_centres(side)) == (side // 4) ** 2
