"""Everybody finds by name what they may see, and nothing else."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.selectors import Member
from apps.core.search import beginnings, clean
from tests.look.filled import fill
from tests.people import World


def found(browser: Any, words: str) -> dict[str, list[str]]:
    answer = browser.get(f"{browser.api}/search", {"q": words})
    assert answer.status_code == 200, answer.content
    return {one["kind"]: [hit["title"] for hit in one["hits"]] for one in answer.json()["results"]}


@pytest.fixture
def full(world: World) -> World:
    fill(world)
    return world


def test_things_are_found_by_name(full: World, signed_in: Any) -> None:
    noor = signed_in(full.noor)
    assert found(noor, "car") == {"project": ["Car models"], "label": ["car"]} | _only(found(noor, "car"), "export")
    assert found(noor, "autumn")["dataset"] == ["Autumn lots"]
    assert found(noor, "LOT-0001")["item"] == ["lot-0001.jpg"]
    assert found(noor, "lot-0001")["task"] == ["lot-0001.jpg", "lot-0001.jpg"]
    assert found(noor, "nanodet")["model"] == ["nanodet-m, version 1"]
    assert found(noor, "Olga")["person"] == ["Olga"]
    assert all(title.startswith("COCO, ") for title in found(noor, "exports")["export"])


def _only(groups: dict[str, list[str]], kind: str) -> dict[str, list[str]]:
    return {kind: groups[kind]}


def test_a_stranger_finds_nothing(full: World, signed_in: Any) -> None:
    eve = signed_in(full.eve)
    for words in ("car", "autumn", "lot", "nanodet", "olga", "export", "ada"):
        assert found(eve, words) == {}


def test_a_vendors_people_find_what_is_shared_and_none_of_the_customers_people_or_exports(
    full: World, signed_in: Any
) -> None:
    max_ = signed_in(full.max)
    assert found(max_, "car")["project"] == ["Car models"]
    assert found(max_, "lot-0001")["item"] == ["lot-0001.jpg"]
    for words in ("Olga", "Noor"):
        assert "person" not in found(max_, words)
    assert found(max_, "Ada")["person"] == ["Ada"]
    assert "export" not in found(max_, "export")


def test_an_annotator_finds_their_own_tasks_and_no_list_of_people(full: World, signed_in: Any) -> None:
    ada, bob = signed_in(full.ada), signed_in(full.bob)
    assert found(ada, "lot-0001")["task"] == ["lot-0001.jpg"]
    assert "task" not in found(bob, "lot-0001")
    assert "person" not in found(bob, "Ada")


@pytest.mark.parametrize("words", ["", "l", " l ", "%%", "\u2028"])
def test_too_little_finds_nothing(full: World, signed_in: Any, words: str) -> None:
    assert found(signed_in(full.noor), words) == {}


def test_a_character_that_cannot_be_stored_is_refused_by_the_api_and_left_out_by_the_page(
    full: World, signed_in: Any
) -> None:
    noor = signed_in(full.noor)
    assert noor.get(f"{noor.api}/search", {"q": "lo\0t"}).status_code == 400
    assert noor.get(f"{noor.org}/search", {"q": "lot\0"}).status_code == 200


def test_the_page_lists_by_kind_and_says_what_to_do_where_nothing_is_found(full: World, signed_in: Any) -> None:
    noor = signed_in(full.noor)

    def look(words: str) -> str:
        return str(noor.get(f"{noor.org}/search", {"q": words}).content.decode())

    assert "lot-0001.jpg" in look("lot-0001")
    assert "Nothing is called that" in look("<b>nothing")
    assert "<b>nothing" not in look("<b>nothing")
    assert "Type a little more" in look("x")
    assert "What are you looking for?" in look("")


@pytest.mark.parametrize("name", ["noor", "ada", "max", "olga"])
def test_a_search_costs_few_queries(full: World, signed_in: Any, name: str) -> None:
    member: Member = getattr(full, name)
    browser = signed_in(member)
    with CaptureQueriesContext(connection) as queries:
        found(browser, "lot-0001")
    frame = ("SAVEPOINT", "RELEASE", "SELECT current_setting", "SELECT set_config")
    assert len([one for one in queries if not one["sql"].startswith(frame)]) <= 8


def test_words_are_cleaned_and_a_beginning_is_a_range() -> None:
    assert clean("  a \n b\0 ") == "a b"
    assert clean("x" * 300) == "x" * 100
    parts: list[Any] = [one.children for one in beginnings("name", "Lot")]
    ranges = [dict(one) for one in parts]
    assert [one["name__gte"] for one in ranges] == ["Lot", "lot", "LOT"]
    assert all(one["name__lt"] > one["name__gte"] + "~" for one in ranges)
