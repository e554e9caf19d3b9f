"""Projects and datasets: who makes, sees and edits them, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.selectors import Member
from apps.activity.models import AuditEvent
from apps.core.tenancy import owner_context, tenant_tx
from apps.projects.models import Project
from tests.people import World

SignIn = Callable[[Member], Client]


def send(client: Any, method: str, path: str, body: Any, **headers: str) -> Any:
    """A JSON request below the organization."""
    return getattr(client, method)(client.api + path, body, content_type="application/json", headers=headers)


def verbs_of(world: World) -> list[str]:
    """What the customer's audit log says, in order."""
    with tenant_tx(owner_context(world.parking.id)):
        return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def test_an_engineer_makes_a_project_with_a_first_dataset(world: World, signed_in: SignIn) -> None:
    client: Any = signed_in(world.noor)
    answer = send(client, "post", "/projects", {"name": " Cars ", "description": "Lots"})

    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["description"]) == ("Cars", "Lots")
    datasets = client.get(f"{client.api}/projects/{answer.json()['id']}/datasets").json()["results"]
    assert [dataset["name"] for dataset in datasets] == ["Pictures"]
    assert verbs_of(world) == ["project.create"]


def test_projects_are_listed_newest_first_for_their_owner_and_the_engaged(world: World, signed_in: SignIn) -> None:
    noor: Any = signed_in(world.noor)
    send(noor, "post", "/projects", {"name": "Newer"})

    names = [project["name"] for project in noor.get(f"{noor.api}/projects").json()["results"]]
    assert names == ["Newer", "Car models"]
    for person, expected in ((world.ada, ["Car models"]), (world.eve, [])):
        client: Any = signed_in(person)
        assert [one["name"] for one in client.get(f"{client.api}/projects").json()["results"]] == expected


@pytest.mark.parametrize("kind", ["projects", "datasets"])
def test_editing_needs_the_etag_that_was_read(world: World, signed_in: SignIn, kind: str) -> None:
    client: Any = signed_in(world.noor)
    path = f"/{kind}/{world.project.id if kind == 'projects' else world.dataset.id}"
    etag = client.get(client.api + path)["ETag"]

    assert send(client, "patch", path, {"name": "B"}).status_code == 428
    assert send(client, "patch", path, {"name": "B"}, **{"If-Match": "*"}).status_code == 400
    renamed = send(client, "patch", path, {"name": "B"}, **{"If-Match": etag})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "B")
    stale = send(client, "patch", path, {"name": "C"}, **{"If-Match": etag})
    assert stale.status_code == 412
    assert stale["ETag"] == renamed["ETag"] == client.get(client.api + path)["ETag"]
    assert verbs_of(world) == [f"{kind[:-1]}.edit"]


def test_a_deleted_project_takes_all_it_holds_with_it(world: World, signed_in: SignIn) -> None:
    noor: Any = signed_in(world.noor)
    assert noor.delete(f"{noor.api}/projects/{world.project.id}").status_code == 403
    _promote_to_manager(world)

    assert noor.delete(f"{noor.api}/projects/{world.project.id}").status_code == 204
    for path in (f"projects/{world.project.id}", f"datasets/{world.dataset.id}"):
        assert noor.get(f"{noor.api}/{path}").status_code == 404
    with tenant_tx(owner_context(world.parking.id)):
        assert Project.objects.get().deleted_at
    assert verbs_of(world) == ["project.delete"]


def _promote_to_manager(world: World) -> None:
    from apps.accounts.models import Membership  # noqa: PLC0415 - only this test changes a role

    with tenant_tx(owner_context(world.parking.id)):
        Membership.objects.filter(user_id=world.noor.id).update(role="manager")


def test_a_deleted_datasets_name_is_free_again(world: World, signed_in: SignIn) -> None:
    client: Any = signed_in(world.noor)
    datasets = f"/projects/{world.project.id}/datasets"

    taken = send(client, "post", datasets, {"name": "Autumn lots"})
    assert (taken.status_code, taken.json()["error"]["code"]) == (422, "name_taken")
    assert client.delete(f"{client.api}/datasets/{world.dataset.id}").status_code == 204
    assert client.get(f"{client.api}/datasets/{world.dataset.id}/items").status_code == 404
    assert send(client, "post", datasets, {"name": "Autumn lots"}).status_code == 201


def test_a_dataset_keeps_its_name_when_saved_again(world: World, signed_in: SignIn) -> None:
    client: Any = signed_in(world.noor)
    path = f"/datasets/{world.dataset.id}"
    etag = client.get(client.api + path)["ETag"]

    assert send(client, "patch", path, {"name": "Autumn lots"}, **{"If-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid_value"),
        ({"name": 5}, 422, "invalid_value"),
        ({"name": "   "}, 422, "invalid_name"),
        ({"name": "a\u202eb"}, 422, "invalid_name"),
        ({"name": "x" * 201}, 422, "invalid_name"),
        ({"name": "x", "description": "y" * 5001}, 422, "description_too_long"),
        ({"name": "x", "org_id": "1", "accepted": True}, 400, "unknown_field"),
        ("not json", 400, "invalid_json"),
        ('{"name": "a\\u0000"}', 400, "invalid_text"),
        ('{"name": "\\ud800"}', 400, "invalid_text"),
        ('{"name": "a", "name": "b"}', 400, "duplicate_key"),
    ],
)
def test_what_is_wrong_with_a_project_is_said(
    world: World, signed_in: SignIn, body: Any, status: int, code: str
) -> None:
    answer = send(signed_in(world.noor), "post", "/projects", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "limit=x", "offset=100", "name__regex=((("])
def test_a_bad_page_is_refused(world: World, signed_in: SignIn, query: str) -> None:
    client: Any = signed_in(world.noor)
    for path in ("projects", f"projects/{world.project.id}/datasets", f"datasets/{world.dataset.id}/items"):
        assert client.get(f"{client.api}/{path}?{query}").status_code in {400, 422}


def test_a_form_sent_where_json_is_expected_is_refused(world: World, signed_in: SignIn) -> None:
    client: Any = signed_in(world.noor)
    answer = client.post(f"{client.api}/projects", {"name": "x"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_lists_cost_the_same_whatever_their_length(
    world: World, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client: Any = signed_in(world.noor)
    for number in range(12):
        send(client, "post", "/projects", {"name": f"P{number}"})
        send(client, "post", f"/projects/{world.project.id}/datasets", {"name": f"D{number}"})

    for path in ("projects", f"projects/{world.project.id}/datasets"):
        with django_assert_max_num_queries(11):
            assert len(client.get(f"{client.api}/{path}").json()["results"]) == 13
