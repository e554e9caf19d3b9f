"""Estimates with how far they may be off. Every interval is at 95 %; below `MIN_N` there is none, only a count.

Rates: Wilson's score interval (Newcombe 1998, method 3). Ratios of sums, such as objects per active hour or seconds per
object: the delta method with the task as the unit that was drawn. Differences: both intervals squared together
(Newcombe 1998, method 10; the same for ratios, known as MOVER).
"""

from dataclasses import dataclass
from math import sqrt

MIN_N = 30
Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its interval; with fewer than `needed` cases all three are None."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    needed: int = MIN_N

    @property
    def missing(self) -> int:
        """How many cases are still to come before this says anything."""
        return max(0, self.needed - self.n)

    def times(self, factor: float) -> "Estimate":
        """The same in another unit."""
        value, low, high = (None if one is None else one * factor for one in (self.value, self.low, self.high))
        return Estimate(value, low, high, self.n, self.needed)


@dataclass(frozen=True, slots=True)
class Sums:
    """Of `n` tasks the sums of an amount `y` and of what it is measured by, `x`, and of their products."""

    n: int = 0
    y: float = 0
    x: float = 0
    yy: float = 0
    xy: float = 0
    xx: float = 0


def wilson(k: int, n: int) -> tuple[float, float]:
    """The interval for `k` out of `n`; everything when there is nothing."""
    if n == 0:
        return 0.0, 1.0
    share = k / n
    middle = share + Z * Z / (2 * n)
    spread = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    whole = 1 + Z * Z / n
    # At the ends the formula gives the ends themselves; rounding must not.
    low = 0.0 if k == 0 else (middle - spread) / whole
    high = 1.0 if k == n else (middle + spread) / whole
    return low, high


def rate(k: int, n: int, *, needed: int = MIN_N) -> Estimate:
    """`k` out of `n` as a share between 0 and 1."""
    if n < max(1, needed):
        return _too_few(n, needed)
    low, high = wilson(k, n)
    return Estimate(k / n, low, high, n, needed)


def ratio(sums: Sums, *, needed: int = MIN_N) -> Estimate:
    """Sum of `y` over sum of `x`; too little also when `x` is nothing."""
    if sums.n < max(2, needed) or sums.x <= 0:
        return _too_few(sums.n, needed)
    value = sums.y / sums.x
    scatter = max(0.0, sums.yy - 2 * value * sums.xy + value * value * sums.xx)
    spread = Z * sqrt(scatter * sums.n / (sums.n - 1)) / sums.x
    return Estimate(value, max(0.0, value - spread), value + spread, sums.n, needed)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """`one` less `other`, of cases drawn apart from each other; `n` is the smaller of both."""
    smaller = one if one.n <= other.n else other
    if one.value is None or one.low is None or one.high is None:
        return _too_few(smaller.n, smaller.needed)
    if other.value is None or other.low is None or other.high is None:
        return _too_few(smaller.n, smaller.needed)
    value = one.value - other.value
    below = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    above = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Estimate(value, value - below, value + above, smaller.n, smaller.needed)


def _too_few(n: int, needed: int) -> Estimate:
    return Estimate(None, None, None, n, needed)
