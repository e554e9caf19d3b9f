"""What suggestions are worth: the two arms against each other, and the simple estimate from timings alone.

The simple estimate: right rate x seconds saved - wrong rate x seconds lost, for each suggestion. Its seconds come from
least squares over the latest tasks: active time = a + drawn x D + accepted x A + edited x E + refused x R. A suggestion
that is right saves D - A; a wrong one costs R, or E - D where it was changed. Solved in fractions, so exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from math import sqrt

from django.db import connection
from django.utils.translation import gettext as _

from apps.core.statistics import MIN_N, Estimate, Sums, Z, difference, rate, ratio

from .figures import MOST_TASKS, WITHIN
from .scope import Scope

MOST_FITTED = 5_000
FITTED = ("drawn", "accepted", "edited", "rejected")

ARMS = f"""
WITH latest AS MATERIALIZED (
  SELECT t.stage_id, t.held_out, t.total_ms::float8 AS y, (t.accepted + t.edited + t.drawn)::float8 AS x,
         t.accepted + t.edited + t.rejected AS decided
  FROM task_day t WHERE {WITHIN} AND t.stage_id = ANY(%(stages)s)
    AND t.total_ms IS NOT NULL AND t.round = 1 ORDER BY t.day DESC LIMIT {MOST_TASKS})
SELECT s.key, t.held_out, sum(t.decided), count(*), sum(y), sum(x), sum(y * y), sum(x * y), sum(x * x)
FROM latest t JOIN unnest(%(ids)s::uuid[], %(keys)s::text[]) AS s(id, key) ON s.id = t.stage_id
GROUP BY 1, 2
"""
# Least squares need of the tasks only sums of products, so no task leaves the database.
COLUMNS = ("one", *FITTED, "ms")
PAIRS = tuple(combinations_with_replacement(COLUMNS, 2))
MOMENTS = f"""
SELECT s.key, {", ".join(f"sum(t.{a} * t.{b})" for a, b in PAIRS)}
FROM unnest(%(ids)s::uuid[], %(keys)s::text[]) AS s(id, key)
CROSS JOIN LATERAL (
  SELECT 1::bigint AS one, {", ".join(f"t.{name}::bigint" for name in FITTED)}, t.total_ms::bigint AS ms
  FROM task_day t WHERE {WITHIN} AND t.stage_id = s.id
    AND t.total_ms IS NOT NULL AND t.round = 1 ORDER BY t.day DESC LIMIT {MOST_FITTED}) t
GROUP BY 1
"""
# Sums of products by the two names, in the order of COLUMNS; "one" counts tasks.
Moments = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Simple:
    """The estimate with its inputs in seconds; or `refusal`, a sentence that says why there is none."""

    refusal: str = ""
    tasks: int = 0
    right: Estimate | None = None
    seconds: dict[str, Estimate] | None = None
    saved: float = 0
    lost: float = 0
    each: float = 0
    share: float = 0


@dataclass(frozen=True, slots=True)
class StageWorth:
    """One stage: seconds of active time for each object with suggestions and without, and what lies between."""

    title: str
    assisted: Estimate
    held_out: Estimate
    simple: Simple

    @property
    def saved(self) -> Estimate:
        """Seconds that suggestions save on each object; below nothing they cost."""
        return difference(self.held_out, self.assisted)

    @property
    def share(self) -> float | None:
        """Of the time without."""
        saved, without = self.saved.value, self.held_out.value
        return None if saved is None or not without else saved / without

    @property
    def scale(self) -> float:
        """Where the drawing of both ends."""
        return max(self.assisted.high or 0, self.held_out.high or 0) * 1.1 or 1

    @property
    def verdict(self) -> str:
        """good: they save time; bad: they cost time; open: cannot be told."""
        low, high = self.saved.low, self.saved.high
        if low is None or high is None:
            return ""
        return "good" if low > 0 else "bad" if high < 0 else "open"


def worth_of(scope: Scope) -> list[StageWorth]:
    """Each labelling stage of the scope."""
    with connection.cursor() as cursor:
        cursor.execute(ARMS, scope.values())
        rows = cursor.fetchall()
        # Where nobody decided about a suggestion there was none: then no work was done with suggestions.
        arms = {(key, held_out): Sums(*sums) for key, held_out, decided, *sums in rows if held_out or decided}
        cursor.execute(MOMENTS, scope.values())
        moments = {key: dict(zip(PAIRS, map(int, sums), strict=True)) for key, *sums in cursor.fetchall()}
    return [
        StageWorth(
            line.title,
            ratio(arms.get((line.key, False), Sums())).times(0.001),
            ratio(arms.get((line.key, True), Sums())).times(0.001),
            simple_estimate(moments.get(line.key, {})),
        )
        for line in scope.stages
        if not line.reviews
    ]


def simple_estimate(moments: Moments) -> Simple:
    """From the sums over a stage's latest tasks; none where there was no task."""
    tasks = moments.get(("one", "one"), 0)
    sums = {name: moments.get(("one", name), 0) for name in FITTED}
    if tasks < MIN_N:
        return Simple(_("Not enough data: %(n)s of %(needed)s tasks.") % {"n": tasks, "needed": MIN_N})
    for name, words in (("drawn", _("drawn by hand")), ("accepted", _("taken over as they were"))):
        if sums[name] < MIN_N:
            told = {"n": sums[name], "needed": MIN_N, "words": words}
            return Simple(_("Not enough data: %(n)s of %(needed)s objects %(words)s.") % told)
    used = [name for name in FITTED if sums[name]]
    fitted = least_squares(moments, ("one", *used))
    if fitted is None:
        return Simple(_("The inputs cannot be told apart: in all tasks they go up and down together."))
    seconds = {
        name: _seconds(value, spread, sums[name]) for name, (value, spread) in zip(used, fitted[1:], strict=True)
    }
    return _weigh(tasks, sums, seconds)


