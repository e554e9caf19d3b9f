"""Active time and work of one person's day, made anew from their activity events.

Signs of work are pulses and acts. The time between two signs that follow each other counts, for the task of the later
one, when it is no longer than the project's idle time; before a claim nothing counts. Whoever has two tabs open gives
one line of signs, so no second counts twice, and only the server's clock is used.
"""

from typing import Any

from django.db import connection

from apps.performance.signs import LONGEST_IDLE, SIGNS
from apps.review.services.tallies import PersonDay

EVENTS = """FROM activity_event e
  WHERE e.org_id = %(org)s AND e.actor_id = %(person)s AND e.at >= %(starts)s AND e.at < %(ends)s"""

TASKS = f"""
WITH signs AS (
  SELECT e.at, e.kind, e.task_id, e.stage_id, e.project_id, e.worker_org_id, e.payload,
         extract(epoch FROM e.at - lag(e.at) OVER (ORDER BY e.at, e.id)) AS gap
  FROM activity_event e
  WHERE e.org_id = %(org)s AND e.actor_id = %(person)s AND e.kind = ANY(%(signs)s) AND e.task_id IS NOT NULL
    AND e.at >= %(starts)s::timestamptz - make_interval(secs => %(longest)s) AND e.at < %(ends)s),
active AS (
  SELECT s.task_id, s.stage_id, s.project_id, max(s.worker_org_id::text)::uuid AS worker_org_id,
         coalesce(round(1000 * sum(s.gap) FILTER (
           WHERE s.kind <> 'task.claimed' AND s.gap <= least(p.idle_seconds, %(longest)s))), 0) AS ms,
         bool_or(s.kind IN ('task.submitted', 'task.reviewed')) AS ended,
         max((s.payload ->> 'round')::integer) FILTER (WHERE s.kind IN ('task.submitted', 'task.reviewed')) AS round,
         bool_or(s.payload ->> 'arm' = 'held_out') AS held_out
  FROM signs s JOIN project p ON p.org_id = %(org)s AND p.id = s.project_id
  WHERE s.at >= %(starts)s GROUP BY 1, 2, 3),
decided AS (
  SELECT e.task_id, sum((e.payload ->> 'added')::integer) AS added, sum((e.payload ->> 'changed')::integer) AS changed,
         sum((e.payload ->> 'removed')::integer) AS removed
  {EVENTS} AND e.kind = 'objects.decided' GROUP BY 1),
origins AS (
  SELECT e.task_id, sum((r.x ->> 3)::integer) AS accepted, sum((r.x ->> 4)::integer) AS edited,
         sum((r.x ->> 5)::integer) AS rejected, sum((r.x ->> 6)::integer) AS drawn
  FROM (SELECT e.* {EVENTS} AND e.kind = 'objects.decided') e, jsonb_array_elements(e.payload -> 'rows') AS r(x)
  GROUP BY 1)
INSERT INTO task_day (id, org_id, project_id, worker_org_id, stage_id, person, day, active_ms, task_id, total_ms,
                      round, held_out, added, changed, removed, accepted, edited, rejected, drawn)
SELECT app.new_id(), %(org)s, a.project_id, a.worker_org_id, a.stage_id, %(person)s, %(day)s, a.ms, a.task_id,
       CASE WHEN a.ended THEN a.ms END, coalesce(a.round, 1), coalesce(a.held_out, false), coalesce(d.added, 0),
       coalesce(d.changed, 0), coalesce(d.removed, 0), coalesce(o.accepted, 0), coalesce(o.edited, 0),
       coalesce(o.rejected, 0), coalesce(o.drawn, 0)
FROM active a LEFT JOIN decided d ON d.task_id = a.task_id LEFT JOIN origins o ON o.task_id = a.task_id
"""
# Of tasks that were worked on this day, on whatever day they ended.
TOTALS = """
UPDATE task_day t SET total_ms = (
  SELECT sum(o.active_ms) FROM task_day o
  WHERE o.org_id = t.org_id AND o.task_id = t.task_id AND o.person = t.person AND o.day <= t.day)
WHERE t.org_id = %(org)s AND t.person = %(person)s AND t.total_ms IS NOT NULL AND t.task_id IN (
  SELECT d.task_id FROM task_day d WHERE d.org_id = %(org)s AND d.person = %(person)s AND d.day = %(day)s)
"""
WORK = f"""
WITH acts AS (
  SELECT e.project_id, e.stage_id, max(e.worker_org_id::text)::uuid AS worker_org_id,
         count(*) FILTER (WHERE e.kind = 'task.claimed') AS claimed,
         count(*) FILTER (WHERE e.kind = 'task.claimed' AND e.payload ->> 'attempt' = '1') AS first_claims,
         coalesce(sum((e.payload ->> 'waited_ms')::bigint) FILTER (
           WHERE e.kind = 'task.claimed' AND e.payload ->> 'attempt' = '1'), 0) AS waited_ms,
         count(*) FILTER (WHERE e.kind IN ('task.submitted', 'task.reviewed')) AS submitted,
         count(*) FILTER (WHERE e.kind IN ('task.submitted', 'task.reviewed')
                            AND (e.payload ->> 'round')::integer > 1) AS reworked,
         count(*) FILTER (WHERE e.kind = 'task.skipped') AS skipped,
         count(*) FILTER (WHERE e.kind = 'task.released') AS released
  {EVENTS} AND e.kind = ANY(%(signs)s) AND e.task_id IS NOT NULL GROUP BY 1, 2),
sums AS (
  SELECT project_id, stage_id, sum(active_ms) AS active_ms, sum(added + changed) AS done, sum(drawn) AS drawn,
         sum(accepted) AS accepted, sum(edited) AS edited, sum(rejected) AS rejected
  FROM task_day WHERE org_id = %(org)s AND person = %(person)s AND day = %(day)s GROUP BY 1, 2)
INSERT INTO work_day (id, org_id, project_id, worker_org_id, stage_id, person, day, active_ms, claimed, first_claims,
                      waited_ms, submitted, reworked, skipped, released, done, drawn, accepted, edited, rejected)
SELECT app.new_id(), %(org)s, a.project_id, a.worker_org_id, a.stage_id, %(person)s, %(day)s, s.active_ms, a.claimed,
       a.first_claims, a.waited_ms, a.submitted, a.reworked, a.skipped, a.released, s.done, s.drawn, s.accepted,
       s.edited, s.rejected
FROM acts a JOIN sums s ON s.project_id = a.project_id AND s.stage_id = a.stage_id
"""
STATEMENTS = (
    "DELETE FROM task_day WHERE org_id = %(org)s AND person = %(person)s AND day = %(day)s",
    "DELETE FROM work_day WHERE org_id = %(org)s AND person = %(person)s AND day = %(day)s",
    TASKS,
    TOTALS,
    WORK,
)


def recount(one: PersonDay) -> None:
    """Make a person's day anew, in the transaction at hand."""
    values: dict[str, Any] = {
        "org": one.org_id,
        "person": one.person,
        "day": one.day,
        "starts": one.starts,
        "ends": one.ends,
        "signs": list(SIGNS),
        "longest": LONGEST_IDLE,
    }
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, values)
