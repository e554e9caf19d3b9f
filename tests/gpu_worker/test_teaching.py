from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from config.demo.pictures import Box
from gpu_worker.runners.tiny_fcos import TinyFcosRunner
from gpu_worker.train.lessons import CAR_PARKS, INPUT_SIZE, PHOTOGRAPHS, UNLABELLED_MODELS
from gpu_worker.train.teaching import scenes, teach

RED = (200, 30, 30)


def red_boxes():
    """A picture whose objects can be told by their colour."""
    picture = Image.new("RGB", (2400, 2000), (100, 100, 100))
    boxes = []
    for left in range(100, 2300, 200):
        for top in range(100, 1900, 250):
            picture.paste(RED, (left, top, left + 90, top + 44))
            boxes.append(Box("car", left, top, 90, 44))
    return picture, boxes


LESSON = replace(CAR_PARKS, look=red_boxes, steps=3)


@pytest.mark.parametrize("lesson", [LESSON, replace(LESSON, from_above=False)], ids=["turned", "upright"])
def test_scenes_show_objects_where_their_boxes_are(lesson):
    draw = scenes(lesson)
    samples = [draw(np.random.default_rng(seed)) for seed in range(30)]

    assert any(sample.kinds for sample in samples)
    for sample in samples:
        assert sample.picture.shape == (INPUT_SIZE, INPUT_SIZE, 3)
        for left, top, right, bottom in sample.boxes:
            assert 0 <= left < right <= INPUT_SIZE
            assert 0 <= top < bottom <= INPUT_SIZE
            middle = sample.picture[int((top + bottom) / 2), int((left + right) / 2)]
            assert np.abs(middle.astype(int) - RED).max() < 12


def test_only_pictures_from_above_are_turned():
    upright = [scenes(replace(LESSON, from_above=False))(np.random.default_rng(seed)) for seed in range(12)]
    whole = [box for sample in upright for box in sample.boxes if min(box) > 0 and max(box) < INPUT_SIZE]

    assert whole
    assert all(right - left > bottom - top for left, top, right, bottom in whole)


def test_a_few_steps_leave_weights_that_load(tmp_path):
    path = tmp_path / "weights" / "tiny.safetensors"
    said = []

    teach(LESSON, path, say=said.append)

    runner = TinyFcosRunner(path, torch.device("cpu"), LESSON.classes, INPUT_SIZE)
    row = runner.forward(runner.preprocess(np.zeros((INPUT_SIZE, INPUT_SIZE, 3), np.uint8))[None])[0]
    assert row.shape == ((INPUT_SIZE // 4) ** 2, len(LESSON.classes) + 5)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert "Car parks" in said[0]


def test_the_lessons_know_the_classes_of_their_pictures():
    assert CAR_PARKS.classes == ("car",)
    assert PHOTOGRAPHS.classes == ("cat", "cup", "horse", "person")
    assert set(UNLABELLED_MODELS) == {"van"}
