"""Acts on many items: at once or by a job, undone where they can be, refused with a sentence, closed to strangers."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.selectors import Member
from apps.activity.models import AuditEvent
from apps.catalog import selections
from apps.catalog.models import BulkAct, Subset, SubsetItem
from apps.catalog.selectors import lists
from apps.catalog.services import acts, rename_subset
from apps.core.errors import NotFound
from apps.core.tenancy import owner_context, tenant_tx
from apps.jobs.models import Job
from apps.projects.models import Item
from tests import factories
from tests.catalog.test_lists import found
from tests.catalog.test_refreshing import refresh
from tests.jobs.working import work_off
from tests.people import World

Browse = Callable[[Member], Any]


@pytest.fixture
def lots(world: World) -> list[Item]:
    rows = [factories.make_item(world, f"lot-{n}.jpg", metadata={"camera": "north"}) for n in range(6)]
    refresh(world)
    return rows


def act(browser: Any, world: World, **body: Any) -> Any:
    address = f"{browser.api}/projects/{world.project.pk}/bulk_acts"
    return browser.post(address, body, content_type="application/json")


def chosen(items: list[Item]) -> dict[str, Any]:
    return {"items": [str(item.pk) for item in items]}


def subset_of(browser: Any, world: World, name: str = "Night") -> str:
    address = f"{browser.api}/projects/{world.project.pk}/subsets"
    answer = browser.post(address, {"name": name}, content_type="application/json")
    assert answer.status_code == 201
    return str(answer.json()["id"])


def test_pictures_are_put_into_a_subset_found_there_at_once_and_taken_out(
    world: World, signed_in: Browse, lots: list[Item]
) -> None:
    noor = signed_in(world.noor)
    subset = subset_of(noor, world)
    answer = act(noor, world, act="add_to_subset", subset=subset, selection=chosen(lots[:3]))
    assert (answer.status_code, answer.json()["changed"]) == (201, 3)
    assert found(world, subset=subset) == ["lot-0.jpg", "lot-1.jpg", "lot-2.jpg"]
    assert act(noor, world, act="add_to_subset", subset=subset, selection=chosen(lots[:4])).json()["changed"] == 1
    assert act(noor, world, act="remove_from_subset", subset=subset, selection=chosen(lots)).json()["changed"] == 4
    assert found(world, subset=subset) == []
    with tenant_tx(world.noor.context):
        assert AuditEvent.objects.filter(verb="bulk_act.add_to_subset").count() == 2


def test_metadata_is_set_and_removed_and_the_rest_stays(world: World, signed_in: Browse, lots: list[Item]) -> None:
    noor = signed_in(world.noor)
    metadata = {"set": {"night": True, "n": 3}, "unset": ["camera"]}
    assert act(noor, world, act="set_metadata", metadata=metadata, selection=chosen(lots[:2])).json()["changed"] == 2
    assert found(world, metadata="night=true") == ["lot-0.jpg", "lot-1.jpg"]
    assert found(world, metadata="camera") == [f"lot-{n}.jpg" for n in range(2, 6)]
    with tenant_tx(world.noor.context):
        assert Item.objects.get(pk=lots[0].pk).metadata == {"night": True, "n": 3}


def test_deleted_pictures_are_gone_at_once_and_come_back_when_undone(
    world: World, signed_in: Browse, lots: list[Item]
) -> None:
    noor = signed_in(world.noor)
    answer = act(noor, world, act="delete", selection=chosen(lots[:2])).json()
    assert found(world) == [f"lot-{n}.jpg" for n in range(2, 6)]
    assert found(world, metadata="camera") == [f"lot-{n}.jpg" for n in range(2, 6)]
    undone = noor.delete(f"{noor.api}/bulk_acts/{answer['id']}")
    assert (undone.status_code, undone.json()["undone_at"] is not None) == (200, True)
    assert len(found(world, metadata="camera")) == 6
    assert noor.delete(f"{noor.api}/bulk_acts/{answer['id']}").json()["error"]["code"] == "cannot_be_undone"


def test_all_that_match_and_are_many_are_left_to_a_job(
    world: World, signed_in: Browse, lots: list[Item], monkeypatch: Any
) -> None:
    monkeypatch.setattr(acts, "AT_ONCE", 2)
    noor = signed_in(world.noor)
    selection = {"filter": {"metadata": "camera=north"}, "dataset": str(world.dataset.pk)}
    answer = act(noor, world, act="delete", selection=selection)
    assert (answer.status_code, answer.json()["changed"]) == (202, 0)
    late = factories.make_item(world, "late.jpg", metadata={"camera": "north"})
    refresh(world)
    work_off()
    assert found(world) == [late.name]
    assert noor.get(f"{noor.api}/bulk_acts/{answer.json()['id']}").json()["changed"] == 6
    assert noor.delete(f"{noor.api}/bulk_acts/{answer.json()['id']}").status_code == 202
    work_off()
    assert len(found(world)) == 7


def test_all_that_match_are_reached_although_the_first_page_of_them_is_short(
    world: World, signed_in: Browse, lots: list[Item], monkeypatch: Any
) -> None:
    for name in ("lot-00.jpg", "lot-9.jpg"):
        factories.make_item(world, name, metadata={"camera": "south"})
    refresh(world)
    monkeypatch.setattr(lists, "LOOKED_AT", 3)  # the second of the two stands beyond them
    noor = signed_in(world.noor)
    selection = {"filter": {"metadata": "camera=south", "name": "lot-"}}
    answer = act(noor, world, act="delete", selection=selection)
    assert answer.status_code == 202
    work_off()
    assert found(world) == [item.name for item in lots]


def test_an_act_that_is_undone_while_it_is_under_way_goes_no_further(
    world: World, signed_in: Browse, lots: list[Item], monkeypatch: Any
) -> None:
    monkeypatch.setattr(acts, "AT_ONCE", 2)
    monkeypatch.setattr(selections, "CHUNK", 2)
    noor = signed_in(world.noor)
    made = act(noor, world, act="delete", selection=chosen(lots)).json()["id"]

    def undo(seen: int) -> None:
        if seen == 2:  # the job hears of it within seconds only, and the undo is quicker
            assert noor.delete(f"{noor.api}/bulk_acts/{made}").status_code == 202
            work_off()

    acts.carry_out(context=owner_context(world.parking.id), act_id=made, progress=undo)
    assert found(world) == [item.name for item in lots]


def test_an_undo_that_was_broken_off_can_be_asked_for_again(
    world: World, signed_in: Browse, lots: list[Item], monkeypatch: Any
) -> None:
    monkeypatch.setattr(acts, "AT_ONCE", 2)
    noor = signed_in(world.noor)
    made = act(noor, world, act="delete", selection=chosen(lots)).json()["id"]
    work_off()
    undo = noor.delete(f"{noor.api}/bulk_acts/{made}").json()["job"]
    assert noor.delete(f"{noor.api}/bulk_acts/{made}").status_code == 409
    assert noor.delete(f"{noor.api}/jobs/{undo}").status_code == 204
    assert noor.delete(f"{noor.api}/bulk_acts/{made}").status_code == 202
    work_off()
    assert found(world) == [item.name for item in lots]


def test_a_subset_that_is_deleted_while_a_job_fills_it_ends_the_job_with_a_sentence(
    world: World, signed_in: Browse, lots: list[Item], monkeypatch: Any
) -> None:
    monkeypatch.setattr(acts, "AT_ONCE", 2)
    noor = signed_in(world.noor)
    subset = subset_of(noor, world)
    job = act(noor, world, act="add_to_subset", subset=subset, selection=chosen(lots)).json()["job"]
    noor.delete(f"{noor.api}/subsets/{subset}")
    work_off()
    with tenant_tx(world.noor.context):
        assert Job.objects.get(pk=job).error_code == "subset_gone"
        assert not SubsetItem.objects.exists()


def test_all_that_match_and_are_few_are_done_at_once(world: World, signed_in: Browse, lots: list[Item]) -> None:
    noor = signed_in(world.noor)
    answer = act(noor, world, act="delete", selection={"filter": {"name": "lot-3"}})
    assert (answer.status_code, answer.json()["changed"]) == (201, 1)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"act": "delete", "selection": {}}, 422, "empty_selection"),
        ({"act": "delete", "selection": {"items": []}}, 422, "empty_selection"),
        ({"act": "delete", "selection": {"filter": {"name": "zzz"}}}, 422, "empty_selection"),
        ({"act": "delete", "selection": {"filter": {"state": "asleep"}}}, 400, "unknown_value"),
        ({"act": "delete", "selection": {"filter": {"colour": "red"}}}, 400, "unknown_filter"),
        ({"act": "set_metadata", "selection": {"filter": {}}}, 422, "invalid_metadata"),
        ({"act": "add_to_subset", "selection": {"filter": {}}}, 404, "not_found"),
        ({"act": "paint", "selection": {"filter": {}}}, 422, "invalid_value"),
        ({"act": "delete", "selection": {"items": ["00000000-0000-7000-8000-000000000000"]}}, 404, "not_found"),
    ],
)
def test_what_cannot_be_done_is_refused(
    world: World, signed_in: Browse, lots: list[Item], body: dict[str, Any], status: int, code: str
) -> None:
    answer = act(signed_in(world.noor), world, **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    with tenant_tx(world.noor.context):
        assert Item.objects.filter(deleted_at=None).count() == 6


def test_only_the_owners_builders_act(world: World, signed_in: Browse, lots: list[Item]) -> None:
    body = {"act": "delete", "selection": chosen(lots)}
    statuses = {
        name: act(signed_in(getattr(world, name)), world, **body).status_code
        for name in ("olga", "max", "ada", "rita", "eve")
    }
    assert statuses == {"olga": 403, "max": 403, "ada": 403, "rita": 403, "eve": 404}


def test_a_foreign_subset_or_act_is_not_there(world: World, signed_in: Browse, lots: list[Item]) -> None:
    noor, eve = signed_in(world.noor), signed_in(world.eve)
    subset = subset_of(noor, world)
    made = act(noor, world, act="delete", selection=chosen(lots[:1])).json()["id"]
    for path in (f"subsets/{subset}", f"bulk_acts/{made}"):
        foreign, random = (
            eve.delete(f"{eve.api}/{one}").json()["error"]
            for one in (path, f"{path.split('/')[0]}/00000000-0000-7000-8000-000000000000")
        )
        assert foreign["code"] == "not_found"
        assert {**foreign, "request_id": ""} == {**random, "request_id": ""}


def test_a_subset_that_is_deleted_meanwhile_is_not_renamed(world: World, signed_in: Browse, lots: list[Item]) -> None:
    noor = signed_in(world.noor)
    subset = subset_of(noor, world)
    with tenant_tx(world.noor.context):
        stale = Subset.objects.get()
    noor.delete(f"{noor.api}/subsets/{subset}")
    with tenant_tx(world.noor.context), pytest.raises(NotFound):
        rename_subset(subset=stale, name="Day")


def test_a_subset_is_renamed_and_deleted_and_its_pictures_stay(
    world: World, signed_in: Browse, lots: list[Item]
) -> None:
    noor = signed_in(world.noor)
    subset, other = subset_of(noor, world), subset_of(noor, world, "Day")
    act(noor, world, act="add_to_subset", subset=subset, selection=chosen(lots))
    address = f"{noor.api}/subsets/{subset}"
    assert noor.patch(address, {"name": "Day"}, content_type="application/json").status_code == 422
    assert noor.patch(address, {"name": "Dusk"}, content_type="application/json").json()["name"] == "Dusk"
    listed = noor.get(f"{noor.api}/projects/{world.project.pk}/subsets").json()["results"]
    assert [row["name"] for row in listed] == ["Dusk", "Day"]
    assert noor.delete(address).status_code == 204
    with tenant_tx(world.noor.context):
        assert [str(row.pk) for row in Subset.objects.all()] == [other]
        assert not SubsetItem.objects.exists()
        assert BulkAct.objects.count() == 1
    assert len(found(world)) == 6
