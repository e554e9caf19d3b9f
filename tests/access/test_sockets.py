"""The live channel tells no stranger what exists: every topic, every kind of stranger, real ids of somebody else's."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from apps.live.topics import TOPICS
from tests.live.browser import socket

from .strangers import KINDS, Stranger, Town, make_town

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
# A topic whose id is not of a table of its own name.
NAMED = {"queue": "project", "person": "person"}
NOT_SIGNED_IN, NOT_ALLOWED = 4401, 4403


@pytest.fixture
def town() -> Town:
    """Committed, since a socket reads by a connection of its own."""
    return make_town()


async def test_no_stranger_can_tell_a_topic_that_exists_from_one_that_does_not(town: Town) -> None:
    assert set(town.strangers) == {make.__name__ for make in KINDS}
    cells, told = 0, []
    for stranger in town.strangers.values():
        if "sessionid" in stranger.browser.cookies and stranger.member:
            asked = await _asked(stranger, town)
            told += [f"{stranger.kind}: {topic}" for topic, (real, twin) in asked.items() if real != twin]
            told += [f"{stranger.kind}: {topic}" for topic, (real, _) in asked.items() if real.get("type") != "refused"]
            cells += len(asked)
        else:
            told += await _turned_away(stranger)
            cells += 1
    print(f"\n{cells} cells of sockets")  # noqa: T201 - the count is the evidence

    assert told == []


async def _asked(stranger: Stranger, town: Town) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """What each topic answers to an id of the customer's, and to one that there is not; less the id itself."""
    found = {}
    async with socket(stranger.slug, _cookie(stranger)) as browser:
        for topic in TOPICS:
            known = town.foreign[NAMED.get(topic, topic)]
            found[topic] = (await _said(browser, topic, known), await _said(browser, topic, uuid4()))
    return found


async def _said(browser: Any, topic: str, row: UUID) -> dict[str, Any]:
    frame = await browser.follow(topic, row)
    assert frame.pop("id") == str(row)
    return frame


async def _turned_away(stranger: Stranger) -> list[str]:
    async with socket(stranger.slug, _cookie(stranger)) as browser:
        code = await browser.close_code()
    wanted = NOT_SIGNED_IN if stranger.refused_with == 401 or not _cookie(stranger) else NOT_ALLOWED
    return [] if code == wanted else [f"{stranger.kind} is closed with {code}"]


def _cookie(stranger: Stranger) -> str:
    kept = stranger.browser.cookies.get(settings.SESSION_COOKIE_NAME)
    return f"{settings.SESSION_COOKIE_NAME}={kept.value}" if kept else ""
