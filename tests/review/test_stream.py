"""A reviewer's day over all projects."""

from typing import Any

import pytest

from apps.core.tenancy import tenant_tx
from apps.discussion.models import Notification
from tests.distribution.line import Line, box, make_tasks
from tests.people import World


def look(browser: Any) -> str:
    return str(browser.get(f"{browser.org}/review/").content.decode())


@pytest.fixture
def handed_in(world: World, line: Line, at: Any) -> None:
    """Two submissions of Ada's."""
    make_tasks(world, line, 2)
    ada = at(world.ada)
    for _ in range(2):
        ada.submit(ada.take(), box())


def test_the_next_review_is_one_key_away(world: World, line: Line, handed_in: None, signed_in: Any) -> None:
    rita = signed_in(world.rita)
    text = look(rita)
    assert "2 submissions wait for a verdict." in text
    assert 'data-key="n"' in text
    taken = rita.post(f"{rita.org}/work/", {"project": world.project.pk, "stage": line.review.pk})
    assert "/work/" in taken.headers["Location"]
    assert "Yours now" in look(rita)


def test_the_day_lists_verdicts_and_what_was_returned_until_it_is_accepted(
    world: World, line: Line, handed_in: None, signed_in: Any, at: Any
) -> None:
    rita, ada, review = at(world.rita), at(world.ada), str(line.review.id)
    rita.judge(rita.take(stage=review), "reject", comment="Draw the mirrors.")
    browser = signed_in(world.rita)
    assert "Being fixed" in look(browser)
    ada.submit(ada.take(), box())
    text = look(browser)
    assert "Fixed, waits for review" in text
    assert "Draw the mirrors." in text
    for _ in range(2):
        assert rita.judge(rita.take(stage=review), "accept").status_code == 201
    text = look(browser)
    assert "You returned" not in text
    assert 'id="decided">Decided today</h2><span class="count">3' in text


def test_who_returns_work_tells_its_maker_and_nobody_else(
    world: World, line: Line, handed_in: None, signed_in: Any, at: Any
) -> None:
    rita = at(world.rita)
    rita.judge(rita.take(stage=str(line.review.id)), "reject", comment="Draw the mirrors.")
    rita.judge(rita.take(stage=str(line.review.id)), "accept")
    with tenant_tx(world.ada.context):
        assert [row.person_id for row in Notification.objects.all()] == [world.ada.id]
    ada = signed_in(world.ada)
    told = ada.get(f"{ada.api}/notifications").json()["results"]
    assert [(one["kind"], one["excerpt"]) for one in told] == [("returned", "Draw the mirrors.")]
    assert told[0]["text"].startswith("Rita returned lot ")


def test_without_work_the_stream_says_what_will_come(world: World, signed_in: Any) -> None:
    assert "Nothing waits for a verdict" in look(signed_in(world.rita))


@pytest.mark.parametrize(("name", "status"), [("rita", 200), ("max", 200), ("ada", 403), ("noor", 403), ("olga", 403)])
def test_the_stream_is_for_who_reviews(world: World, signed_in: Any, name: str, status: int) -> None:
    browser = signed_in(getattr(world, name))
    assert browser.get(f"{browser.org}/review/").status_code == status
