"""The two arms, against the same reckoned in plain Python from what each task took."""

import datetime
import random
from typing import Any

import pytest

from apps.core.ids import new_id
from apps.core.statistics import Sums, difference, ratio
from apps.performance.models import TaskDay
from apps.performance.selectors.assistance import StageWorth, simple_estimate, worth_of
from apps.performance.selectors.scope import Scope, clock_and_stages
from tests.distribution.line import Line, as_owner
from tests.people import World

from .recount import moments

DAY = datetime.date(2026, 11, 21)


def worked(world: World, line: Line, **fields: Any) -> TaskDay:
    """A task of Ada's that was handed in on the day."""
    common = {"org_id": world.parking.id, "project": world.project, "worker_org_id": world.meadow.id}
    return TaskDay(**common, stage_id=line.label.pk, person=world.ada.id, task_id=new_id(), **({"day": DAY} | fields))


def worth(world: World) -> StageWorth:
    """What the page says of the label stage on that day."""
    _clock, stages = clock_and_stages(world.project)
    (found,) = worth_of(Scope(world.project, DAY, DAY, stages))
    return found


def sums(tasks: list[TaskDay]) -> Sums:
    pairs = [(task.total_ms or 0, task.accepted + task.edited + task.drawn) for task in tasks]
    return Sums(
        len(pairs),
        sum(y for y, _x in pairs),
        sum(x for _y, x in pairs),
        sum(y * y for y, _x in pairs),
        sum(x * y for y, x in pairs),
        sum(x * x for _y, x in pairs),
    )


def test_the_arms_are_compared_by_first_rounds_that_were_handed_in(world: World, line: Line) -> None:
    chance = random.Random(5)
    tasks = []
    for number in range(90):
        is_held_out, objects = number % 3 == 0, chance.randint(1, 8)
        ms = objects * (7000 if is_held_out else 2500) + chance.randint(0, 4000)
        counts = {"drawn": objects} if is_held_out else {"accepted": objects, "rejected": number % 2}
        tasks.append(worked(world, line, active_ms=ms, total_ms=ms, held_out=is_held_out, **counts))
    others = [
        worked(world, line, active_ms=9, total_ms=9, round=2, drawn=5),
        worked(world, line, active_ms=9, drawn=5),
        worked(world, line, active_ms=9, total_ms=9, drawn=5, day=DAY - datetime.timedelta(days=1)),
    ]
    with as_owner(world.project):
        TaskDay.objects.bulk_create([*tasks, *others])
        found = worth(world)
    with_, without = (ratio(sums([task for task in tasks if task.held_out is arm])) for arm in (False, True))
    assert (found.assisted.n, found.held_out.n) == (60, 30)
    assert found.assisted.value == pytest.approx((with_.value or 0) / 1000)
    assert found.held_out.low == pytest.approx((without.low or 0) / 1000)
    saved = difference(without, with_)
    assert [found.saved.low, found.saved.high] == pytest.approx([(saved.low or 0) / 1000, (saved.high or 0) / 1000])
    assert found.verdict == "good"


def test_a_stage_without_suggestions_has_no_work_with_suggestions(world: World, line: Line) -> None:
    with as_owner(world.project):
        TaskDay.objects.bulk_create(worked(world, line, active_ms=900, total_ms=900, drawn=1) for _ in range(40))
        found = worth(world)
    assert (found.assisted.n, found.assisted.value, found.verdict) == (0, None, "")


def test_the_simple_estimate_is_made_of_the_stages_first_rounds(world: World, line: Line) -> None:
    chance = random.Random(8)
    tasks = []
    for _ in range(60):
        counts = {name: chance.randint(0, 5) for name in ("drawn", "accepted", "edited", "rejected")}
        tasks.append(worked(world, line, active_ms=1, total_ms=3000 + 7000 * counts["drawn"] + 900, **counts))
    others = [worked(world, line, active_ms=9, total_ms=9, round=2, drawn=5), worked(world, line, active_ms=9, drawn=5)]
    with as_owner(world.project):
        TaskDay.objects.bulk_create([*tasks, *others])
        found = worth(world).simple
    counted = [(task.total_ms or 0, task.drawn, task.accepted, task.edited, task.rejected) for task in tasks]
    assert found.tasks == 60
    assert found == simple_estimate(moments(counted))
