"""What is reckoned in Python from the figures: forecast, simple estimate, ranges, tables, the line of a day."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.template.loader import render_to_string

from apps.core.templatetags.estimates import duration
from apps.performance.charts import nice_top
from apps.performance.ranges import range_of
from apps.performance.selectors.assistance import least_squares, simple_estimate
from apps.performance.selectors.figures import ClassLine, Line
from apps.performance.selectors.status import forecast_of
from apps.performance.selectors.timeline import _stretches
from apps.performance.tables import CLASSES, PEOPLE, file_of, table_of

from .recount import moments

TODAY = date(2026, 11, 21)
SEED = UUID(int=7)


def days_ago(*done: int) -> list[tuple[date, int]]:
    """What was finished, the last number yesterday."""
    return [(TODAY - timedelta(days=len(done) - n), number) for n, number in enumerate(done)]


def test_a_steady_pace_is_met_to_the_day() -> None:
    found = forecast_of(days_ago(10, 10, 10, 10), 55, TODAY, seed=SEED)
    assert (found.day, found.early, found.late) == (TODAY + timedelta(days=6),) * 3


def test_an_unsteady_pace_gives_a_range_around_the_day() -> None:
    found = forecast_of(days_ago(2, 30, 9, 14, 3, 25, 11), 400, TODAY, seed=SEED)
    assert found.early is not None
    assert found.day is not None
    assert found.late is not None
    assert found.early < found.day < found.late
    assert found == forecast_of(days_ago(2, 30, 9, 14, 3, 25, 11), 400, TODAY, seed=SEED)


def test_days_of_rest_are_part_of_the_pace() -> None:
    found = forecast_of(days_ago(10, 0, 10, 0, 10, 0), 30, TODAY, seed=SEED)
    assert found.day == TODAY + timedelta(days=6)


def test_two_days_say_nothing_and_today_does_not_count() -> None:
    found = forecast_of([*days_ago(5, 5), (TODAY, 90)], 30, TODAY, seed=SEED)
    assert (found.day, found.active_days, found.missing) == (None, 2, 1)


def test_least_squares_find_what_timings_were_made_of() -> None:
    rows: list[tuple[int, ...]] = [(1000 + 6000 * d + 2000 * a, d, a, 0, 0) for d in range(5) for a in range(4)]
    found = least_squares(moments(rows), ("one", "drawn", "accepted"))
    assert found is not None
    assert [value for value, _spread in found] == [1000, 6000, 2000]
    assert all(spread == 0 for _value, spread in found)


def made_tasks(number: int, noise: int = 0) -> list[tuple[int, ...]]:
    """Tasks whose objects cost 7 s drawn, 1 s taken, 4 s changed and 1 s refused."""
    chance = random.Random(3)
    tasks = []
    for _ in range(number):
        counts = [chance.randint(0, 6), chance.randint(0, 12), chance.randint(0, 2), chance.randint(0, 3)]
        cost = sum(count * ms for count, ms in zip(counts, (7000, 1000, 4000, 1000), strict=True))
        tasks.append((cost + 3000 + chance.randint(-noise, noise), *counts))
    return tasks


def test_the_simple_estimate_weighs_right_against_wrong() -> None:
    found = simple_estimate(moments(made_tasks(200)))
    assert found.refusal == ""
    assert found.saved == pytest.approx(6.0)
    accepted, edited, rejected = (sum(task[n] for task in made_tasks(200)) for n in (2, 3, 4))
    lost = (edited * -3 + rejected * 1) / (edited + rejected)
    assert found.lost == pytest.approx(lost)
    right = accepted / (accepted + edited + rejected)
    assert found.each == pytest.approx(right * 6 - (1 - right) * lost)


def test_noise_widens_what_is_shown() -> None:
    found = simple_estimate(moments(made_tasks(200, noise=4000)))
    assert found.seconds is not None
    drawn = found.seconds["drawn"]
    assert drawn.low is not None
    assert drawn.high is not None
    assert drawn.low < 7 < drawn.high
    assert drawn.high - drawn.low > 0.1


@pytest.mark.parametrize(
    ("tasks", "words"),
    [
        (made_tasks(12), "12 of 30 tasks"),
        ([(1000, 0, 3, 0, 0)] * 40, "0 of 30 objects drawn by hand"),
        ([(1000, 2, 4, 0, 0), (2000, 4, 8, 0, 0)] * 40, "cannot be told apart"),
        ([], "0 of 30 tasks"),
    ],
)
def test_the_simple_estimate_refuses_in_a_sentence(tasks: list[tuple[int, ...]], words: str) -> None:
    assert words in simple_estimate(moments(tasks)).refusal


def test_ranges_are_the_latest_days_or_two_dates() -> None:
    assert range_of({"days": "7"}, TODAY).first == date(2026, 11, 15)
    assert range_of({}, TODAY).latest == 14
    assert range_of({"first": "2026-10-01", "last": "2026-10-03"}, TODAY).days[-1] == date(2026, 10, 3)
    assert range_of({"first": "2026-11-15", "last": "2026-11-21"}, TODAY).latest == 7
    assert range_of({"first": "2026-11-14", "last": "2026-11-21"}, TODAY).latest is None
    assert range_of({"first": "2026-10-05", "last": "2026-10-03"}, TODAY).latest == 14
    assert range_of({"first": "1990-01-01", "last": "2026-10-03"}, TODAY).first > date(2025, 1, 1)
    assert range_of({"first": "0001-01-01", "last": "0001-01-03"}, TODAY).first == date.min


def test_a_table_sorts_and_puts_what_is_unknown_last() -> None:
    lines = [("B", Line("b", tasks=2, median_ms=5)), ("a", Line("a", tasks=3)), ("C", Line("c", tasks=1, median_ms=9))]
    assert [name for name, _line in table_of("Person", PEOPLE, lines, "-tasks").lines] == ["a", "B", "C"]
    assert [name for name, _line in table_of("Person", PEOPLE, lines, "-median_ms").lines] == ["C", "B", "a"]
    assert [name for name, _line in table_of("Person", PEOPLE, lines, "nonsense").lines] == ["a", "B", "C"]


def test_a_file_gives_an_estimate_four_columns() -> None:
    table = table_of("Class", CLASSES, [("Car", ClassLine("x", "Car", 60, 20, 20, 20))], "name")
    heads, (row,) = file_of(table)
    assert heads[1:6] == ["objects", "by_model", "by_model_low", "by_model_high", "by_model_n"]
    assert row[:3] == ["Car", 100, 0.8]
    assert row[5] == 100


def test_the_line_of_a_day_counts_short_gaps_for_the_later_task() -> None:
    task, owner, noon = UUID(int=1), UUID(int=2), datetime(2026, 11, 21, 12, tzinfo=UTC)

    def sign(seconds: int, kind: str) -> tuple[object, ...]:
        return (noon + timedelta(seconds=seconds), kind, task, 60, "Car models", "Label", owner)

    signs = [sign(0, "task.claimed"), sign(30, "pulse.work"), sign(90, "pulse.focus"), sign(300, "pulse.work")]
    found = _stretches([*signs, sign(310, "task.submitted"), sign(320, "task.claimed")], noon)
    assert [(one.counted, one.ms) for one in found] == [
        (True, 90_000),
        (False, 210_000),
        (True, 10_000),
        (False, 10_000),
    ]
    assert found[2].ended == "submitted"


@pytest.mark.parametrize(("first", "counted"), [("pulse.work", [30_000]), ("task.claimed", [])])
def test_work_across_midnight_is_the_later_days_as_in_the_figures(first: str, counted: list[int]) -> None:
    task, owner, midnight = UUID(int=1), UUID(int=2), datetime(2026, 11, 21, tzinfo=UTC)
    before, after = (midnight + timedelta(seconds=seconds) for seconds in (-20, 10))
    signs = [(before - timedelta(seconds=5), "pulse.work", task, 60, "Car models", "Label", owner)]
    signs += [
        (at, kind, task, 60, "Car models", "Label", owner) for at, kind in ((before, "pulse.work"), (after, first))
    ]
    assert [one.ms for one in _stretches(signs, midnight)] == counted


def test_tasks_without_active_time_were_submitted_all_the_same() -> None:
    text = render_to_string("performance/_whole.html", {"whole": Line(tasks=3, median_ms=0.0, p90_ms=0.0), "idle": 60})
    assert "median; 9 of 10 below 0.0" in text


@pytest.mark.parametrize(("most", "top"), [(0, 2), (3, 4), (9, 10), (11, 20), (41, 60), (101, 200)])
def test_a_chart_ends_at_a_round_number(most: int, top: int) -> None:
    assert nice_top(most) == top


@pytest.mark.parametrize(
    ("ms", "text"),
    [(420, "0.4\u00a0s"), (38_000, "38\u00a0s"), (725_000, "12:05\u00a0min"), (11_520_000, "3:12\u00a0h"), (None, "")],
)
def test_lengths_of_time_are_written_in_two_units(ms: float | None, text: str) -> None:
    assert duration(ms) == text