def _weigh(n: int, sums: dict[str, int], seconds: dict[str, Estimate]) -> Simple:
    value = {name: one.value or 0.0 for name, one in seconds.items()} | dict.fromkeys(set(FITTED) - seconds.keys(), 0.0)
    decided = sums["accepted"] + sums["edited"] + sums["rejected"]
    wrong = sums["edited"] + sums["rejected"]
    saved = value["drawn"] - value["accepted"]
    edits = (value["edited"] - value["drawn"]) * sums["edited"]
    lost = (edits + value["rejected"] * sums["rejected"]) / wrong if wrong else 0.0
    right = rate(sums["accepted"], decided)
    share_right = sums["accepted"] / decided
    each = share_right * saved - (1 - share_right) * lost
    share = each / value["drawn"] if value["drawn"] > 0 else 0.0
    return Simple("", n, right, seconds, saved, lost, each, share)


def _seconds(value: float, spread: float, n: int) -> Estimate:
    return Estimate(value / 1000, (value - Z * spread) / 1000, (value + Z * spread) / 1000, n)


def least_squares(moments: Moments, inputs: Sequence[str]) -> list[tuple[float, float]] | None:
    """What `ms` is made of: a coefficient with its standard error for each input.

    None where they cannot be told apart or nothing is left to judge by.
    """

    def product(a: str, b: str) -> Fraction:
        return Fraction(moments[min(a, b, key=COLUMNS.index), max(a, b, key=COLUMNS.index)])

    inverse = _inverse([[product(a, b) for b in inputs] for a in inputs])
    rows = moments["one", "one"]
    if inverse is None or rows <= len(inputs):
        return None
    right = [product(name, "ms") for name in inputs]
    found = [sum((a * b for a, b in zip(row, right, strict=True)), Fraction(0)) for row in inverse]
    unexplained = product("ms", "ms") - sum((a * b for a, b in zip(found, right, strict=True)), Fraction(0))
    noise = float(unexplained) / (rows - len(inputs))
    return [(float(one), sqrt(max(0.0, noise * float(inverse[i][i])))) for i, one in enumerate(found)]


def _inverse(matrix: list[list[Fraction]]) -> list[list[Fraction]] | None:
    """By elimination; None when there is none."""
    size = len(matrix)
    work = [[*row, *(Fraction(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for column in range(size):
        pivot = next((row for row in range(column, size) if work[row][column]), None)
        if pivot is None:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        work[column] = [one / work[column][column] for one in work[column]]
        for row in range(size):
            if row != column and (factor := work[row][column]):
                work[row] = [a - factor * b for a, b in zip(work[row], work[column], strict=True)]
    return [row[size:] for row in work]
