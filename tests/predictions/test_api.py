"""Models and deployments over HTTP."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.selectors import Member
from apps.activity.models import AuditEvent
from apps.core.tenancy import owner_context, tenant_tx
from apps.predictions.models import Deployment, DeploymentState
from tests.factories import make_deployment, make_recipe_version
from tests.people import World

SignIn = Callable[[Member], Any]


@pytest.fixture
def deployment(world: World) -> Deployment:
    """A model that serves the shared project."""
    make_recipe_version(world, "car", "van")
    return make_deployment(world)


def deploy(client: Any, world: World, **body: Any) -> Any:
    """Ask for a deployment of the shared project."""
    path = f"{client.api}/projects/{world.project.id}/deployments"
    return client.post(path, body, content_type="application/json")


def change(client: Any, deployment: Deployment, state: str) -> Any:
    """Stop or start it."""
    return client.patch(f"{client.api}/deployments/{deployment.pk}", {"state": state}, content_type="application/json")


def test_a_model_and_its_versions_are_listed(world: World, signed_in: SignIn, deployment: Deployment) -> None:
    noor = signed_in(world.noor)
    (model,) = noor.get(f"{noor.api}/models").json()["results"]
    (version,) = noor.get(f"{noor.api}/models/{model['id']}/versions").json()["results"]
    assert version["classes"] == ["car", "van"]
    assert noor.get(f"{noor.api}/model_versions/{version['id']}").json() == version


def test_classes_map_to_labels_of_their_name(world: World, signed_in: SignIn, deployment: Deployment) -> None:
    noor = signed_in(world.noor)
    change(noor, deployment, "stopped")
    answer = deploy(noor, world, model_version=str(deployment.model_version_id))
    assert answer.status_code == 201, answer.content
    assert (answer.json()["classes"], answer.json()["state"]) == ({"car": "car", "van": "van"}, "warming")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"classes": {"tank": "car"}}, "unknown_class"),
        ({"classes": {"car": "tank"}}, "label_not_in_recipe"),
        ({"tile_size": 8}, "invalid_tile_size"),
        ({"tile_size": "large"}, "invalid_value"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(
    world: World, signed_in: SignIn, deployment: Deployment, change: Any, code: str
) -> None:
    answer = deploy(signed_in(world.noor), world, model_version=str(deployment.model_version_id), **change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


def test_stopping_and_starting_are_audited_and_not_done_twice(
    world: World, signed_in: SignIn, deployment: Deployment
) -> None:
    noor = signed_in(world.noor)
    assert change(noor, deployment, "stopped").json()["state"] == "stopped"
    assert change(noor, deployment, "stopped").status_code == 409
    assert change(noor, deployment, "warming").json()["state"] == DeploymentState.WARMING
    assert change(noor, deployment, "warming").status_code == 409
    with tenant_tx(owner_context(world.parking.id)):
        verbs = list(AuditEvent.objects.filter(object_id=deployment.pk).values_list("verb", flat=True))
    assert sorted(verbs) == ["deployment.start", "deployment.stop"]


def test_the_vendor_sees_what_serves_but_neither_models_nor_switches(
    world: World, signed_in: SignIn, deployment: Deployment
) -> None:
    max_ = signed_in(world.max)
    assert max_.get(f"{max_.api}/deployments/{deployment.pk}").status_code == 200
    assert max_.get(f"{max_.api}/models").json()["results"] == []
    assert max_.get(f"{max_.api}/model_versions/{deployment.model_version_id}").status_code == 404
    assert change(max_, deployment, "stopped").status_code == 403


def test_a_stranger_finds_nothing(world: World, signed_in: SignIn, deployment: Deployment) -> None:
    eve = signed_in(world.eve)
    for path in (
        f"deployments/{deployment.pk}",
        f"model_versions/{deployment.model_version_id}",
        f"models/{deployment.model_version.model_id}/versions",
        f"projects/{world.project.id}/deployments",
        f"deployments/{uuid4()}",
    ):
        assert eve.get(f"{eve.api}/{path}").status_code == 404, path
    assert deploy(eve, world, model_version=str(deployment.model_version_id)).status_code == 404
    noor = signed_in(world.noor)
    assert deploy(noor, world, model_version=str(uuid4())).status_code == 404
