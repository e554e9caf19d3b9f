"""What pages sum up from the projections, against the same in plain Python over random rows."""

import datetime
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import pytest

from apps.core.ids import new_id
from apps.core.statistics import Sums
from apps.core.tenancy import tenant_tx
from apps.performance.models import TaskDay, WorkDay
from apps.performance.selectors.figures import Line, figures_of
from apps.performance.selectors.mine import own_figures
from apps.performance.selectors.scope import Scope, clock_and_stages
from apps.review.models import VerdictDay
from tests.distribution.line import Line as Stages
from tests.distribution.line import as_owner
from tests.people import World

FIRST = datetime.date(2026, 11, 10)
LAST = FIRST + datetime.timedelta(days=5)


@dataclass
class Told:
    """Rows of the three projections, also of days before and after."""

    work: list[WorkDay]
    tasks: list[TaskDay]
    verdicts: list[VerdictDay]


@pytest.fixture
def told(world: World, line: Stages) -> Told:
    """Three people at two stages over eight days."""
    chance = random.Random(11)
    work, tasks, verdicts = [], [], []
    common = {"org_id": world.parking.id, "project": world.project, "worker_org_id": world.meadow.id}
    people = (world.ada.id, world.bob.id, world.rita.id)
    for person in people:
        for n in range(-1, 7):
            for stage in (line.label, line.review):
                key = {**common, "person": person, "stage_id": stage.pk, "day": FIRST + datetime.timedelta(days=n)}
                names = ("active_ms", "claimed", "first_claims", "waited_ms", "submitted", "reworked", "skipped",
                         "released", "done", "drawn", "accepted", "edited", "rejected")  # fmt: skip
                work.append(WorkDay(**key, **{name: chance.randint(0, 50) for name in names}))
                for _ in range(chance.randint(0, 4)):
                    active, ended = chance.randint(0, 90_000), chance.random() < 0.7
                    total = active + chance.choice((0, 0, 30_000)) if ended else None
                    counts = {"added": chance.randint(0, 9), "changed": chance.randint(0, 3)}
                    tasks.append(TaskDay(**key, task_id=new_id(), active_ms=active, total_ms=total, **counts))
    for _ in range(60):
        verdicts.append(
            VerdictDay(
                **common,
                stage_id=line.label.pk,
                day=FIRST + datetime.timedelta(days=chance.randint(-1, 6)),
                author=chance.choice(people),
                reviewer=world.max.id,
                verdict=chance.choice(("accept", "fix", "reject")),
                is_first=chance.random() < 0.8,
                number=chance.randint(1, 9),
            )
        )
    with as_owner(world.project):
        for rows in (work, tasks, verdicts):
            type(rows[0]).objects.bulk_create(rows)
    return Told(work, tasks, verdicts)


def recounted(told: Told, line: Stages, fits: Callable[[Any, Any], bool]) -> dict[str, Any]:
    """The sums of a line; `fits` says whether a row, by its person, is among them."""

    def chosen(rows: Iterable[Any], stage: Any = None, by: str = "person") -> list[Any]:
        in_days = [row for row in rows if FIRST <= row.day <= LAST and (stage is None or row.stage_id == stage.pk)]
        return [row for row in in_days if fits(row, getattr(row, by))]

    labels, reviews, both = (chosen(told.work, stage) for stage in (line.label, line.review, None))
    tasks, verdicts = chosen(told.tasks, line.label), chosen(told.verdicts, by="author")
    ended = [task for task in tasks if task.total_ms is not None]
    first = [one for one in verdicts if one.is_first]
    x, y = [task.active_ms for task in tasks], [task.added + task.changed for task in tasks]
    xx, done = sum(ms * ms for ms in x), [int(task.total_ms is not None) for task in tasks]
    totals = sorted(task.total_ms for task in ended)
    tenths = quantiles(totals, n=10, method="inclusive") if len(totals) > 1 else totals * 9
    return {
        "tasks": sum(one.submitted for one in labels),
        "reworked": sum(one.reworked for one in labels),
        "skipped": sum(one.skipped for one in labels),
        "objects": sum(one.done for one in labels),
        "active_ms": sum(one.active_ms for one in labels),
        "reviews": sum(one.submitted for one in reviews),
        "review_ms": sum(one.active_ms for one in reviews),
        "first_claims": sum(one.first_claims for one in both),
        "waited_ms": sum(one.waited_ms for one in both),
        "pace": Sums(len(ended), len(ended), sum(x), len(ended), sum(map(int.__mul__, x, done)), xx),
        "yields": Sums(len(ended), sum(y), sum(x), sum(n * n for n in y), sum(map(int.__mul__, x, y)), xx),
        "median_ms": pytest.approx(tenths[4]) if tenths else None,
        "p90_ms": pytest.approx(tenths[8]) if tenths else None,
        "accepted_first": sum(one.number for one in first if one.verdict == "accept"),
        "judged_first": sum(one.number for one in first),
    }


def said(line: Line, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(line, name) for name in names}


@pytest.mark.parametrize("group", ["person", "day"])
def test_each_line_and_the_whole_equal_a_recount(world: World, line: Stages, told: Told, group: str) -> None:
    with as_owner(world.project):
        _clock, stages = clock_and_stages(world.project)
        found = figures_of(Scope(world.project, FIRST, LAST, stages), group)
    whole = recounted(told, line, lambda _row, _person: True)
    assert said(found.whole, whole) == whole
    assert len(found.lines) == (3 if group == "person" else 6)
    for one in found.lines:

        def is_here(row: Any, person: Any, key: str = one.key) -> bool:
            return str(person if group == "person" else row.day) == key

        here = recounted(told, line, is_here)
        assert said(one, here) == here, one.key
    by_day = {day: one.tasks for day, one in found.days.items()}
    assert sum(by_day.values()) == whole["tasks"]


def test_a_persons_own_figures_equal_their_line(world: World, line: Stages, told: Told) -> None:
    with tenant_tx(world.ada.context):
        own = own_figures(world.ada.id, [world.meadow.id, world.parking.id], FIRST, LAST)
    expected = recounted(told, line, lambda _row, person: person == world.ada.id)
    # How long tasks lay waiting before somebody took them is nobody's own doing.
    expected |= {"first_claims": 0, "waited_ms": 0}
    assert said(own.whole, expected) == expected
    ((name, one),) = own.projects
    assert (name, said(one, expected)) == ("Car models", expected)
