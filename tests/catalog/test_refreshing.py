"""The facets equal a recount of what they are made from, whatever happened, and however often they are made."""

from typing import Any

from django.core.management import call_command

from apps.catalog.models import Facet, StaleItem
from apps.catalog.services import refreshing
from apps.core.ids import new_id
from apps.core.tenancy import owner_context, tenant_tx
from apps.projects.models import Item
from tests import factories
from tests.conftest import as_worker
from tests.jobs.working import work_off
from tests.people import World


def refresh(world: World) -> int:
    """As the scheduler does it, which knows no organization beforehand."""
    with as_worker():
        return refreshing.refresh_stale()


def terms(world: World, item: Item) -> set[str]:
    with tenant_tx(owner_context(world.parking.id)):
        return set(Facet.objects.filter(item_id=item.pk).values_list("term", flat=True))


def test_a_picture_is_found_by_name_and_metadata_once_its_mark_was_worked_off(world: World) -> None:
    item = factories.make_item(world, "Lot-0417.JPG", metadata={"camera": "north", "night": True, "note": "x" * 400})
    assert terms(world, item) == set()
    refresh(world)
    found = terms(world, item)
    assert {"name=lot-0417.jpg", "has=camera", "meta=camera=north", "meta=night=true", "has=note"} <= found
    assert max(len(term) for term in found) < 250
    with tenant_tx(owner_context(world.parking.id)):
        assert not StaleItem.objects.exists()


def test_the_command_marks_all_and_the_facets_are_made_anew(world: World, capsys: Any) -> None:
    item = factories.make_item(world)
    refresh(world)
    with tenant_tx(owner_context(world.parking.id)):
        Facet.objects.all().delete()
    with as_worker():
        call_command("rebuild_catalog")
    assert "Items marked: 1" in capsys.readouterr().out
    refresh(world)
    assert "name=lot.jpg" in terms(world, item)


def test_more_marks_than_a_batch_are_left_to_a_job(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(refreshing, "BATCH", 2)
    monkeypatch.setattr(refreshing, "BACKLOG", 3)
    items = [factories.make_item(world, f"lot-{n}.jpg") for n in range(7)]
    assert refresh(world) == 2
    work_off()
    assert all(terms(world, item) for item in items)


def test_what_breaks_in_one_project_keeps_no_other_waiting(world: World, monkeypatch: Any, caplog: Any) -> None:
    item = factories.make_item(world)
    with tenant_tx(owner_context(world.parking.id)):
        StaleItem.objects.create(org_id=world.parking.id, project_id=new_id(), item_id=new_id())
    refresh_items = refreshing.refresh_items

    def broken(*, project_id: Any, **rest: Any) -> None:
        if project_id != world.project.pk:
            raise ValueError("broken")
        refresh_items(project_id=project_id, **rest)

    monkeypatch.setattr(refreshing, "refresh_items", broken)
    refresh(world)
    assert terms(world, item)
    assert "were not refreshed" in caplog.text
