import numpy as np
import pytest
import torch

from gpu_worker.runners.boxes import suppress
from gpu_worker.runners.nanodet import NanoDet
from gpu_worker.weights import CONVOLUTIONS

# Found by running the package's own TensorFlow.js graph, operation by operation, on the same pictures.
KNOWN = [
    ("coffee.png", "cup", 0.52, (140, 11, 287, 388)),
    ("astronaut.png", "person", 0.73, (15, 14, 350, 493)),
    ("motorcycle_left.png", "motorcycle", 0.78, (106, 77, 582, 377)),
    ("horse.png", "horse", 0.56, (13, 6, 382, 312)),
    ("chelsea.png", "cat", 0.40, (0, 0, 449, 297)),
    ("camera.png", "person", 0.88, (3, 68, 316, 444)),
]


def detect(nanodet, picture, floor=0.25):
    row = nanodet.forward(nanodet.preprocess(picture)[None])[0]
    return nanodet.postprocess(row, width=picture.shape[1], height=picture.shape[0], floor=floor)


@pytest.mark.parametrize(("name", "label", "score", "box"), KNOWN)
def test_known_objects_are_found_where_they_are(nanodet, photograph, name, label, score, box):
    best = next(found for found in detect(nanodet, photograph(name)) if found.label == label)

    assert best.score == pytest.approx(score, abs=0.03)
    assert (best.x, best.y, best.width, best.height) == pytest.approx(box, abs=6)


def test_nothing_is_found_on_a_rocket_and_its_smoke(nanodet, photograph):
    assert detect(nanodet, photograph("rocket.jpg")) == []


def test_red_and_blue_exchanged_lose_the_cup(nanodet, photograph):
    swapped = np.ascontiguousarray(photograph("coffee.png")[:, :, ::-1])

    assert max((found.score for found in detect(nanodet, swapped) if found.label == "cup"), default=0) < 0.45


def test_a_batch_gives_what_its_pictures_give_alone(nanodet, photograph):
    inputs = [nanodet.preprocess(photograph(name)) for name in ("coffee.png", "camera.png")]

    together = nanodet.forward(torch.stack(inputs))

    for alone, row in zip(inputs, together, strict=True):
        assert torch.allclose(nanodet.forward(alone[None])[0], row, atol=1e-4)


def test_boxes_stay_inside_the_picture_and_come_best_first(nanodet, photograph):
    picture = photograph("motorcycle_left.png")
    found = detect(nanodet, picture, floor=0.02)

    assert len(found) <= 100
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(one.x >= 0 and one.x + one.width <= picture.shape[1] + 0.01 for one in found)
    assert all(one.y >= 0 and one.y + one.height <= picture.shape[0] + 0.01 for one in found)


def test_every_convolution_of_the_architecture_has_weights_in_the_package():
    assert sorted(NanoDet().state_dict()) == sorted(
        f"{name}.{kind}" for name in CONVOLUTIONS for kind in ("weight", "bias")
    )


def test_suppression_keeps_the_best_of_each_class():
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [1, 0, 11, 10], [40, 40, 50, 50]])

    kept = suppress(boxes, torch.tensor([0.5, 0.9, 0.4, 0.3]), torch.tensor([0, 0, 1, 0]), overlap=0.5, limit=10)

    assert kept.tolist() == [1, 2, 3]
