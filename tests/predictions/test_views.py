from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.predictions.models import Deployment, DeploymentState, Model, ModelVersion, ModelVersionState
from tests import factories
from tests.people import World

Browse = Callable[[Member], Any]


@pytest.fixture
def offered(world: World) -> ModelVersion:
    """A ready version of Parking's that serves nothing yet."""
    with tenant_tx(world.noor.context):
        model = Model.objects.create(org_id=world.parking.id, name="lotnet")
        version: ModelVersion = ModelVersion.objects.create(
            org_id=world.parking.id,
            model=model,
            number=1,
            architecture="nanodet",
            weights="",
            sha256="1" * 64,
            classes=["car", "boat"],
            input_size=416,
            state=ModelVersionState.READY,
        )
    return version


def address(browser: Any, world: World) -> str:
    return f"{browser.org}/projects/{world.project.pk}/models/"


def test_an_engineer_lets_a_model_serve_with_the_classes_that_have_a_label(
    world: World, signed_in: Browse, offered: ModelVersion
) -> None:
    factories.make_recipe_version(world, "car", "van")
    browser = signed_in(world.noor)
    assert "1 of 2 classes have a label here" in browser.get(address(browser, world)).content.decode()
    answer = browser.post(address(browser, world), {"model_version": offered.pk})
    assert answer.status_code == 302
    with tenant_tx(world.noor.context):
        deployment = Deployment.objects.get()
    assert (deployment.classes, deployment.state) == ({"car": "car"}, DeploymentState.WARMING)
    text = browser.get(address(browser, world)).content.decode()
    assert "Not serving yet" not in text
    assert "Warming" in text


def test_a_model_is_taken_out_of_service_and_offered_again(world: World, signed_in: Browse) -> None:
    deployment = factories.make_deployment(world, title="lotnet")
    browser = signed_in(world.noor)
    browser.post(f"{address(browser, world)}{deployment.pk}/stopped")
    text = browser.get(address(browser, world)).content.decode()
    assert "Stopped" in text
    assert "Not serving yet" in text


def test_a_vendor_sees_what_serves_but_neither_offers_nor_switches(
    world: World, signed_in: Browse, offered: ModelVersion
) -> None:
    deployment = factories.make_deployment(world, title="lotnet")
    browser = signed_in(world.max)
    text = browser.get(address(browser, world)).content.decode()
    assert "lotnet 1" in text
    assert "Let it serve" not in text
    assert "Take out of service" not in text
    assert browser.post(address(browser, world), {"model_version": offered.pk}).status_code == 403
    assert browser.post(f"{address(browser, world)}{deployment.pk}/stopped").status_code == 403


@pytest.mark.parametrize("key", ["", "nonsense", "01a1fd8f-7116-72cf-aca0-cd7d4beabf03"])
def test_a_model_that_is_not_known_is_not_found(world: World, signed_in: Browse, key: str) -> None:
    browser = signed_in(world.noor)
    assert browser.post(address(browser, world), {"model_version": key}).status_code == 404


def test_the_page_says_when_no_worker_answers(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.noor)
    assert "No worker answers." in browser.get(address(browser, world)).content.decode()


def test_the_part_that_renews_itself_comes_without_the_frame(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.noor)
    text = browser.get(address(browser, world), headers={"HX-Request": "true"}).content.decode()
    assert "Queue of the workers" in text
    assert "<html" not in text
