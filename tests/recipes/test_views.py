import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.recipes import selectors, services
from apps.recipes.definitions import LabelDefinition
from apps.recipes.models import RecipeVersion
from apps.recipes.services.versions import RecipeOvertaken
from tests.people import World, make_world

CAR = {"name": "car", "title": "Car", "color": 1, "key": "1", "geometry": ["box"], "attributes": []}
VAN = CAR | {"name": "van", "title": "Van", "color": 2, "key": "2"}


class Page:
    """The recipe page as somebody sees it."""

    def __init__(self, browser: Any, world: World) -> None:
        self.browser = browser
        self.address = f"{browser.org}/projects/{world.project.pk}/recipe/"

    def look(self) -> Any:
        return self.browser.get(self.address)

    def publish(self, *labels: Any, on: int = 0, instructions: str = "Draw all.") -> Any:
        form = {"labels": json.dumps(labels), "instructions": instructions, "on": on}
        return self.browser.post(self.address, form)


@pytest.fixture
def page_of(world: World, signed_in: Callable[[Member], Any]) -> Callable[[Member], Page]:
    return lambda member: Page(signed_in(member), world)


def versions(world: World) -> list[RecipeVersion]:
    with tenant_tx(world.noor.context):
        return list(RecipeVersion.objects.order_by("number"))


def test_an_engineer_publishes_the_first_version(world: World, page_of: Any) -> None:
    page = page_of(world.noor)
    assert page.publish(CAR, VAN).status_code == 302
    (version,) = versions(world)
    assert [label["name"] for label in version.labels] == ["car", "van"]
    assert "Version 1 is published" in page.look().content.decode()


def test_a_refused_draft_is_shown_again_with_the_labels_name(world: World, page_of: Any) -> None:
    answer = page_of(world.noor).publish(CAR, VAN | {"key": "1"}, instructions="Every vehicle.")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Van: Two labels have the same key." in text
    assert "Every vehicle." in text
    assert '"name": "van"' in text
    assert versions(world) == []


def test_a_draft_begun_on_an_older_version_is_not_published_over_a_newer(world: World, page_of: Any) -> None:
    page = page_of(world.noor)
    page.publish(CAR)
    answer = page.publish(VAN, on=0)
    assert answer.status_code == 422
    assert "Version 1 was published meanwhile" in answer.content.decode()
    assert len(versions(world)) == 1


@pytest.mark.parametrize("labels", ["", "no json", "{}", '[{"name": 3}]', '[{"nonsense": 1}]', "[1]"])
def test_nonsense_is_refused_and_nothing_breaks(world: World, page_of: Any, labels: str) -> None:
    page = page_of(world.noor)
    answer = page.browser.post(page.address, {"labels": labels, "on": 0})
    assert answer.status_code == 422
    assert versions(world) == []


def test_who_reads_is_told_that_no_instructions_were_written(world: World, page_of: Any) -> None:
    page_of(world.noor).publish(CAR, instructions="")
    assert "None were written." in page_of(world.ada).look().content.decode()


def test_an_annotator_reads_and_may_not_publish(world: World, page_of: Any) -> None:
    page_of(world.noor).publish(CAR, instructions="Mind the shadows.")
    page = page_of(world.ada)
    text = page.look().content.decode()
    assert "Mind the shadows." in text
    assert "Publish" not in text
    assert page.publish(VAN, on=1).status_code == 403


@pytest.mark.parametrize("labels", ["[" * 100_000, "[" * 900 + "]" * 900, '[{"name": NaN}]', '{"name": "car"}', "[1]"])
def test_labels_that_are_none_are_refused_with_the_page(world: World, page_of: Any, labels: str) -> None:
    page = page_of(world.noor)
    answer = page.browser.post(page.address, {"labels": labels, "instructions": "Every vehicle.", "on": 0})
    assert answer.status_code == 422
    assert "Every vehicle." in answer.content.decode()


def test_instructions_with_a_character_that_cannot_be_stored_are_refused(world: World, page_of: Any) -> None:
    assert page_of(world.noor).publish(CAR, instructions="a\0b").status_code == 422
    assert versions(world) == []


def test_the_page_goes_on_with_the_recipe_whose_version_it_shows(world: World, page_of: Any) -> None:
    page = page_of(world.noor)
    page.publish(CAR)
    with tenant_tx(world.noor.context):
        second = services.create_recipe(project=world.project, name="Second")
        services.publish_version(recipe=second, labels=[LabelDefinition(name="van", title="Van")])
        shown = selectors.newest_version_of_project(world.project)
    assert shown is not None
    answer = page.publish(*shown.labels, on=shown.number, instructions="Vans alone.")
    assert answer.status_code == 302, answer.content.decode()
    with tenant_tx(world.noor.context):
        newest = selectors.newest_version_of_project(world.project)
    assert newest is not None
    assert (newest.recipe_id, newest.number, newest.instructions) == (second.pk, 2, "Vans alone.")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_who_publish_at_once_the_second_is_told() -> None:
    world = make_world()
    start = threading.Barrier(4)
    ends: list[str] = []

    def publish() -> None:
        try:
            with tenant_tx(world.noor.context):
                start.wait()
                labels = [LabelDefinition(name="car")]
                services.publish_project_recipe(project=world.project, on="0", labels=labels)
            ends.append("published")
        except RecipeOvertaken:
            ends.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["published", "told", "told", "told"]
