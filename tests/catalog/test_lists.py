"""A filter finds what it says, in order, page by page, both ways; its pages are short rather than slow."""

from typing import Any

import pytest

from apps.catalog import filters
from apps.catalog.selectors import lists
from apps.catalog.selectors.items import items_found, scope_of
from apps.catalog.selectors.lists import Walk
from apps.core.errors import Refusal
from apps.core.tenancy import owner_context, tenant_tx
from apps.projects.models import Item
from tests import factories
from tests.catalog.test_refreshing import refresh
from tests.people import World


def found(world: World, limit: int = 100, walk: Walk | None = None, **values: str) -> list[str]:
    with tenant_tx(owner_context(world.parking.id)):
        chosen = filters.read_filter(world.project, values)
        items = items_found(scope_of(world.project), chosen, walk, limit).items
    return [item.name for item in items]


def pages(world: World, limit: int, **values: str) -> list[list[str]]:
    """All pages of a filter, however short."""
    gathered: list[list[str]] = []
    place = None
    with tenant_tx(owner_context(world.parking.id)):
        chosen = filters.read_filter(world.project, values)
        while True:
            page = items_found(scope_of(world.project), chosen, Walk(place), limit)
            place = page.stopped_at
            gathered.append([item.name for item in page.items])
            if place is None:
                return gathered


def counted(world: World, **values: str) -> lists.Bounded:
    scope = scope_of(world.project)
    return lists.count(scope, lists.plan_of(scope, filters.read_filter(world.project, values)))


@pytest.fixture
def lots(world: World) -> list[Item]:
    rows = [
        factories.make_item(
            world, f"lot-{n}.jpg", metadata={"camera": "north" if n % 2 else "south"} | ({"n": n} if n > 5 else {})
        )
        for n in range(10)
    ]
    refresh(world)
    return rows


def test_without_a_filter_all_are_there_in_the_order_in_which_they_came(world: World, lots: list[Item]) -> None:
    assert found(world) == [item.name for item in lots]
    assert pages(world, 4) == [[f"lot-{n}.jpg" for n in some] for some in (range(4), range(4, 8), range(8, 10))]


def test_metadata_is_found_by_key_and_by_value(world: World, lots: list[Item]) -> None:
    assert found(world, metadata="camera=north") == [f"lot-{n}.jpg" for n in (1, 3, 5, 7, 9)]
    assert found(world, metadata="n") == [f"lot-{n}.jpg" for n in (6, 7, 8, 9)]
    assert found(world, metadata="n=7") == ["lot-7.jpg"]
    assert found(world, metadata="nothing") == []


def test_a_name_is_found_by_its_beginning_in_the_order_of_names(world: World, lots: list[Item]) -> None:
    factories.make_item(world, "LOT-00.jpg")
    refresh(world)
    assert found(world, name="Lot-0") == ["lot-0.jpg", "LOT-00.jpg"]
    assert pages(world, 3, name="lot")[0] == ["lot-0.jpg", "LOT-00.jpg", "lot-1.jpg"]
    assert sum(pages(world, 3, name="lot"), []) == found(world, name="lot")


@pytest.mark.parametrize("typed", ["ΟΔΟΣ", "οδοσ", "İZMİR", "Straẞe", "ÄRGER"])
def test_a_name_in_any_alphabet_is_found_by_its_beginning(world: World, typed: str) -> None:
    item = factories.make_item(world, f"{typed.upper()} 7.jpg")
    refresh(world)
    assert found(world, name=typed) == [item.name]


def test_two_filters_both_hold(world: World, lots: list[Item]) -> None:
    assert found(world, metadata="camera=south", name="lot-") == [f"lot-{n}.jpg" for n in (0, 2, 4, 6, 8)]


def test_what_two_lists_hold_is_found_however_few_are_looked_at_for_a_page(
    world: World, lots: list[Item], monkeypatch: Any
) -> None:
    monkeypatch.setattr(lists, "LOOKED_AT", 2)  # the sizes of lists are looked at no further, either
    several = pages(world, 2, metadata="camera=south", name="lot-")
    assert sum(several, []) == [f"lot-{n}.jpg" for n in (0, 2, 4, 6, 8)]
    assert len(several) > 3


def test_a_walk_backwards_meets_the_same(world: World, lots: list[Item]) -> None:
    assert found(world, walk=Walk(None, backwards=True)) == [item.name for item in reversed(lots)]
    assert found(world, walk=Walk(None, backwards=True), name="lot") == [item.name for item in reversed(lots)]


def test_a_count_says_when_it_stopped(world: World, lots: list[Item], monkeypatch: Any) -> None:
    monkeypatch.setattr(lists, "COUNTED", 4)
    with tenant_tx(owner_context(world.parking.id)):
        few, many = (counted(world, metadata=key) for key in ("n", "camera"))
    assert (few.number, few.exact) == (4, True)
    assert (many.number, many.exact) == (4, False)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "asleep"},
        {"label": "unicorn"},
        {"predicted": "unicorn"},
        {"model": "nanodet"},
        {"subset": "00000000-0000-7000-8000-000000000000"},
        {"confidence": "0.6-0.3"},
        {"confidence": "0.31-0.6"},
        {"confidence": "high"},
        {"confidence_of": "worst"},
        {"metadata": "=north"},
        {"name": "x\0"},
        {"colour": "red"},
    ],
)
def test_a_value_that_means_nothing_is_refused_with_a_sentence(world: World, values: dict[str, str]) -> None:
    with tenant_tx(owner_context(world.parking.id)), pytest.raises(Refusal) as refused:
        filters.read_filter(world.project, values)
    assert refused.value.status == 400
    assert refused.value.text.endswith(".")
    assert refused.value.field == next(iter(values))
