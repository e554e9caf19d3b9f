"""Quality's projections: what was decided about suggestions, what reviewers left of objects, and their verdicts.

Each is made anew for one person's day from the activity events that this person caused; so it can be repeated at will.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class PersonDay:
    """A person's day in the owner's time zone; `starts` inclusive, `ends` exclusive."""

    org_id: UUID
    person: UUID
    day: date
    starts: datetime
    ends: datetime


EVENTS = """FROM activity_event e
  WHERE e.org_id = %(org)s AND e.actor_id = %(person)s AND e.at >= %(starts)s AND e.at < %(ends)s"""

SUGGESTIONS = f"""
INSERT INTO suggestion_day (id, org_id, project_id, worker_org_id, stage_id, person, day, label_id, model_version_id,
                            band, held_out, accepted, edited, rejected, missed)
SELECT app.new_id(), %(org)s, project_id, worker_org_id, stage_id, %(person)s, %(day)s, label, version, band, held_out,
       sum(accepted), sum(edited), sum(rejected), sum(drawn)
FROM (
  SELECT e.project_id, e.worker_org_id, e.stage_id, e.payload ->> 'arm' = 'held_out' AS held_out,
         (r.x ->> 0)::uuid AS label, (r.x ->> 1)::uuid AS version, (r.x ->> 2)::smallint AS band,
         (r.x ->> 3)::integer AS accepted, (r.x ->> 4)::integer AS edited, (r.x ->> 5)::integer AS rejected,
         (r.x ->> 6)::integer AS drawn
  FROM (SELECT e.* {EVENTS} AND e.kind = 'objects.decided') e, jsonb_array_elements(e.payload -> 'rows') AS r(x)) d
GROUP BY project_id, worker_org_id, stage_id, label, version, band, held_out
"""
OBJECTS = f"""
INSERT INTO object_day (id, org_id, project_id, worker_org_id, stage_id, reviewer, author, day, label_id, kept,
                        changed, removed, added, returned)
SELECT app.new_id(), %(org)s, project_id, worker_org, stage, %(person)s, author, %(day)s, label, sum(kept),
       sum(changed), sum(removed), sum(added), sum(returned)
FROM (
  SELECT e.project_id, (e.payload ->> 'worker_org')::uuid AS worker_org, (e.payload ->> 'stage')::uuid AS stage,
         (e.payload ->> 'author')::uuid AS author, (r.x ->> 0)::uuid AS label, (r.x ->> 1)::integer AS kept,
         (r.x ->> 2)::integer AS changed, (r.x ->> 3)::integer AS removed, (r.x ->> 4)::integer AS added,
         (r.x ->> 5)::integer AS returned
  FROM (SELECT e.* {EVENTS} AND e.kind = 'objects.reviewed') e, jsonb_array_elements(e.payload -> 'rows') AS r(x)) d
GROUP BY project_id, worker_org, stage, author, label
"""
VERDICTS = f"""
INSERT INTO verdict_day (id, org_id, project_id, worker_org_id, stage_id, reviewer, author, day, verdict, reason,
                         is_first, number)
SELECT app.new_id(), %(org)s, e.project_id, (e.payload ->> 'worker_org')::uuid, (e.payload ->> 'stage')::uuid,
       %(person)s, (e.payload ->> 'author')::uuid, %(day)s, e.payload ->> 'verdict',
       coalesce(e.payload ->> 'reason', ''),
       (e.payload ->> 'round')::integer = 1 AND e.payload -> 'again' IS DISTINCT FROM 'true', count(*)
{EVENTS} AND e.kind = 'task.reviewed' AND e.payload ? 'stage'
GROUP BY e.project_id, 4, 5, 7, 9, 10, 11
"""
FIELDS = ("person", "day", "starts", "ends")
STATEMENTS = (
    "DELETE FROM suggestion_day WHERE org_id = %(org)s AND person = %(person)s AND day = %(day)s",
    "DELETE FROM object_day WHERE org_id = %(org)s AND reviewer = %(person)s AND day = %(day)s",
    "DELETE FROM verdict_day WHERE org_id = %(org)s AND reviewer = %(person)s AND day = %(day)s",
    SUGGESTIONS,
    OBJECTS,
    VERDICTS,
)


def recount(one: PersonDay) -> None:
    """Make a person's day anew, in the transaction at hand."""
    values: dict[str, Any] = {"org": one.org_id, **{name: getattr(one, name) for name in FIELDS}}
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, values)
