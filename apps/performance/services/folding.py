"""Keep the figures up to date: find what events have touched since the last time, and make those days anew.

A day is made anew as a whole, so nothing is lost when this is repeated, overlaps with itself, or is killed. The mark
moves only past transactions that had ended; what younger ones wrote is counted at once, and looked at again.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from apps.accounts.models import Organization
from apps.core.tenancy import active_tenant
from apps.performance.models import FigureMark
from apps.performance.signs import LONGEST_IDLE
from apps.review.services import tallies
from apps.review.services.tallies import PersonDay

from . import days

EVER = 2**62
# A late sign may shorten the gap before the next, which may lie beyond midnight.
TOUCHED = """
SELECT DISTINCT e.actor_id, d.day FROM activity_event e,
  LATERAL (VALUES ((e.at AT TIME ZONE %(zone)s)::date),
                  (((e.at + make_interval(secs => %(longest)s)) AT TIME ZONE %(zone)s)::date)) AS d(day)
WHERE e.org_id = %(org)s AND (%(mark)s = 0 OR e.xact BETWEEN %(mark)s AND %(last)s)
  AND e.task_id IS NOT NULL AND e.actor_id IS NOT NULL
  AND e.kind <> 'pulse.idle'
"""
TOUCHED_RUNS = """
SELECT DISTINCT e.project_id, (e.at AT TIME ZONE %(zone)s)::date FROM activity_event e
WHERE e.org_id = %(org)s
  AND (%(mark)s = 0 OR e.xact BETWEEN %(mark)s AND %(last)s) AND e.kind IN ('unit.finished', 'units.made')
"""
RUNS = """
INSERT INTO run_day (id, org_id, project_id, pipeline_run_id, day, made, finished)
SELECT app.new_id(), e.org_id, e.project_id, (e.payload ->> 'run')::uuid, %(day)s,
       coalesce(sum((e.payload ->> 'units')::integer), 0), count(*) FILTER (WHERE e.kind = 'unit.finished')
FROM activity_event e
WHERE e.org_id = %(org)s AND e.project_id = %(project)s AND e.at >= %(starts)s AND e.at < %(ends)s
  AND e.kind IN ('unit.finished', 'units.made')
GROUP BY 2, 3, 4
ON CONFLICT (org_id, pipeline_run_id, day) DO UPDATE SET made = excluded.made, finished = excluded.finished
"""


def fold(*, from_the_start: bool = False) -> int:
    """Bring the acting organization's figures up to date; gives how many days of people were made anew.

    Does nothing while somebody else is at it. `from_the_start` reads every event there is.
    """
    org_id = active_tenant().org_id
    FigureMark.objects.bulk_create([FigureMark(org_id=org_id)], ignore_conflicts=True)
    mark = FigureMark.objects.select_for_update(skip_locked=True).filter(org_id=org_id).first()
    if mark is None:
        return 0
    zone = ZoneInfo(Organization.objects.values_list("timezone", flat=True).get(pk=org_id))
    horizon, own = _transactions()
    # A mark ahead of the server's own count was made on another server, of which this one is a restored copy.
    if from_the_start or horizon < mark.xact:
        read = _Reading(org_id, zone, 0, EVER)
    else:
        read = _Reading(org_id, zone, mark.xact, own)
    people, runs = read.touched(TOUCHED), read.touched(TOUCHED_RUNS)
    for person, day in people:
        starts, ends = read.limits(day)
        recount(PersonDay(org_id, person, day, starts, ends))
    for project, day in runs:
        read.recount_runs(project, day)
    if people or runs:
        mark.xact = horizon
        mark.save(update_fields=["xact", "at"])
    return len(people)


def recount(one: PersonDay) -> None:
    """All figures of a person's day."""
    tallies.recount(one)
    days.recount(one)


def _transactions() -> tuple[int, int]:
    """The oldest transaction that has not ended, before which everything is visible, and this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_xact_id()::text::bigint"
        )
        return cursor.fetchone()  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of an organization's events, from one transaction to another.

    What a restored copy brought along may have higher numbers than this server has given; it was read once.
    """

    org_id: UUID
    zone: ZoneInfo
    mark: int
    last: int

    def touched(self, question: str) -> list[tuple[UUID, date]]:
        """Whose days there is something new of."""
        longest = LONGEST_IDLE
        values: dict[str, Any] = {
            "org": self.org_id,
            "zone": self.zone.key,
            "mark": self.mark,
            "last": self.last,
            "longest": longest,
        }
        with connection.cursor() as cursor:
            cursor.execute(question, values)
            found: list[tuple[UUID, date]] = cursor.fetchall()
        return found

    def limits(self, day: date) -> tuple[datetime, datetime]:
        """When a day begins and ends in the organization's zone."""
        following = day + timedelta(days=1)
        starts, ends = (datetime(one.year, one.month, one.day, tzinfo=self.zone) for one in (day, following))
        return starts, ends

    def recount_runs(self, project: UUID, day: date) -> None:
        """What was made and finished in a project on a day."""
        starts, ends = self.limits(day)
        values: dict[str, Any] = {"org": self.org_id, "project": project, "day": day, "starts": starts, "ends": ends}
        with connection.cursor() as cursor:
            cursor.execute(RUNS, values)
