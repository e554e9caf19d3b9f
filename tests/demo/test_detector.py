import json

import pytest

from apps.core.tenancy import owner_context, tenant_tx
from apps.predictions.models import Deployment, DeploymentState, ModelVersion
from apps.predictions.services import stop_deployment
from config.demo.detector import NoDetector, install_detector, register_detector

DETECTOR = {
    "name": "Small detector",
    "architecture": "tiny_fcos",
    "file": "weights.safetensors",
    "classes": ["cat", "cup"],
    "input_size": 256,
    "tile_size": 512,
    "licence": "part of Tessera",
}
CAR_PARKS = {**DETECTOR, "name": "Car parks", "file": "car-parks.safetensors", "classes": ["car"], "tile_size": 768}
CHOICE = json.dumps({"photographs": DETECTOR, "car_parks": CAR_PARKS})


@pytest.fixture
def weights(tmp_path, monkeypatch):
    monkeypatch.setenv("TESSERA_VAR", str(tmp_path))
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(b"weights")
    (folder / "car-parks.safetensors").write_bytes(b"other weights")
    return folder


def test_a_detector_is_installed_once_for_the_labels_that_the_project_has(world, weights):
    (weights / "detector.json").write_text(CHOICE)
    with tenant_tx(owner_context(world.parking.id)):
        first = install_detector(world.project, ["cup", "dog"])
        second = install_detector(world.project, ["cup", "dog"])
        assert (first.id, first.classes, first.tile_size) == (second.id, {"cup": "cup"}, 512)
        assert ModelVersion.objects.count() == Deployment.objects.count() == 1


def test_a_detector_that_somebody_stopped_stays_stopped(world, weights):
    (weights / "detector.json").write_text(CHOICE)
    with tenant_tx(owner_context(world.parking.id)):
        stop_deployment(deployment=install_detector(world.project, ["cup"]))

        assert install_detector(world.project, ["cup"]).state == DeploymentState.STOPPED


def test_a_project_of_car_parks_gets_the_detector_for_car_parks(world, weights):
    (weights / "detector.json").write_text(CHOICE)
    with tenant_tx(owner_context(world.parking.id)):
        photographs = install_detector(world.project, ["cup", "car"])
        car_parks = install_detector(world.project, ["cup", "car"], which="car_parks")
        assert (photographs.classes, car_parks.classes) == ({"cup": "cup"}, {"car": "car"})
        assert (car_parks.model_version.model.name, car_parks.tile_size) == ("Car parks", 768)


def test_a_choice_of_an_older_tessera_is_made_anew(world, weights):
    (weights / "detector.json").write_text(json.dumps(DETECTOR))
    with tenant_tx(owner_context(world.parking.id)), pytest.raises(NoDetector, match="python -m gpu_worker.detector"):
        register_detector("car_parks")


def test_without_a_detector_the_command_that_makes_one_is_named(world, weights):
    with tenant_tx(owner_context(world.parking.id)), pytest.raises(NoDetector, match="python -m gpu_worker.detector"):
        install_detector(world.project, ["cup"])


def test_a_vendor_has_the_detector_for_its_own_projects(world, weights):
    (weights / "detector.json").write_text(CHOICE)
    with tenant_tx(owner_context(world.meadow.id)):
        assert register_detector().id == register_detector().id
        assert ModelVersion.objects.get().org_id == world.meadow.id
