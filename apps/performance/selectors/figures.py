"""The figures of a project: work by person, stage or day, with what each estimate needs; objects by class.

Row-level security narrows each question to what the acting organization may see: a vendor's to its own people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from apps.core.statistics import Estimate, Sums, rate, ratio

from .scope import Scope

# Medians are exact and need all rows at hand; of more than this the latest are taken.
MOST_TASKS = 30_000
HOUR = 3_600_000
# By what one may group, and the column that says it, in tables whose person is the worker.
KEYS = {"person": "t.person::text", "stage": "s.key", "day": "t.day::text"}
STAGES = "JOIN unnest(%(ids)s::uuid[], %(keys)s::text[]) AS s(id, key) ON s.id = t.stage_id"
WITHIN = "t.org_id = %(org)s AND t.project_id = %(project)s AND t.day BETWEEN %(first)s AND %(last)s"

WORK = f"""
SELECT grouping({{key}}), grouping(t.day), {{key}}, t.day, false AS judged,
       coalesce(sum(t.submitted) FILTER (WHERE t.stage_id = ANY(%(stages)s)), 0),
       coalesce(sum(t.reworked) FILTER (WHERE t.stage_id = ANY(%(stages)s)), 0),
       coalesce(sum(t.skipped) FILTER (WHERE t.stage_id = ANY(%(stages)s)), 0),
       coalesce(sum(t.done) FILTER (WHERE t.stage_id = ANY(%(stages)s)), 0),
       coalesce(sum(t.active_ms) FILTER (WHERE t.stage_id = ANY(%(stages)s)), 0),
       coalesce(sum(t.submitted) FILTER (WHERE t.stage_id = ANY(%(reviewing)s)), 0),
       coalesce(sum(t.active_ms) FILTER (WHERE t.stage_id = ANY(%(reviewing)s)), 0),
       sum(t.first_claims), sum(t.waited_ms)
FROM work_day t {STAGES}
WHERE {WITHIN}
GROUP BY GROUPING SETS ((), ({{key}}), (t.day))
"""
SPEED = f"""
WITH latest AS MATERIALIZED (
  SELECT t.person, t.day, t.stage_id, t.total_ms, t.active_ms::float8 AS x, (t.added + t.changed)::float8 AS y
  FROM task_day t WHERE {WITHIN} AND t.stage_id = ANY(%(stages)s)
  ORDER BY t.day DESC LIMIT {MOST_TASKS})
SELECT grouping({{key}}), {{key}}, count(t.total_ms), sum(t.x), sum(t.x * t.x),
       coalesce(sum(t.x) FILTER (WHERE t.total_ms IS NOT NULL), 0), sum(t.y), sum(t.y * t.y), sum(t.x * t.y),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY t.total_ms)
FROM latest t {{stages}}
GROUP BY GROUPING SETS ((), ({{key}}))
"""
# In one statement with the work, so that a page asks once. Its author is the person of the work.
VERDICTS = f"""
SELECT grouping({{author}}), 1, {{author}}, NULL::date, true,
       coalesce(sum(t.number) FILTER (WHERE t.is_first AND t.verdict = 'accept'), 0),
       coalesce(sum(t.number) FILTER (WHERE t.is_first), 0), {", ".join(["NULL"] * 7)}
FROM verdict_day t {STAGES}
WHERE {WITHIN} AND t.stage_id = ANY(%(stages)s)
GROUP BY GROUPING SETS ((), ({{author}}))
"""
CLASSES = f"""
SELECT t.label_id::text, l.name, t.accepted, t.edited, t.rejected, t.missed
FROM (SELECT t.org_id, t.label_id, sum(t.accepted) AS accepted, sum(t.edited) AS edited, sum(t.rejected) AS rejected,
             sum(t.missed) AS missed
      FROM suggestion_day t WHERE {WITHIN} AND t.stage_id = ANY(%(ids)s)
      GROUP BY 1, 2) t
