"""Pipelines over HTTP: the template becomes stages, a bad graph is refused by its stage's name."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.accounts.selectors import Member
from apps.activity.models import ActivityEvent, AuditEvent
from apps.core.tenancy import owner_context, tenant_tx
from apps.pipelines.models import Pipeline, PipelineVersion, Stage
from tests.factories import make_deployment, make_recipe_version
from tests.people import World

SignIn = Callable[[Member], Client]


@pytest.fixture
def body(world: World) -> dict[str, Any]:
    """The template on the world's model and recipe."""
    make_recipe_version(world)
    deployment = make_deployment(world)
    return {"name": "Line", "template": "pre_label_and_review", "settings": {"deployment": str(deployment.pk)}}


def post(client: Any, world: World, body: Any) -> Any:
    """Make a pipeline in the shared project."""
    return client.post(f"{client.api}/projects/{world.project.id}/pipelines", body, content_type="application/json")


def test_the_template_becomes_stages_that_know_their_way(world: World, signed_in: SignIn, body: Any) -> None:
    answer = post(signed_in(world.noor), world, body)

    assert answer.status_code == 201, answer.content
    version = answer.json()["version"]
    stages = {stage["key"]: stage for stage in version["stages"]}
    assert list(stages) == ["dataset", "predict", "label", "review", "done"]
    assert stages["predict"]["next"] == stages["label"]["id"]
    assert stages["review"]["rework"] == stages["label"]["id"]
    assert stages["review"]["next"] == stages["done"]["id"]
    assert (stages["done"]["next"], stages["done"]["rework"]) == (None, None)
    assert (stages["label"]["held_out"], stages["review"]["held_out"]) == (0.05, 0)
    assert stages["label"]["lease_seconds"] == 900
    assert "annotator" in stages["label"]["roles"]
    assert "annotator" not in stages["review"]["roles"]


def test_publishing_leaves_audit_and_activity_rows(world: World, signed_in: SignIn, body: Any) -> None:
    post(signed_in(world.noor), world, body)

    with tenant_tx(owner_context(world.parking.id)):
        verbs = list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))
        kinds = list(ActivityEvent.objects.values_list("kind", flat=True))
    assert verbs == ["pipeline.create"]
    assert kinds == ["pipeline.published"]


def test_a_second_version_leaves_the_first_as_it_is(world: World, signed_in: SignIn, body: Any) -> None:
    client: Any = signed_in(world.noor)
    made = post(client, world, body).json()
    path = f"{client.api}/pipelines/{made['id']}/versions"
    second = client.post(path, {"graph": made["version"]["graph"]}, content_type="application/json").json()

    assert second["number"] == 2
    first, kept = made["version"], client.get(path).json()["results"]
    assert [one["number"] for one in kept] == [2, 1]
    assert kept[1]["stages"] == first["stages"]
    assert client.get(f"{client.api}/pipelines/{made['id']}").json()["version"]["number"] == 2


def test_a_bad_graph_is_refused_by_the_stage_and_leaves_nothing(world: World, signed_in: SignIn, body: Any) -> None:
    foreign = body | {"settings": {"deployment": str(uuid4())}}
    answer = post(signed_in(world.noor), world, foreign)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "invalid_graph")
    assert (error["field"], error["details"]) == ("graph.stages[1].settings.deployment", {"stage": "predict"})
    with tenant_tx(owner_context(world.parking.id)):
        assert not Pipeline.objects.exists()
        assert not PipelineVersion.objects.exists()
        assert not Stage.objects.exists()
        assert not AuditEvent.objects.exists()


def test_a_stage_may_only_use_labels_of_the_recipe(world: World, signed_in: SignIn, body: Any) -> None:
    body["settings"]["labels"] = ["car", "tank"]
    error = post(signed_in(world.noor), world, body).json()["error"]

    assert (error["code"], error["details"]) == ("invalid_graph", {"stage": "label"})
    assert "tank" in error["message"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"template": "magic"}, 422, "unknown_template"),
        ({"settings": {}}, 422, "invalid_settings"),
        ({"settings": {"deployment": "x"}}, 422, "invalid_settings"),
        ({"name": " "}, 422, "invalid_name"),
        ({"surprise": 1}, 400, "unknown_field"),
        ({"recipe_version": "00000000-0000-7000-8000-000000000000"}, 422, "recipe_version_not_found"),
    ],
)
def test_what_is_wrong_is_said(world: World, signed_in: SignIn, body: Any, change: Any, status: int, code: str) -> None:
    answer = post(signed_in(world.noor), world, body | change)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_pipeline_needs_a_recipe(world: World, signed_in: SignIn) -> None:
    settings = {"deployment": str(make_deployment(world).pk)}
    answer = post(signed_in(world.noor), world, {"name": "Line", "settings": settings})

    assert answer.json()["error"]["code"] == "recipe_version_not_found"


def test_two_pipelines_of_a_project_have_different_names(world: World, signed_in: SignIn, body: Any) -> None:
    client = signed_in(world.noor)
    assert post(client, world, body).status_code == 201
    assert post(client, world, body).json()["error"]["code"] == "name_taken"


