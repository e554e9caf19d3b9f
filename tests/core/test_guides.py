"""The guides under Help: of one's own role first, all for everybody, with links that lead somewhere."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import resolve

from apps.accounts.selectors import Member
from apps.core.guides import PAGES
from tests.people import World

Browse = Callable[[Member], Any]


@pytest.mark.parametrize(
    ("name", "heading"),
    [("ada", "For annotators"), ("rita", "For reviewers"), ("noor", "For engineers"), ("olga", "For auditors")],
)
def test_help_begins_with_the_guide_of_the_role(world: World, signed_in: Browse, name: str, heading: str) -> None:
    browser = signed_in(getattr(world, name))

    assert f"<h1>{heading}</h1>" in browser.get(f"{browser.org}/help/").content.decode()


@pytest.mark.parametrize("guide", PAGES)
def test_every_guide_opens_for_everybody_and_its_links_lead_somewhere(
    world: World, signed_in: Browse, guide: str
) -> None:
    browser = signed_in(world.ada)
    answer = browser.get(f"{browser.org}/help/{guide}")
    article = answer.content.decode().partition("<article")[2].partition("</article>")[0]

    assert answer.status_code == 200
    for address in re.findall(r'href="([^"]+)"', article):
        assert resolve(address).url_name == "guide"
    for address in re.findall(r'src="([^"]+)"', article):
        assert address.startswith("/static/guides/")


def test_a_guide_that_nobody_wrote_is_not_there(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.ada)

    assert browser.get(f"{browser.org}/help/wizard").status_code == 404


def test_a_stranger_finds_no_guide_under_an_organization(world: World, signed_in: Browse) -> None:
    assert signed_in(world.eve).get("/o/parking/help/").status_code == 404


def test_help_stands_in_the_menu(world: World, signed_in: Browse) -> None:
    browser = signed_in(world.noor)

    assert f'href="{browser.org}/help/"' in browser.get(f"{browser.org}/projects/").content.decode()