LEFT JOIN label l ON l.org_id = t.org_id AND l.id = t.label_id
"""

WORK_FIELDS = (
    "tasks",
    "reworked",
    "skipped",
    "objects",
    "active_ms",
    "reviews",
    "review_ms",
    "first_claims",
    "waited_ms",
)


@dataclass(slots=True)
class Line:
    """The figures of one person, stage or day, or of all of them."""

    key: str = ""
    tasks: int = 0
    reworked: int = 0
    skipped: int = 0
    objects: int = 0
    active_ms: int = 0
    reviews: int = 0
    review_ms: int = 0
    first_claims: int = 0
    waited_ms: int = 0
    pace: Sums = field(default_factory=Sums)
    yields: Sums = field(default_factory=Sums)
    median_ms: float | None = None
    p90_ms: float | None = None
    accepted_first: int = 0
    judged_first: int = 0

    @property
    def tasks_per_hour(self) -> Estimate:
        """Tasks handed in, for each hour of active time, that on skipped tasks included."""
        return ratio(self.pace).times(HOUR)

    @property
    def objects_per_hour(self) -> Estimate:
        """Objects added or changed, likewise."""
        return ratio(self.yields).times(HOUR)

    @property
    def first_pass(self) -> Estimate:
        """Accepted as they were, of what was judged for the first time."""
        return rate(self.accepted_first, self.judged_first)

    @property
    def rework(self) -> Estimate:
        """Second and later rounds, of all that was handed in."""
        return rate(self.reworked, self.tasks)

    @property
    def skips(self) -> Estimate:
        """Skipped, of all that was handed in or skipped."""
        return rate(self.skipped, self.tasks + self.skipped)

    @property
    def review_each_ms(self) -> float | None:
        """Active time for one verdict."""
        return self.review_ms / self.reviews if self.reviews else None

    @property
    def wait_each_ms(self) -> float | None:
        """How long a task lay ready until somebody took it."""
        return self.waited_ms / self.first_claims if self.first_claims else None


@dataclass(frozen=True, slots=True)
class ClassLine:
    """What became of one class: taken over from a model as it was, after a change, refused; or drawn by hand."""

    key: str
    name: str
    accepted: int
    edited: int
    rejected: int
    drawn: int

    @property
    def objects(self) -> int:
        """All that people let stand or drew."""
        return self.accepted + self.edited + self.drawn

    @property
    def by_model(self) -> Estimate:
        """Of these, what began as a suggestion."""
        return rate(self.accepted + self.edited, self.objects)

    @property
    def taken(self) -> Estimate:
        """Suggestions that were taken as they were, of those that were decided."""
        return rate(self.accepted, self.accepted + self.edited + self.rejected)


@dataclass(slots=True)
class Figures:
    """All of a scope, by the key that was asked for, and by day."""

    whole: Line
    lines: list[Line]
    days: dict[date, Line]


def figures_of(scope: Scope, group: str) -> Figures:
    """Grouped by person, stage or day."""
    values, lines = scope.values(), _Lines()
    for total, no_day, key, day, judged, *numbers in _ask(f"{WORK} UNION ALL {VERDICTS}", KEYS[group], values):
        line = lines.of(day if not no_day else None, None if total else key)
        told = [int(number or 0) for number in numbers]
        if judged:
            line.accepted_first, line.judged_first = told[:2]
        else:
            for name, number in zip(WORK_FIELDS, told, strict=True):
                setattr(line, name, number)
    for total, key, *sums, percentiles in _ask(SPEED, KEYS[group], values):
        line = lines.of(None, None if total else key)
        fill_speed(line, sums, percentiles)
    return Figures(lines.whole, list(lines.by_key.values()), lines.by_day)


def fill_speed(line: Line, sums: Sequence[float | None], percentiles: Sequence[float] | None) -> None:
    """From the columns of `SPEED` after its key."""
    ended, x, xx, xy, y, yy, objects_x = (one or 0 for one in sums)
    line.pace = Sums(int(ended), ended, x, ended, xy, xx)
    line.yields = Sums(int(ended), y, x, yy, objects_x, xx)
    line.median_ms, line.p90_ms = percentiles or (None, None)


def classes_of(scope: Scope) -> list[ClassLine]:
    """By label, most objects first."""
    found = [
        ClassLine(key, name or key, *map(int, numbers)) for key, name, *numbers in _ask(CLASSES, "", scope.values())
    ]
    return sorted(found, key=lambda line: -line.objects)


class _Lines:
    """Lines by key as they are met."""

    def __init__(self) -> None:
        self.whole = Line()
        self.by_key: dict[str, Line] = {}
        self.by_day: dict[date, Line] = {}

    def of(self, day: date | None, key: str | None) -> Line:
        if day is not None and key is None:
            return self.by_day.setdefault(day, Line(str(day)))
        if key is None:
            return self.whole
        return self.by_key.setdefault(key, Line(key))


def _ask(statement: str, key: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    author = key.replace("t.person", "t.author")
    stages = STAGES if key == KEYS["stage"] else ""
    with connection.cursor() as cursor:
        filled = statement.replace("{key}", key).replace("{author}", author).replace("{stages}", stages)
        cursor.execute(filled, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
