"""Items: what people may change of them, and how they are listed."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.accounts.selectors import Member
from apps.activity.models import AuditEvent
from apps.core.tenancy import owner_context, tenant_tx
from tests.factories import make_item
from tests.people import World

SignIn = Callable[[Member], Client]


def patch(client: Any, item_id: Any, body: Any, etag: str | None = None) -> Any:
    """Edit with the ETag just read."""
    path = f"{client.api}/items/{item_id}"
    headers = {"If-Match": etag or client.get(path)["ETag"]}
    return client.patch(path, body, content_type="application/json", headers=headers)


def test_an_item_is_described(world: World, signed_in: SignIn) -> None:
    client: Any = signed_in(world.noor)
    item, group = make_item(world), str(uuid4())
    answer = patch(client, item.id, {"name": "Lot 7", "metadata": {"site": "north"}, "group_id": group, "position": 3})

    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["name"], shown["metadata"], shown["group_id"], shown["position"]) == (
        "Lot 7",
        {"site": "north"},
        group,
        3,
    )
    cleared = patch(client, item.id, {"group_id": None}).json()
    assert (cleared["group_id"], cleared["name"]) == (None, "Lot 7")
    with tenant_tx(owner_context(world.parking.id)):
        event = AuditEvent.objects.earliest("id")
    assert (event.verb, event.object_id) == ("item.edit", item.id)
    assert event.before != event.after


def test_a_stale_edit_is_refused(world: World, signed_in: SignIn) -> None:
    client: Any = signed_in(world.noor)
    item = make_item(world)
    etag = client.get(f"{client.api}/items/{item.id}")["ETag"]
    patch(client, item.id, {"name": "Newer"}, etag)

    assert patch(client, item.id, {"name": "Stale"}, etag).status_code == 412


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": ""}, 422, "invalid_name"),
        ({"position": -1}, 422, "invalid_position"),
        ({"position": 2**31}, 422, "invalid_position"),
        ({"position": 10**30}, 422, "invalid_value"),
        ({"metadata": {"x": "y" * 20_000}}, 422, "metadata_too_large"),
        ({"metadata": []}, 422, "invalid_value"),
        ({"group_id": "x"}, 422, "invalid_value"),
        ({"width": 5}, 400, "unknown_field"),
        ('{"metadata": {"a": NaN}}', 400, "invalid_json"),
        ('{"metadata": {"a": 1e400}}', 422, "invalid_value"),
        ('{"metadata": {"a": "\\u0000"}}', 400, "invalid_text"),
    ],
)
def test_what_is_wrong_is_said(world: World, signed_in: SignIn, body: Any, status: int, code: str) -> None:
    answer = patch(signed_in(world.noor), make_item(world).id, body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_deleted_item_is_gone_at_once(world: World, signed_in: SignIn) -> None:
    client: Any = signed_in(world.noor)
    item = make_item(world)

    assert client.delete(f"{client.api}/items/{item.id}").status_code == 204
    assert client.get(f"{client.api}/items/{item.id}").status_code == 404
    assert client.get(f"{client.api}/datasets/{world.dataset.id}/items").json()["results"] == []


def test_items_are_paged_both_ways(world: World, signed_in: SignIn, django_assert_max_num_queries: Any) -> None:
    client: Any = signed_in(world.ada)
    names = [make_item(world, f"{number:02}.jpg").name for number in range(7)]
    path = f"{client.api}/datasets/{world.dataset.id}/items"

    with django_assert_max_num_queries(12):
        first = client.get(f"{path}?limit=3").json()
    second = client.get(f"{path}?limit=3&cursor={first['next']}").json()
    third = client.get(f"{path}?limit=3&cursor={second['next']}").json()
    shown = [item["name"] for page in (first, second, third) for item in page["results"]]
    assert shown == sorted(names)
    assert (first["previous"], third["next"]) == (None, None)
    assert client.get(f"{path}?limit=3&cursor={second['previous']}").json()["results"] == first["results"]
