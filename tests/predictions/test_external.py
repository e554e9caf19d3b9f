"""Models that run elsewhere: heard of with their first word, never asked, superseded like any other."""

import pytest

from apps.core.tenancy import owner_context, tenant_tx
from apps.predictions import services
from apps.predictions.merge import Found
from apps.predictions.models import Deployment, DeploymentState, Inference, Model, Prediction
from apps.predictions.offers import serving, versions_ready
from apps.projects.models import Item
from tests.factories import make_deployment, make_item, make_recipe_version
from tests.people import World


def car(number: int, score: float = 0.9) -> Found:
    return Found(f"01a2003d-9eba-7180-8e52-{number:012}", "car", score, 10, 10, 40, 30)


@pytest.fixture
def elsewhere(world: World) -> Deployment:
    """Version 7 of a model that the customer runs on its own."""
    make_recipe_version(world)
    with tenant_tx(owner_context(world.parking.id)):
        return services.external_deployment(project=world.project, name="On site", version=7, labels=["van", "car"])


def test_it_is_the_same_deployment_each_time_and_offered_nowhere(world: World, elsewhere: Deployment) -> None:
    with tenant_tx(owner_context(world.parking.id)):
        again = services.external_deployment(project=world.project, name="On site", version=7, labels=["car"])
        other = services.external_deployment(project=world.project, name="On site", version=8, labels=["car"])

        assert again.pk == elsewhere.pk
        assert other.pk != elsewhere.pk
        assert (elsewhere.state, elsewhere.is_external, elsewhere.floor) == (DeploymentState.READY, True, 0.0)
        assert elsewhere.classes == {"car": "car", "van": "van"}
        assert not serving(world.project).exists()
        assert not versions_ready(world.project).exists()
        assert Model.objects.count() == 1


def test_nothing_can_be_asked_of_it(world: World, elsewhere: Deployment) -> None:
    item = make_item(world)
    with tenant_tx(owner_context(world.parking.id)):
        with pytest.raises(services.ModelIsExternal):
            services.request_inference(item=item, deployment=elsewhere)
        with pytest.raises(services.ModelIsExternal):
            services.request_inferences(deployment=elsewhere, wanted=[services.Wanted(item)])
        assert not Inference.objects.exists()


def test_names_of_models_that_run_here_are_taken_and_their_numbers_go_on(world: World, elsewhere: Deployment) -> None:
    here = make_deployment(world)
    with tenant_tx(owner_context(world.parking.id)):
        with pytest.raises(services.ModelRunsHere):
            services.external_deployment(project=world.project, name=here.title, version=1, labels=["car"])
        version = services.register_version(
            name="On site", architecture="nanodet-m", weights=b"ours", classes=["car"], input_size=416, licence=""
        )
    assert version.number == 8


def test_its_next_word_about_an_item_supersedes_the_last(world: World, elsewhere: Deployment) -> None:
    item, other = make_item(world), make_item(world, name="other.jpg")
    with tenant_tx(owner_context(world.parking.id)):
        first = services.keep_delivered(item=item, deployment=elsewhere, found=[car(1), car(2)])
        services.keep_delivered(item=other, deployment=elsewhere, found=[car(3)])
        services.keep_delivered(item=item, deployment=elsewhere, found=[car(4)])

        current = Prediction.objects.filter(superseded=False)
        assert {str(one.pk)[-1] for one in current} == {"3", "4"}
        assert Inference.objects.get(pk=first.pk).superseded_at is not None
        assert services.delivered_to([item.pk, other.pk], elsewhere) == {item.pk, other.pk}
        assert services.delivered_to([item.pk], make_deployment(world)) == set()


def test_a_stopped_one_is_not_heard_and_starts_at_once(world: World, elsewhere: Deployment) -> None:
    item: Item = make_item(world)
    with tenant_tx(owner_context(world.parking.id)):
        stopped = services.stop_deployment(deployment=elsewhere)
        with pytest.raises(services.DeploymentStopped):
            services.keep_delivered(item=item, deployment=stopped, found=[car(1)])
        started = services.deploy(
            project=world.project, version=elsewhere.model_version, classes=elsewhere.classes, tile_size=416
        )
    assert (started.state, started.tile_size) == (DeploymentState.READY, 0)
