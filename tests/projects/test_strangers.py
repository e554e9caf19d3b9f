"""Whoever is not meant to see a project is told what they would be told of nothing at all."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from tests.factories import make_item, make_recipe_version
from tests.people import World

SignIn = Callable[[Member], Client]
ROUTES: list[tuple[str, str, Any]] = [
    ("get", "projects/{project}", None),
    ("patch", "projects/{project}", {"name": "x"}),
    ("delete", "projects/{project}", None),
    ("get", "projects/{project}/datasets", None),
    ("post", "projects/{project}/datasets", {"name": "x"}),
    ("get", "datasets/{dataset}", None),
    ("patch", "datasets/{dataset}", {"name": "x"}),
    ("delete", "datasets/{dataset}", None),
    ("get", "datasets/{dataset}/items", None),
    ("post", "datasets/{dataset}/uploads", None),
    ("get", "items/{item}", None),
    ("patch", "items/{item}", {"name": "x"}),
    ("delete", "items/{item}", None),
    ("get", "items/{item}/image?size=thumb", None),
    ("get", "items/{item}/tiles/0/0/0", None),
    ("get", "projects/{project}/recipes", None),
    ("post", "projects/{project}/recipes", {"name": "x"}),
    ("get", "recipes/{recipe}", None),
    ("get", "recipes/{recipe}/versions", None),
    ("post", "recipes/{recipe}/versions", {"labels": []}),
    ("get", "projects/{project}/pipelines", None),
    ("post", "projects/{project}/pipelines", {"name": "x"}),
]


@pytest.fixture
def known(world: World) -> dict[str, UUID]:
    """Ids that exist, in the customer's organization."""
    version = make_recipe_version(world)
    return {
        "project": world.project.id,
        "dataset": world.dataset.id,
        "item": make_item(world).id,
        "recipe": version.recipe_id,
    }


def ask(client: Any, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    """Status and error, less what differs by request."""
    answer = getattr(client, method)(f"{client.api}/{path}", body, content_type="application/json")
    error = answer.json()["error"]
    del error["request_id"]
    return answer.status_code, error


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_a_stranger_cannot_tell_what_exists(
    world: World, signed_in: SignIn, known: dict[str, UUID], method: str, path: str, body: Any
) -> None:
    eve = signed_in(world.eve)
    unknown = {name: uuid4() for name in known}

    real = ask(eve, method, path.format(**known), body)
    assert real == ask(eve, method, path.format(**unknown), body)
    assert real[0] == 404


@pytest.mark.parametrize(("method", "path", "body"), [route for route in ROUTES if route[0] != "get"])
def test_the_vendor_changes_nothing_of_the_customers(
    world: World, signed_in: SignIn, known: dict[str, UUID], method: str, path: str, body: Any
) -> None:
    status, error = ask(signed_in(world.max), method, path.format(**known), body)

    assert (status, error["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("person", ["ada", "rita", "max", "olga", "noor"])
def test_who_works_on_the_project_reads_it(
    world: World, signed_in: SignIn, known: dict[str, UUID], person: str
) -> None:
    client: Any = signed_in(getattr(world, person))
    for path in ("projects/{project}", "datasets/{dataset}/items", "items/{item}", "recipes/{recipe}"):
        assert client.get(f"{client.api}/{path.format(**known)}").status_code == 200


def test_nobody_signed_in_reads_nothing(world: World, known: dict[str, UUID]) -> None:
    answer = Client().get(f"/api/v1/orgs/parking/items/{known['item']}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "table", ["project", "dataset", "item", "upload", "upload_entry", "recipe", "label", "recipe_version"]
)
def test_the_database_shows_a_stranger_nothing_even_without_a_filter(
    world: World, known: dict[str, UUID], table: str
) -> None:
    with tenant_tx(world.eve.context), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names from the list above
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("path", ["items/abc", "items/100000000000000000000", "datasets/abc/items", "projects/%00"])
def test_an_address_that_is_no_id_is_not_found(world: World, signed_in: SignIn, path: str) -> None:
    client: Any = signed_in(world.noor)

    assert client.get(f"{client.api}/{path}").status_code == 404
