"""One person's day as a line: the stretches that count, and the gaps between signs that do not. For their own eyes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from apps.performance.signs import LONGEST_IDLE, SIGNS

# A day at the screen has about two thousand signs.
MOST_SIGNS = 20_000
SIGNS_OF = """
SELECT e.at, e.kind, e.task_id, least(p.idle_seconds, %(longest)s), p.name, s.title, e.org_id
FROM activity_event e JOIN project p ON p.org_id = e.org_id AND p.id = e.project_id
LEFT JOIN stage s ON s.org_id = e.org_id AND s.id = e.stage_id
WHERE e.org_id = ANY(%(owners)s) AND e.actor_id = %(person)s AND e.kind = ANY(%(signs)s) AND e.task_id IS NOT NULL
  AND e.at >= %(starts)s::timestamptz - make_interval(secs => %(longest)s) AND e.at < %(ends)s
ORDER BY e.at, e.id LIMIT %(most)s
"""
WORDS = {
    "task.submitted": "submitted",
    "task.reviewed": "judged",
    "task.skipped": "skipped",
    "task.released": "released",
}


@dataclass(slots=True)
class Stretch:
    """Time between two signs or more. Counted ones belong to a task; `ended` is what came of it."""

    starts: datetime
    ends: datetime
    counted: bool
    task: UUID | None = None
    project: str = ""
    stage: str = ""
    ended: str = ""

    @property
    def ms(self) -> int:
        """How long."""
        return round((self.ends - self.starts) / timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class Timeline:
    """The day from first to last sign."""

    stretches: list[Stretch]

    @property
    def counted_ms(self) -> int:
        """Active time."""
        return sum(one.ms for one in self.stretches if one.counted)

    @property
    def uncounted_ms(self) -> int:
        """What lies between."""
        return sum(one.ms for one in self.stretches if not one.counted)


def timeline_of(person: UUID, owners: Iterable[UUID], day: date, zone: ZoneInfo) -> Timeline:
    """A day of a zone's calendar, over all organizations that the person works for."""
    starts, ends = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (day, day + timedelta(days=1)))
    values: dict[str, Any] = {
        "owners": list(owners),
        "person": person,
        "starts": starts,
        "ends": ends,
        "signs": list(SIGNS),
        "longest": LONGEST_IDLE,
        "most": MOST_SIGNS,
    }
    with connection.cursor() as cursor:
        cursor.execute(SIGNS_OF, values)
        return Timeline(_stretches(cursor.fetchall(), starts))


def _stretches(signs: Iterable[tuple[Any, ...]], starts: datetime) -> list[Stretch]:
    found: list[Stretch] = []
    before: dict[UUID, datetime] = {}
    last: datetime | None = None
    for at, kind, task, idle, project, stage, owner in signs:
        # Each owner's figures know that owner's signs alone.
        since = before.get(owner)
        counts = since is not None and kind != "task.claimed" and at - since <= timedelta(seconds=idle)
        # What counts across midnight is the later day's; what does not is nobody's.
        if last is not None and at > last and at >= starts and (counts or last >= starts):
            _add(found, Stretch(last, at, counts, *((task, project, stage or "") if counts else (None, "", ""))))
        if kind in WORDS and found and found[-1].task == task:
            found[-1].ended = WORDS[kind]
        before[owner] = last = at
    return found


def _add(found: list[Stretch], more: Stretch) -> None:
    if found and (found[-1].counted, found[-1].task) == (more.counted, more.task) and not found[-1].ended:
        found[-1].ends = more.ends
    else:
        found.append(more)
