"""Recipes: versions never change, labels keep their identity, and what is wrong is said with its place."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.selectors import Member
from apps.activity.models import ActivityEvent, AuditEvent
from apps.core.tenancy import owner_context, tenant_tx
from apps.recipes.models import Label, RecipeVersion
from tests.people import World

SignIn = Callable[[Member], Client]
CAR = {"name": "car", "title": "Car", "color": 3, "key": "1"}
VAN = {"name": "van", "title": "Van", "color": 4, "key": "2"}


@pytest.fixture
def noor(world: World, signed_in: SignIn) -> Any:
    """The customer's engineer, who may publish."""
    return signed_in(world.noor)


@pytest.fixture
def recipe(world: World, noor: Any) -> str:
    """The address of an empty recipe, below the organization."""
    answer = noor.post(
        f"{noor.api}/projects/{world.project.id}/recipes", {"name": "Cars"}, content_type="application/json"
    )
    assert answer.status_code == 201
    return f"/recipes/{answer.json()['id']}"


def publish(client: Any, recipe: str, *labels: dict[str, Any], **more: Any) -> Any:
    """Post a version."""
    body = {"labels": list(labels), **more}
    return client.post(f"{client.api}{recipe}/versions", body, content_type="application/json")


def test_a_version_is_published_with_its_labels_in_order(noor: Any, recipe: str) -> None:
    colour = {"name": "colour", "type": "select", "options": ["red", "blue"], "default": "red", "required": True}
    answer = publish(
        noor, recipe, {**CAR, "geometry": ["box"], "attributes": [colour]}, VAN, instructions="Draw tight."
    )

    assert answer.status_code == 201
    version = answer.json()
    assert (version["number"], version["instructions"]) == (1, "Draw tight.")
    car, van = version["labels"]
    assert (car["name"], car["geometry"], car["color"], car["key"]) == ("car", ["box"], 3, "1")
    assert van["geometry"] == ["box", "polygon"]
    assert car["attributes"][0]["title"] == "colour"
    assert noor.get(f"{noor.api}{recipe}").json()["version"] == version


def test_a_label_keeps_its_identity_while_its_title_changes(world: World, noor: Any, recipe: str) -> None:
    first = publish(noor, recipe, CAR, VAN).json()
    second = publish(noor, recipe, {**VAN, "title": "Delivery van"}, {"name": "bus"}).json()
    third = publish(noor, recipe, CAR).json()

    ids = {label["name"]: label["id"] for label in first["labels"]}
    assert second["labels"][0]["id"] == ids["van"]
    assert third["labels"][0]["id"] == ids["car"]
    assert third["number"] == 3
    with tenant_tx(owner_context(world.parking.id)):
        assert Label.objects.count() == 3
        kept = RecipeVersion.objects.get(number=1)
    assert [label["title"] for label in kept.labels] == ["Car", "Van"]


def test_publishing_leaves_audit_and_activity_rows(world: World, noor: Any, recipe: str) -> None:
    publish(noor, recipe, CAR)

    with tenant_tx(owner_context(world.parking.id)):
        verbs = list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))
        assert ActivityEvent.objects.get().kind == "recipe.published"
    assert verbs == ["recipe.create", "recipe.publish"]


def test_names_are_text_and_nothing_more(noor: Any, recipe: str) -> None:
    names = ["<img src=x onerror=alert(1)>", "{{7*7}}", "__proto__", "constructor", "Größe"]
    answer = publish(noor, recipe, *({"name": name} for name in names))

    assert [label["name"] for label in answer.json()["labels"]] == names


