"""The team board: who holds what now and when they last gave a sign, today's work, what waits, what came back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.core.tenancy import active_tenant

MOST_HELD = 200
# A sign of work is looked for from the claim on, by the index of the task's events.
HELD = """
SELECT t.id, t.holder, t.project_id, p.name AS project, s.title AS stage, s.kind, i.name AS item, t.claimed_at,
       t.lease_until, t.round, (
  SELECT max(e.at) FROM activity_event e
  WHERE e.org_id = t.org_id AND e.task_id = t.id AND e.at >= t.claimed_at AND e.kind <> 'pulse.idle') AS last_sign
FROM task t
JOIN project p ON p.org_id = t.org_id AND p.id = t.project_id AND p.deleted_at IS NULL
JOIN stage s ON s.org_id = t.org_id AND s.id = t.stage_id
JOIN unit u ON u.org_id = t.org_id AND u.id = t.unit_id
JOIN item i ON i.org_id = u.org_id AND i.id = u.item_id
WHERE t.state = 'leased' AND t.lease_until > now() AND t.org_id = ANY(%(owners)s)
ORDER BY t.claimed_at LIMIT %(most)s
"""
TODAY = """
SELECT w.person, sum(w.submitted), sum(w.reworked), sum(w.skipped), sum(w.done), sum(w.active_ms),
       min(w.project_id::text)
FROM work_day w JOIN organization o ON o.id = w.org_id
WHERE w.org_id = ANY(%(owners)s) AND w.day = (now() AT TIME ZONE o.timezone)::date
GROUP BY 1
"""
STAGES = """
SELECT t.project_id, p.name AS project, s.title AS stage, s.kind, count(*) AS ready, min(t.created_at) AS oldest,
       count(*) FILTER (WHERE t.round > 1 AND s.kind = 'label') AS returned
FROM task t
JOIN project p ON p.org_id = t.org_id AND p.id = t.project_id AND p.deleted_at IS NULL
JOIN stage s ON s.org_id = t.org_id AND s.id = t.stage_id
WHERE t.state = 'ready' AND t.kind = 'human' AND t.org_id = ANY(%(owners)s)
GROUP BY 1, 2, 3, 4, s.position ORDER BY p.name, s.position LIMIT 60
"""
# A task that nobody holds is every vendor's to see; whom it waits for is told to their own organization and the owner.
RETURNED = """
SELECT t.preferred_person, t.project_id, count(*), min(t.created_at)
FROM task t JOIN project p ON p.org_id = t.org_id AND p.id = t.project_id AND p.deleted_at IS NULL
WHERE t.state = 'ready' AND t.preferred_person IS NOT NULL AND t.round > 1 AND t.org_id = ANY(%(owners)s)
  AND (t.org_id = %(acting)s
       OR EXISTS (SELECT FROM membership m WHERE m.org_id = %(acting)s AND m.user_id = t.preferred_person))
GROUP BY 1, 2 ORDER BY 4 LIMIT 60
"""


@dataclass(slots=True)
class Person:
    """Somebody on the board: what they hold, and their day."""

    id: UUID
    project_id: UUID  # where they are known; a stranger's pseudonym is a project's
    held: list[dict[str, Any]]
    submitted: int = 0
    reworked: int = 0
    skipped: int = 0
    done: int = 0
    active_ms: int = 0
    name: str = ""

    @property
    def last_sign(self) -> datetime | None:
        """The latest of what they hold."""
        return max((task["last_sign"] for task in self.held if task["last_sign"]), default=None)


@dataclass(frozen=True, slots=True)
class Board:
    """All of it."""

    people: list[Person]
    stages: list[dict[str, Any]]
    returned: list[dict[str, Any]]


def board_of(owners: Iterable[UUID]) -> Board:
    """What the acting organization sees of the work in these organizations' projects. Names are still to be filled."""
    values: dict[str, Any] = {"owners": list(owners), "acting": active_tenant().org_id, "most": MOST_HELD}
    people: dict[UUID, Person] = {}
    for task in _rows(HELD, values):
        people.setdefault(task["holder"], Person(task["holder"], task["project_id"], [])).held.append(task)
    with connection.cursor() as cursor:
        cursor.execute(TODAY, values)
        for person, *numbers, project in cursor.fetchall():
            one = people.setdefault(person, Person(person, UUID(project), []))
            one.submitted, one.reworked, one.skipped, one.done, one.active_ms = (int(number) for number in numbers)
        cursor.execute(RETURNED, values)
        returned = [
            dict(zip(("person", "project_id", "number", "oldest"), row, strict=True)) for row in cursor.fetchall()
        ]
    at_work_first = sorted(people.values(), key=lambda one: (not one.held, -one.active_ms))
    return Board(at_work_first, _rows(STAGES, values), returned)


def _rows(statement: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
