"""A model over many items: asked for in chunks, counted as the answers come, taken back when cancelled."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from apps.accounts.models import Engagement, EngagementState
from apps.accounts.selectors import Member
from apps.catalog import services
from apps.catalog.models import PredictionRun, PredictionRunItem
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.predictions.models import Deployment, DeploymentState, Inference, InferenceState, Lane
from apps.projects.models import Item
from tests import factories
from tests.catalog.test_refreshing import refresh
from tests.jobs.working import work_off
from tests.people import World, make_member, make_organization

Browse = Callable[[Member], Any]


@pytest.fixture
def lots(world: World) -> list[Item]:
    rows = [factories.make_item(world, f"lot-{n}.jpg") for n in range(20)]
    refresh(world)
    return rows


def ask(browser: Any, world: World, deployment: Deployment, **selection: Any) -> Any:
    body = {"deployment": str(deployment.pk), "selection": selection or {"filter": {}}}
    address = f"{browser.api}/projects/{world.project.pk}/prediction_runs"
    return browser.post(address, body, content_type="application/json")


def run_of(world: World, run: UUID | str) -> PredictionRun:
    with tenant_tx(owner_context(world.parking.id)):
        found: PredictionRun = PredictionRun.objects.get(pk=run)
    return found


def end(world: World, number: int, state: str = InferenceState.DONE) -> dict[UUID, str]:
    """As many inferences end, and the news of it arrives."""
    with tenant_tx(owner_context(world.parking.id)):
        chosen = list(Inference.objects.exclude(state__in=("done", "failed", "cancelled")).order_by("id")[:number])
        Inference.objects.filter(pk__in=[one.pk for one in chosen]).update(state=state)
        news = {one.pk: state for one in chosen}
        services.inferences_ended(states=news)
    return news


def test_a_run_is_asked_for_dispatched_little_by_little_and_counted(
    world: World, signed_in: Browse, lots: list[Item]
) -> None:
    noor, deployment = signed_in(world.noor), factories.make_deployment(world)
    answer = ask(noor, world, deployment)
    assert (answer.status_code, answer.json()["state"]) == (202, "filling")
    work_off()
    run = run_of(world, answer.json()["id"])
    assert (run.state, run.total, run.done) == ("running", 20, 0)
    with tenant_tx(world.noor.context):
        states = list(Inference.objects.filter(lane=Lane.BULK).values_list("state", flat=True))
    assert (states.count("queued"), states.count("waiting")) == (16, 4)
    news = end(world, 5)
    with tenant_tx(owner_context(world.parking.id)):
        services.inferences_ended(states=news)
    assert run_of(world, run.pk).done == 5
    end(world, 1, InferenceState.FAILED)
    end(world, 20)
    run = run_of(world, run.pk)
    assert (run.state, run.done, run.failed) == ("done", 20, 1)
    shown = noor.get(f"{noor.api}/prediction_runs/{run.pk}").json()
    assert (shown["progress"]["done"], shown["progress"]["total"]) == (20, 20)


def test_what_had_ended_before_its_row_was_there_is_counted_all_the_same(
    world: World, signed_in: Browse, lots: list[Item]
) -> None:
    deployment = factories.make_deployment(world)
    run = ask(signed_in(world.noor), world, deployment, items=[str(lots[0].pk)]).json()["id"]
    with tenant_tx(owner_context(world.parking.id)):
        services.fill_run(context=owner_context(world.parking.id), run_id=UUID(run), progress=lambda done: None)
        Inference.objects.update(state=InferenceState.DONE)
        PredictionRun.objects.update(state="filling")
    services.fill_run(context=owner_context(world.parking.id), run_id=UUID(run), progress=lambda done: None)
    assert (run_of(world, run).state, run_of(world, run).total) == ("done", 1)


def test_a_cancelled_run_takes_back_what_nobody_else_waits_for(
    world: World, signed_in: Browse, lots: list[Item]
) -> None:
    noor, deployment = signed_in(world.noor), factories.make_deployment(world)
    run = ask(noor, world, deployment).json()["id"]
    other = ask(noor, world, deployment, items=[str(lots[3].pk)]).json()["id"]
    work_off()
    end(world, 2)
    assert noor.delete(f"{noor.api}/prediction_runs/{run}").status_code == 204
    work_off()
    with tenant_tx(world.noor.context):
        states = list(Inference.objects.values_list("state", flat=True))
        assert not PredictionRunItem.objects.filter(run_id=run, ended=False).exists()
    assert (states.count("done"), states.count("cancelled"), len(states)) == (2, 17, 20)
    assert run_of(world, run).state == "cancelled"
    assert run_of(world, other).state == "running"
    assert noor.delete(f"{noor.api}/prediction_runs/{run}").status_code == 409


def test_a_stopped_model_is_not_run(world: World, signed_in: Browse, lots: list[Item]) -> None:
    deployment = factories.make_deployment(world)
    with tenant_tx(world.noor.context):
        deployment.move_to(DeploymentState.STOPPED)
    assert ask(signed_in(world.noor), world, deployment).json()["error"]["code"] == "deployment_stopped"


def test_a_vendors_manager_runs_models_where_the_engagement_says_so(
    world: World, signed_in: Browse, lots: list[Item]
) -> None:
    deployment, manager = factories.make_deployment(world), signed_in(world.max)
    own = ask(manager, world, deployment, items=[str(lots[0].pk)]).json()["id"]
    with tenant_tx(owner_context(world.parking.id)):
        Engagement.objects.update(run_models=False)
    answer = ask(manager, world, deployment, items=[str(lots[1].pk)])
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    assert manager.delete(f"{manager.api}/prediction_runs/{own}").status_code == 403


def test_a_run_is_its_own_sides_alone(world: World, signed_in: Browse, lots: list[Item]) -> None:
    deployment, noor, max_ = factories.make_deployment(world), signed_in(world.noor), signed_in(world.max)
    hill = make_organization("hill")
    with tenant_tx(owner_context(world.parking.id)):
        scope = {"state": EngagementState.ACTIVE, "roles": [Role.MANAGER], "run_models": True}
        Engagement.objects.create(org_id=world.parking.id, vendor=hill, project_id=world.project.pk, **scope)
    hanna = signed_in(make_member(hill, "hanna", Role.MANAGER))
    meadows, owners = (ask(one, world, deployment).json()["id"] for one in (max_, noor))
    for stranger, run in ((hanna, meadows), (hanna, owners), (max_, owners)):
        address = f"{stranger.api}/prediction_runs/{run}"
        assert (stranger.get(address).status_code, stranger.delete(address).status_code) == (404, 404)
    listed = f"projects/{world.project.pk}/prediction_runs"
    assert hanna.get(f"{hanna.api}/{listed}").json()["results"] == []
    assert [one["id"] for one in max_.get(f"{max_.api}/{listed}").json()["results"]] == [meadows]
    assert {one["id"] for one in noor.get(f"{noor.api}/{listed}").json()["results"]} == {meadows, owners}
    assert noor.delete(f"{noor.api}/prediction_runs/{meadows}").status_code == 204
    with tenant_tx(owner_context(hill.id)):
        assert not PredictionRun._base_manager.exists()


def test_others_run_nothing(world: World, signed_in: Browse, lots: list[Item]) -> None:
    deployment = factories.make_deployment(world)
    statuses = [ask(signed_in(one), world, deployment).status_code for one in (world.ada, world.olga, world.eve)]
    assert statuses == [403, 403, 404]


def test_a_run_whose_job_was_given_up_ends(world: World, signed_in: Browse, lots: list[Item]) -> None:
    noor, deployment = signed_in(world.noor), factories.make_deployment(world)
    run = ask(noor, world, deployment).json()["id"]
    with tenant_tx(world.noor.context):
        jobs.cancel(job=Job.objects.get(kind="prediction_run.fill"))
    work_off()
    assert run_of(world, run).state == "cancelled"
