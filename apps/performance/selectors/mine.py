"""One person's own figures over all projects that they work in, and the organizations that own these."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from apps.core.tenancy import active_tenant
from apps.projects.selectors import projects_seen

from .figures import MOST_TASKS, Line, fill_speed

# A stage that reviews is told apart by its kind; sums are made as for managers, one person wide.
WORK = """
SELECT w.project_id, w.day, p.name, p.idle_seconds, sum(w.submitted) FILTER (WHERE s.kind = 'label'),
       sum(w.reworked) FILTER (WHERE s.kind = 'label'), sum(w.skipped) FILTER (WHERE s.kind = 'label'),
       sum(w.done) FILTER (WHERE s.kind = 'label'), sum(w.active_ms) FILTER (WHERE s.kind = 'label'),
       sum(w.submitted) FILTER (WHERE s.kind = 'review'), sum(w.active_ms) FILTER (WHERE s.kind = 'review')
FROM work_day w JOIN stage s ON s.org_id = w.org_id AND s.id = w.stage_id
JOIN project p ON p.org_id = w.org_id AND p.id = w.project_id AND p.deleted_at IS NULL
WHERE w.org_id = ANY(%(owners)s) AND w.person = %(person)s AND w.day BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2, 3, 4
"""
SPEED = f"""
WITH latest AS MATERIALIZED (
  SELECT t.project_id, t.total_ms, t.active_ms::float8 AS x, (t.added + t.changed)::float8 AS y
  FROM task_day t JOIN stage s ON s.org_id = t.org_id AND s.id = t.stage_id AND s.kind = 'label'
  JOIN project p ON p.org_id = t.org_id AND p.id = t.project_id AND p.deleted_at IS NULL
  WHERE t.org_id = ANY(%(owners)s) AND t.person = %(person)s AND t.day BETWEEN %(first)s AND %(last)s
  ORDER BY t.day DESC LIMIT {MOST_TASKS})
SELECT project_id, count(total_ms), sum(x), sum(x * x), coalesce(sum(x) FILTER (WHERE total_ms IS NOT NULL), 0), sum(y),
       sum(y * y), sum(x * y), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY total_ms)
FROM latest GROUP BY GROUPING SETS ((), (project_id))
"""
VERDICTS = """
SELECT v.project_id, coalesce(sum(v.number) FILTER (WHERE v.is_first AND v.verdict = 'accept'), 0),
       coalesce(sum(v.number) FILTER (WHERE v.is_first), 0)
FROM verdict_day v JOIN project p ON p.org_id = v.org_id AND p.id = v.project_id AND p.deleted_at IS NULL
WHERE v.org_id = ANY(%(owners)s) AND v.author = %(person)s AND v.day BETWEEN %(first)s AND %(last)s
GROUP BY GROUPING SETS ((), (v.project_id))
"""


TODAY = "SELECT max((now() AT TIME ZONE timezone)::date) FROM organization WHERE id = ANY(%s)"


@dataclass(slots=True)
class Own:
    """By project, by day, and all together; `idle` are the idle times in seconds of these projects."""

    whole: Line
    projects: list[tuple[str, Line]]
    days: dict[date, int]
    idle: list[int]


def owners_of() -> list[UUID]:
    """The acting organization, and the owners of projects shared with it."""
    context = active_tenant()
    if not context.projects:
        return [context.org_id]
    return [context.org_id, *projects_seen().exclude(org_id=context.org_id).values_list("org_id", flat=True).distinct()]


def today_of(owners: list[UUID]) -> date:
    """The day that it is where the date is furthest: work done just now may stand under it."""
    with connection.cursor() as cursor:
        cursor.execute(TODAY, [owners])
        (today,) = cursor.fetchone()
    return today  # type: ignore[no-any-return]


def own_figures(person: UUID, owners: list[UUID], first: date, last: date) -> Own:
    """Between two days, both of which belong to it."""
    values = {"owners": owners, "person": person, "first": first, "last": last}
    whole, idle = Line(), set()
    lines: dict[UUID, Line] = {}
    names: dict[UUID, str] = {}
    days: dict[date, int] = {}
    for project, day, name, seconds, *numbers in _ask(WORK, values):
        names[project] = name
        idle.add(seconds)
        told = [int(number or 0) for number in numbers]
        days[day] = days.get(day, 0) + told[0]
        for line in (whole, lines.setdefault(project, Line(str(project)))):
            for field, number in zip(FIELDS, told, strict=True):
                setattr(line, field, getattr(line, field) + number)
    for project, *sums, percentiles in _ask(SPEED, values):
        line = whole if project is None else lines.setdefault(project, Line(str(project)))
        fill_speed(line, sums, percentiles)
    for project, accepted, judged in _ask(VERDICTS, values):
        line = whole if project is None else lines.setdefault(project, Line(str(project)))
        line.accepted_first, line.judged_first = int(accepted), int(judged)
    projects = sorted((names[project], line) for project, line in lines.items() if project in names)
    return Own(whole, projects, days, sorted(idle))


FIELDS = ("tasks", "reworked", "skipped", "objects", "active_ms", "reviews", "review_ms")


def _ask(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
