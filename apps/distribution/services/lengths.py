"""How long a lease is where the stage does not state it: a multiple of what the stage's own tasks lately took."""

from typing import Any

from django.db import connection

from apps.core.tenancy import active_tenant

SHORTEST, LONGEST = 60, 4 * 3600
TIMES_P95 = 3
LEAST_TASKS = 20
NEWEST = 20_000
EVERY_SECONDS = 3600

# Of each project at work the newest events that end a task: read through the project's line of the record, and bounded.
LENGTHS = """
WITH ended AS (
  SELECT e.stage_id, (e.payload ->> 'elapsed_ms')::float8 / 1000 AS seconds
  FROM (SELECT DISTINCT project_id FROM pipeline_run WHERE org_id = %(org)s
          AND state IN ('filling', 'running', 'draining')) p
  CROSS JOIN LATERAL (
    SELECT a.stage_id, a.payload, a.kind FROM activity_event a
    WHERE a.org_id = %(org)s AND a.project_id = p.project_id AND a.at > clock_timestamp() - interval '14 days'
    ORDER BY a.at DESC LIMIT %(newest)s) e
  WHERE e.kind IN ('task.submitted', 'task.reviewed', 'unit.reviewed') AND e.payload ? 'elapsed_ms'),
took AS (
  SELECT stage_id, percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
  FROM ended GROUP BY stage_id HAVING count(*) >= %(least)s)
UPDATE stage s SET lease_seconds = greatest(%(shortest)s, least(%(longest)s, round(took.p95 * %(times)s)::integer))
FROM took
WHERE s.org_id = %(org)s AND s.id = took.stage_id AND s.settings ->> 'lease_seconds' IS NULL
  AND s.lease_seconds <> greatest(%(shortest)s, least(%(longest)s, round(took.p95 * %(times)s)::integer))
"""


def follow_durations() -> int:
    """Set the acting organization's leases by the newest tasks of each stage; gives how many stages changed."""
    values: dict[str, Any] = {
        "org": active_tenant().org_id,
        "newest": NEWEST,
        "least": LEAST_TASKS,
        "shortest": SHORTEST,
        "longest": LONGEST,
        "times": TIMES_P95,
    }
    with connection.cursor() as cursor:
        cursor.execute(LENGTHS, values)
        changed: int = cursor.rowcount
    return changed