def test_the_vendor_sees_pipelines_but_publishes_none(world: World, signed_in: SignIn, body: Any) -> None:
    made = post(signed_in(world.noor), world, body).json()
    ada: Any = signed_in(world.ada)

    assert ada.get(f"{ada.api}/pipelines/{made['id']}").json() == made
    assert post(ada, world, body).status_code == 403
    versions = f"{ada.api}/pipelines/{made['id']}/versions"
    graph = {"graph": made["version"]["graph"]}
    assert ada.post(versions, graph, content_type="application/json").status_code == 403


def test_a_stranger_cannot_tell_what_exists(world: World, signed_in: SignIn, body: Any) -> None:
    made = post(signed_in(world.noor), world, body).json()
    eve: Any = signed_in(world.eve)

    for path in ("pipelines/{}", "pipelines/{}/versions"):
        real, unknown = (eve.get(f"{eve.api}/{path.format(one)}").json()["error"] for one in (made["id"], uuid4()))
        assert real | {"request_id": ""} == unknown | {"request_id": ""}
        assert real["code"] == "not_found"


def test_a_list_of_versions_costs_the_same_whatever_its_length(
    world: World, signed_in: SignIn, body: Any, django_assert_max_num_queries: Any
) -> None:
    client: Any = signed_in(world.noor)
    made = post(client, world, body).json()
    path = f"{client.api}/pipelines/{made['id']}/versions"
    for _ in range(5):
        client.post(path, {"graph": made["version"]["graph"]}, content_type="application/json")

    with django_assert_max_num_queries(12):
        assert len(client.get(path).json()["results"]) == 6


def checked(client: Any, pipeline: str, graph: Any) -> Any:
    """What a graph would be told."""
    return client.post(f"{client.api}/pipelines/{pipeline}/check", {"graph": graph}, content_type="application/json")


def test_a_sound_graph_is_told_where_its_stages_stand_and_what_they_work_on(
    world: World, signed_in: SignIn, body: Any
) -> None:
    client: Any = signed_in(world.noor)
    made = post(client, world, body).json()
    check = checked(client, made["id"], made["version"]["graph"]).json()

    assert check["faults"] == []
    assert check["version"] == 1
    assert check["units"] == ["item"] * 5
    spots, ways = check["layout"]["spots"], check["layout"]["ways"]
    assert [spot["x"] for spot in spots] == sorted(spot["x"] for spot in spots)
    assert [way["words"] for way in ways] == ["", "", "", "", "Returned"]


def test_a_check_tells_every_fault_and_publishes_nothing(world: World, signed_in: SignIn, body: Any) -> None:
    client: Any = signed_in(world.noor)
    made = post(client, world, body).json()
    graph = made["version"]["graph"]
    graph["stages"][1]["settings"] = {}
    graph["stages"].append({"key": "loose", "kind": "route", "settings": {"rules": []}})
    graph["edges"].append({"from": "loose", "to": "moon", "outcome": "default"})
    check = checked(client, made["id"], graph).json()

    assert {"predict", "loose", "moon"} <= {fault["stage"] for fault in check["faults"]}
    assert check["faults"][0]["field"] == "graph.stages[1].settings"
    assert check["units"] == [None] * 6
    assert check["layout"]["ways"][-1] == {"points": [], "words": "Otherwise", "at": None}
    assert client.get(f"{client.api}/pipelines/{made['id']}").json()["version"]["number"] == 1


def test_a_check_tells_what_the_project_does_not_have(world: World, signed_in: SignIn, body: Any) -> None:
    client: Any = signed_in(world.noor)
    made = post(client, world, body).json()
    graph = made["version"]["graph"]
    graph["stages"][1]["settings"] = {"deployment": str(uuid4())}
    graph["stages"][2]["settings"] = {"labels": ["tank"]}
    check = checked(client, made["id"], graph).json()

    assert [(fault["stage"], fault["field"]) for fault in check["faults"]] == [
        ("predict", "graph.stages[1].settings.deployment"),
        ("label", "graph.stages[2].settings"),
    ]
    assert "tank" in check["faults"][1]["message"]
    assert check["units"] == ["item"] * 5


def test_too_large_a_graph_is_not_drawn(world: World, signed_in: SignIn, body: Any) -> None:
    client: Any = signed_in(world.noor)
    made = post(client, world, body).json()
    stages = [{"key": f"s{number}", "kind": "label"} for number in range(101)]
    answer = checked(client, made["id"], {"stages": stages, "edges": []})

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_graph")


def test_only_publishers_check(world: World, signed_in: SignIn, body: Any) -> None:
    made = post(signed_in(world.noor), world, body).json()

    assert checked(signed_in(world.ada), made["id"], made["version"]["graph"]).status_code == 403
    assert checked(signed_in(world.eve), made["id"], made["version"]["graph"]).status_code == 404


def test_templates_are_listed_with_what_they_need(world: World, signed_in: SignIn) -> None:
    client: Any = signed_in(world.noor)
    found = {one["name"]: one for one in client.get(f"{client.api}/pipelines/templates").json()["results"]}

    assert found["label_only"]["needs"] == []
    assert found["pre_label_and_review"]["needs"] == ["deployment"]
    assert found["pre_label_and_review"]["title"] == "Pre-label and review"
