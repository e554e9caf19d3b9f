"""Intervals against published values and against what they promise."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from apps.core.statistics import MIN_N, Estimate, Sums, difference, rate, ratio, wilson
from apps.core.templatetags import estimates


def close(*numbers: float) -> Any:
    """Equal to the four digits that are published."""
    return pytest.approx(list(numbers), abs=5e-5)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    # Newcombe 1998, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_newcombes_published_limits(k: int, n: int, low: float, high: float) -> None:
    assert list(wilson(k, n)) == close(low, high)


def test_a_difference_gives_newcombes_published_limits() -> None:
    # Newcombe 1998 (II), table II, method 10: 56/70 - 48/80.
    found = difference(rate(56, 70), rate(48, 80))
    assert [found.value, found.low, found.high] == close(0.2, 0.0524, 0.3339)


def test_no_rate_leaves_nought_to_one() -> None:
    assert [rate(40, 40).low, rate(40, 40).high] == close(0.9124, 1.0)
    assert rate(0, 40).low == 0.0


def test_below_thirty_there_is_no_value() -> None:
    few = rate(20, MIN_N - 1)
    assert few == Estimate(None, None, None, MIN_N - 1)
    assert few.missing == 1
    assert ratio(Sums(n=3, y=1, x=1)).missing == MIN_N - 3
    assert difference(few, rate(20, 50)).value is None


def sums(pairs: Sequence[tuple[float, float]]) -> Sums:
    """As the database would give them."""
    return Sums(
        len(pairs),
        sum(y for y, _x in pairs),
        sum(x for _y, x in pairs),
        sum(y * y for y, _x in pairs),
        sum(x * y for y, x in pairs),
        sum(x * x for _y, x in pairs),
    )


def test_a_ratio_holds_the_truth_about_nineteen_times_in_twenty() -> None:
    chance = random.Random(7)
    held = 0
    for _ in range(400):
        tasks = [(chance.randint(0, 9), chance.expovariate(1 / 40)) for _ in range(80)]
        found = ratio(sums(tasks))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 4.5 / 40 <= found.high
    assert 0.91 <= held / 400 <= 0.98


def test_a_constant_ratio_has_no_width() -> None:
    found = ratio(sums([(float(n), 2.0 * n) for n in range(1, 41)]))
    assert [found.value, found.low, found.high] == close(0.5, 0.5, 0.5)


def test_a_drawing_says_how_it_stands_to_its_goal() -> None:
    assert estimates.kind_of(rate(95, 100), 0.8) == ""
    assert estimates.kind_of(rate(80, 100), 0.8) == "open"
    assert estimates.kind_of(rate(50, 100), 0.8) == "low"
    assert 'class="interval is-low"' in estimates.interval(rate(50, 100), 0.5, 1, 0.8)
    assert 'class="none"' in estimates.interval(rate(1, 2))


def test_a_cell_is_written_with_its_interval() -> None:
    assert ">97.4\u00a0%</span>" in estimates.estimate(rate(2582, 2650))
    assert "96.8 to 98.0, n\u00a02,650" in estimates.estimate(rate(2582, 2650))
    assert "n\u00a012 of 30" in estimates.estimate(rate(1, 12))