@pytest.mark.parametrize(
    ("labels", "code", "field"),
    [
        ([], "too_many_labels", "labels"),
        ([{"name": f"l{number}"} for number in range(501)], "too_many_labels", "labels"),
        ([CAR, {"name": "CAR"}], "duplicate_label", "labels[1].name"),
        ([{"name": "caf\u00e9"}, {"name": "cafe\u0301"}], "duplicate_label", "labels[1].name"),
        ([CAR, {**VAN, "key": "1"}], "duplicate_key", "labels[1].key"),
        ([{**CAR, "key": "x"}], "invalid_label", "labels[0].key"),
        ([{**CAR, "color": 21}], "invalid_label", "labels[0].color"),
        ([{**CAR, "geometry": []}], "invalid_label", "labels[0].geometry"),
        ([{**CAR, "geometry": ["cuboid"]}], "invalid_value", "labels[0].geometry[0]"),
        ([{"name": " "}], "invalid_name", "labels[0].name"),
        ([{"name": "a\u202eb"}], "invalid_name", "labels[0].name"),
        ([{"name": "x" * 101}], "invalid_name", "labels[0].name"),
    ],
)
def test_a_wrong_label_is_named_by_its_place(noor: Any, recipe: str, labels: Any, code: str, field: str) -> None:
    answer = publish(noor, recipe, *labels)

    assert answer.status_code == 422
    assert (answer.json()["error"]["code"], answer.json()["error"]["field"]) == (code, field)


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ([{"name": "a", "type": "select", "options": ["one"]}], "options"),
        ([{"name": "a", "type": "select", "options": ["one", "ONE"]}], "options"),
        ([{"name": "a", "type": "text", "options": ["one", "two"]}], "options"),
        ([{"name": "a", "type": "select", "options": ["one", "two"], "default": "three"}], "default"),
        ([{"name": "a", "type": "checkbox", "default": "yes"}], "default"),
        ([{"name": "a", "type": "number", "default": True}], "default"),
        ([{"name": "a", "type": "text", "default": 5}], "default"),
    ],
)
def test_a_wrong_attribute_is_named_by_its_place(noor: Any, recipe: str, attributes: Any, field: str) -> None:
    error = publish(noor, recipe, {**CAR, "attributes": attributes}).json()["error"]

    assert (error["code"], error["field"]) == ("invalid_attribute", f"labels[0].attributes[0].{field}")


def test_two_attributes_of_a_label_have_different_names(noor: Any, recipe: str) -> None:
    twice = [{"name": "a", "type": "text"}, {"name": "A", "type": "checkbox"}]
    error = publish(noor, recipe, {**CAR, "attributes": twice}).json()["error"]

    assert error["field"] == "labels[0].attributes[1].name"


def test_a_labels_name_never_changes(noor: Any, recipe: str) -> None:
    car = publish(noor, recipe, CAR).json()["labels"][0]

    renamed = publish(noor, recipe, {**CAR, "id": car["id"], "name": "automobile"}).json()["error"]
    assert (renamed["code"], renamed["field"]) == ("label_renamed", "labels[0].name")
    other_case = publish(noor, recipe, {"name": "Car"}).json()["error"]
    assert (other_case["code"], other_case["field"]) == ("duplicate_label", "labels[0].name")
    assert "label car" in other_case["message"]


def test_two_recipes_of_a_project_have_different_names(world: World, noor: Any, recipe: str) -> None:
    again = noor.post(
        f"{noor.api}/projects/{world.project.id}/recipes", {"name": "Cars "}, content_type="application/json"
    )

    assert (again.status_code, again.json()["error"]["code"]) == (422, "name_taken")


def test_instructions_have_an_end(noor: Any, recipe: str) -> None:
    answer = publish(noor, recipe, CAR, instructions="x" * 50_001)

    assert answer.json()["error"]["code"] == "instructions_too_long"


def test_the_vendor_reads_recipes_but_publishes_none(world: World, noor: Any, recipe: str, signed_in: SignIn) -> None:
    version = publish(noor, recipe, CAR).json()
    ada: Any = signed_in(world.ada)

    assert ada.get(f"{ada.api}{recipe}/versions").json()["results"] == [version]
    assert publish(ada, recipe, CAR).status_code == 403
