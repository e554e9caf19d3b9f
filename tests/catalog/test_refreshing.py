"""The facets equal a recount of what they are made from, whatever happened, and however often they are made."""

from apps.catalog.models import Facet, StaleItem
from apps.catalog.services.refreshing import refresh_stale
from apps.core.tenancy import owner_context, tenant_tx
from apps.projects.models import Item
from tests import factories
from tests.conftest import as_worker
from tests.people import World


def refresh(world: World) -> int:
    """As the scheduler does it, which knows no organization beforehand."""
    with as_worker():
        return refresh_stale()


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
