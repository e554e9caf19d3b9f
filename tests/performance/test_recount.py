"""Random histories: the projections, folded at random moments, equal an independent recount. So does a rebuild."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from apps.accounts.models import Organization
from apps.core.ids import new_id
from apps.performance.models import RunDay, TaskDay, WorkDay
from apps.performance.services import days, folding
from apps.performance.services.rebuilding import rebuild
from apps.projects.models import Project
from apps.review.models import ObjectDay, SuggestionDay, VerdictDay
from apps.review.services import tallies
from tests.conftest import as_worker
from tests.distribution.line import as_owner
from tests.people import World

from .history import History, Place
from .recount import Figures, recount

# Where the clocks change while people work, once at midnight itself; and one place where they never do.
STARTS = (
    ("Europe/Berlin", datetime(2026, 10, 24, 21, 59, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2027, 3, 27, 22, 59, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 6, 3, 59, tzinfo=UTC)),
    ("America/Santiago", datetime(2027, 4, 4, 2, 59, tzinfo=UTC)),
    ("Asia/Kolkata", datetime(2026, 11, 21, 18, 29, tzinfo=UTC)),
)
IDLE = (60, 300)
ACTS = ("claim", "pulse", "submit", "judge", "skip", "release", "commit", "fold")
OFTEN = (
    "claim",
    "pulse",
    "pulse",
    "pulse",
    "submit",
    "submit",
    "judge",
    "hand_in",
    "hand_in",
    "send_back",
    "send_back",
)
# Around the idle times, around the hour beyond which nothing counts, and long enough to cross midnight.
WAITS = (0, 0.4, 7.0005, 15, 59.9996, 60, 60.001, 299, 300, 301, 1800, 3600, 3601, 30_000)

ACT = st.tuples(
    st.sampled_from(ACTS + OFTEN),
    st.integers(0, 2),
    st.sampled_from(WAITS + WAITS[:8] * 2),
    st.integers(0, 12),
    st.integers(0, 4).map(lambda chance: chance == 0),
)
# Each begins with some minutes of work across midnight.
ACROSS = ("spell", 0, 15, 6, False)
HISTORY = st.tuples(st.sampled_from(STARTS), st.lists(ACT, min_size=12, max_size=60).map(lambda acts: [ACROSS, *acts]))

NAMES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "tasks": (TaskDay, ("person", "task_id", "day", "stage_id", "project_id", "active_ms", "total_ms", "round",
                        "held_out", "added", "changed", "removed", "accepted", "edited", "rejected", "drawn")),
    "work": (WorkDay, ("person", "day", "stage_id", "project_id", "active_ms", "claimed", "first_claims", "waited_ms",
                       "submitted", "reworked", "skipped", "released", "done", "drawn", "accepted", "edited",
                       "rejected")),
    "runs": (RunDay, ("pipeline_run_id", "project_id", "day", "made", "finished")),
    "suggestions": (SuggestionDay, ("person", "day", "stage_id", "project_id", "label_id", "model_version_id", "band",
                                    "held_out", "accepted", "edited", "rejected", "missed")),
    "objects": (ObjectDay, ("reviewer", "author", "day", "stage_id", "project_id", "label_id", "kept", "changed",
                            "removed", "added", "returned")),
    "verdicts": (VerdictDay, ("reviewer", "author", "day", "stage_id", "project_id", "verdict", "reason", "is_first",
                              "number")),
}  # fmt: skip


@pytest.fixture
def place(world: World) -> Place:
    """Ids to work with; partitions of the months in question."""
    with as_worker(), connection.cursor() as cursor:
        for _zone, starts in STARTS:
            for day in (starts, starts + timedelta(days=31)):
                cursor.execute("SELECT app.make_activity_partition(%s)", [day.date()])
    with as_owner(world.project):
        Project.objects.filter(pk=world.project.pk).update(idle_seconds=IDLE[0])
        other = Project.objects.create(org_id=world.parking.id, name="Another", idle_seconds=IDLE[1])
    people = {name: getattr(world, name).id for name in ("ada", "bob", "rita")}
    projects = (world.project.pk, other.pk)
    label, review, run = ({project: new_id() for project in projects} for _ in range(3))
    labels = (new_id(), new_id())
    return Place(world.parking.id, world.meadow.id, people, projects, label, review, run, labels, new_id())


def folded() -> Figures:
    """What the projections say."""
    return Figures(**{name: Counter(model.objects.values_list(*names)) for name, (model, names) in NAMES.items()})


def live_through(world: World, place: Place, told: Any) -> None:
    """One history in a savepoint; the figures are compared at each fold and after a rebuild."""
    (zone, starts), acts = told
    idle = dict(zip(place.projects, IDLE, strict=True))
    history = History(place, starts)
    with as_owner(world.project), patch.object(folding, "_transactions", history.transactions):
        Organization.objects.filter(pk=place.org).update(timezone=zone)
        for kind, who, seconds, choice, slow in [*acts, ("fold", 0, 0, 0, False)]:
            history.act(kind, who, seconds, choice, slow)
            if kind == "fold":
                folding.fold()
                assert folded() == recount(history.facts, place, ZoneInfo(zone), idle)
        rebuild()
        assert folded() == recount(history.facts, place, ZoneInfo(zone), idle)


def prove(world: World, place: Place, examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    """Live through so many random histories."""

    @settings(
        max_examples=examples, deadline=None, database=None, phases=phases, suppress_health_check=list(HealthCheck)
    )
    @given(HISTORY)
    def any_history(told: Any) -> None:
        savepoint = transaction.savepoint()
        try:
            live_through(world, place, told)
        finally:
            transaction.savepoint_rollback(savepoint)

    any_history()


def test_figures_equal_a_recount_whatever_people_do(world: World, place: Place) -> None:
    prove(world, place, 30, (Phase.generate,))


@pytest.mark.prove
def test_figures_equal_a_recount_for_a_thousand_histories(world: World, place: Place) -> None:
    prove(world, place, 1000)


# (module, statement, text in it, what stands there instead): each breaks one promise.
MUTANTS = {
    "gaps before a claim count": (days, "TASKS", "s.kind <> 'task.claimed' AND", ""),
    "gaps at the idle time do not count": (days, "TASKS", "s.gap <= least", "s.gap < least"),
    "each task has a line of signs of its own": (days, "TASKS", "OVER (ORDER", "OVER (PARTITION BY e.task_id ORDER"),
    "a day knows nothing of the day before": (days, "TASKS", "- make_interval(secs => %(longest)s)", ""),
    "earlier days are forgotten": (days, "TOTALS", "o.day <= t.day", "o.day = t.day"),
    "a second return is no rework": (days, "WORK", "::integer > 1", "::integer = 2"),
    "late news is missed": (folding, "TOUCHED", "BETWEEN %(mark)s AND", "BETWEEN %(mark)s + 1 AND"),
    "days are those of Greenwich": (folding, "TOUCHED", "AT TIME ZONE %(zone)s", "AT TIME ZONE 'UTC'"),
    "every verdict is a first": (tallies, "VERDICTS", "::integer = 1", "::integer > 0"),
}


@pytest.mark.prove
@pytest.mark.parametrize("name", MUTANTS)
def test_the_recount_notices_a_broken_projection(world: World, place: Place, name: str, monkeypatch: Any) -> None:
    module, statement, text, instead = MUTANTS[name]
    before = getattr(module, statement)
    assert text in before
    after = before.replace(text, instead)
    monkeypatch.setattr(module, statement, after)
    if hasattr(module, "STATEMENTS"):
        changed = tuple(after if one == before else one for one in module.STATEMENTS)
        monkeypatch.setattr(module, "STATEMENTS", changed)
    with pytest.raises(AssertionError):
        prove(world, place, 400, (Phase.generate,))
