import re
from collections.abc import Callable
from typing import Any

from apps.accounts.selectors import Member
from tests.look.filled import fill
from tests.people import World

Browse = Callable[[Member], Any]


def look(browser: Any, world: World) -> str:
    return str(browser.get(f"{browser.org}/projects/{world.project.pk}/review/").content.decode())


def test_a_reviewer_sees_what_waits_and_what_was_decided(world: World, signed_in: Browse) -> None:
    fill(world, 10)
    text = look(signed_in(world.rita), world)
    assert "1 submission waits" in text
    assert re.search(r"lot-000\d\.jpg", text)
    assert "Two vans were cars" in text
    assert "Review the next" in text


def test_a_project_without_a_run_says_when_something_will_come(world: World, signed_in: Browse) -> None:
    text = look(signed_in(world.rita), world)
    assert "Nothing waits for a verdict" in text
    assert "Review the next" not in text


def test_the_customers_reviewers_read_no_names_of_the_vendors_people(world: World, signed_in: Browse) -> None:
    fill(world)
    text = signed_in(world.noor).get(f"/o/parking/projects/{world.project.pk}/").content.decode()
    assert "Ada" not in text
    assert "Person " in text
