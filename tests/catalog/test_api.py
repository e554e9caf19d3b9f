"""The items of a project and saved views over HTTP: pages both ways, counts, refusals, strangers."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.selectors import Member
from apps.core.tenancy import owner_context, tenant_tx
from apps.projects.models import Dataset, Item
from tests import factories
from tests.catalog.test_refreshing import refresh
from tests.people import World

Browse = Callable[[Member], Any]


@pytest.fixture
def lots(world: World) -> list[Item]:
    rows = [factories.make_item(world, f"lot-{n}.jpg", metadata={"even": n % 2 == 0}) for n in range(7)]
    refresh(world)
    return rows


def ask(browser: Any, world: World, **query: Any) -> Any:
    return browser.get(f"{browser.api}/projects/{world.project.pk}/items", query)


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["item"]["name"] for row in answer.json()["results"]]


@pytest.mark.parametrize("chosen", [{}, {"metadata": "even=true"}, {"name": "lot"}, {"name": "l", "metadata": "even"}])
def test_pages_lead_forth_and_back(world: World, signed_in: Browse, lots: list[Item], chosen: dict[str, str]) -> None:
    noor = signed_in(world.noor)
    everything = names(ask(noor, world, **chosen))
    forth: list[list[str]] = []
    answer = ask(noor, world, limit=2, **chosen)
    while True:
        forth.append(names(answer))
        cursor, back = answer.json()["next"], answer.json()["previous"]
        if cursor is None:
            break
        answer = ask(noor, world, limit=2, cursor=cursor, **chosen)
    assert sum(forth, []) == everything
    assert all(len(page) == 2 for page in forth[:-1])
    for page in reversed(forth[:-1]):
        answer = ask(noor, world, limit=2, cursor=back, **chosen)
        assert names(answer) == page
        assert answer.json()["next"]
        back = answer.json()["previous"]


def test_the_state_comes_with_the_items_and_the_count_when_asked(
    world: World, signed_in: Browse, lots: list[Item]
) -> None:
    factories.make_unit(world, factories.make_run(world), lots[0], "accepted")
    refresh(world)
    noor = signed_in(world.noor)
    answer = ask(noor, world, state="accepted", count="true").json()
    assert [row["state"] for row in answer["results"]] == ["accepted"]
    assert answer["total"] == {"number": 1, "exact": True}
    assert ask(noor, world, state="none").json()["total"] is None
    assert len(names(ask(noor, world, state="none,accepted"))) == 7


def test_only_the_named_dataset_is_listed(world: World, signed_in: Browse, lots: list[Item]) -> None:
    with tenant_tx(owner_context(world.parking.id)):
        other = Dataset.objects.create(org_id=world.parking.id, project=world.project, name="Other")
        Item.objects.filter(pk=lots[2].pk).update(dataset=other)
    refresh(world)
    noor = signed_in(world.noor)
    assert names(ask(noor, world, dataset=str(other.pk))) == ["lot-2.jpg"]
    assert names(ask(noor, world, dataset=str(other.pk), metadata="even=true")) == ["lot-2.jpg"]
    assert "lot-2.jpg" not in names(ask(noor, world, dataset=str(world.dataset.pk), name="lot"))
    assert names(ask(noor, world, metadata="even=true")) == [f"lot-{n}.jpg" for n in (0, 2, 4, 6)]
    assert ask(noor, world, dataset=str(world.project.pk)).status_code == 404


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"colour": "red"}, 400, "colour"),
        ({"state": "asleep"}, 400, "state"),
        ({"confidence": "high"}, 400, "confidence"),
        ({"cursor": "nonsense"}, 400, "cursor"),
        ({"limit": "0"}, 400, "limit"),
        ({"limit": "many"}, 400, "limit"),
        ({"count": "perhaps"}, 422, "count"),
    ],
)
def test_what_is_not_understood_is_refused(
    world: World, signed_in: Browse, query: dict[str, str], status: int, field: str
) -> None:
    answer = ask(signed_in(world.noor), world, **query)
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)


def test_a_vendor_lists_what_is_shared_and_a_stranger_nothing(
    world: World, signed_in: Browse, lots: list[Item]
) -> None:
    assert len(names(ask(signed_in(world.ada), world, metadata="even"))) == 7
    assert ask(signed_in(world.eve), world).status_code == 404


def test_views_are_kept_by_each_and_shared_within_an_organization(world: World, signed_in: Browse) -> None:
    noor, olga, max_ = (signed_in(one) for one in (world.noor, world.olga, world.max))
    address = f"{noor.api}/projects/{world.project.pk}/saved_views"
    body = {"name": "Even", "filter": {"metadata": "even=true"}, "shared": True}
    made = noor.post(address, body, content_type="application/json")
    assert made.status_code == 201
    one = f"{noor.api}/saved_views/{made.json()['id']}"
    assert noor.post(address, body, content_type="application/json").json()["error"]["code"] == "name_taken"
    assert [row["mine"] for row in olga.get(address).json()["results"]] == [False]
    assert olga.patch(one, {"shared": False}, content_type="application/json").status_code == 403
    assert olga.delete(one).status_code == 403
    assert max_.get(f"{max_.api}/projects/{world.project.pk}/saved_views").json()["results"] == []
    assert max_.get(f"{max_.api}/saved_views/{made.json()['id']}").status_code == 404
    changed = noor.patch(one, {"name": "All", "filter": {}, "shared": False}, content_type="application/json").json()
    assert (changed["name"], changed["filter"], changed["shared"]) == ("All", {}, False)
    assert olga.get(one).status_code == 404
    assert noor.delete(one).status_code == 204
    assert noor.get(one).status_code == 404


def test_a_view_of_a_filter_that_means_nothing_is_refused(world: World, signed_in: Browse) -> None:
    noor = signed_in(world.noor)
    address = f"{noor.api}/projects/{world.project.pk}/saved_views"
    answer = noor.post(address, {"name": "X", "filter": {"state": "asleep"}}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unknown_value")
