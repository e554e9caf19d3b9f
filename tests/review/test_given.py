"""A reviewer's own verdicts, by week and by project."""

import datetime
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from apps.accounts.selectors import Member
from apps.core.ids import new_id
from apps.review.models import VerdictDay
from apps.review.selectors.loads import WEEKS, Load, loads_of
from tests.distribution.line import as_owner
from tests.people import World

Browse = Callable[[Member], Any]
SATURDAY = datetime.date(2026, 11, 21)
MONDAY = datetime.date(2026, 11, 16)


def gave(world: World, reviewer: UUID, day: datetime.date, verdict: str, number: int) -> None:
    with as_owner(world.project):
        VerdictDay.objects.create(
            org_id=world.parking.id,
            project=world.project,
            worker_org_id=world.meadow.id,
            stage_id=new_id(),
            day=day,
            reviewer=reviewer,
            author=world.ada.id,
            verdict=verdict,
            reason="",
            is_first=True,
            number=number,
        )


def test_verdicts_are_counted_by_week_and_project_and_nobody_elses(world: World) -> None:
    gave(world, world.rita.id, SATURDAY, "accept", 3)
    gave(world, world.rita.id, MONDAY, "fix", 2)
    gave(world, world.rita.id, MONDAY - datetime.timedelta(days=1), "reject", 1)
    gave(world, world.max.id, SATURDAY, "accept", 9)
    gave(world, world.rita.id, MONDAY - datetime.timedelta(weeks=WEEKS), "accept", 9)
    with as_owner(world.project):
        loads = loads_of(world.rita.id, SATURDAY)
    assert loads.weeks[:3] == [
        (MONDAY, Load(3, 2, 0)),
        (MONDAY - datetime.timedelta(weeks=1), Load(0, 0, 1)),
        (MONDAY - datetime.timedelta(weeks=2), Load()),
    ]
    assert len(loads.weeks) == WEEKS
    assert loads.projects == [(world.project, Load(3, 2, 1))]


@pytest.mark.parametrize("filled", [False, True])
def test_the_page_shows_ones_own_or_says_when_there_will_be_some(
    world: World, signed_in: Browse, *, filled: bool
) -> None:
    if filled:
        gave(world, world.rita.id, datetime.datetime.now(datetime.UTC).date(), "fix", 2)
    text = signed_in(world.rita).get("/o/meadow/review/given/").content.decode()
    assert ("Car models" in text) is filled
    assert ("No verdict of yours yet" in text) is not filled


def test_it_is_closed_to_those_who_do_not_review(world: World, signed_in: Browse) -> None:
    assert signed_in(world.ada).get("/o/meadow/review/given/").status_code == 403
    assert signed_in(world.olga).get("/o/parking/review/given/").status_code == 403
