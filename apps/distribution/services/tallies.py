"""Put the tallies of runs together, so that a run's numbers are read from few rows."""

from django.db import connection

from apps.core.tenancy import active_tenant
from apps.distribution.models import Tally

FOLD_SECONDS = 5
AT_ONCE = 20_000

# What another process puts together is left to it: each row is gathered once, and the sums stay what they are.
FOLD = """
WITH gone AS (
  DELETE FROM tally WHERE id IN (
    SELECT id FROM tally WHERE org_id = %(org)s AND pipeline_run_id = %(run)s
    ORDER BY folded, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
  RETURNING org_id, project_id, worker_org_id, pipeline_run_id, stage_id, state, number)
INSERT INTO tally (org_id, project_id, worker_org_id, pipeline_run_id, stage_id, state, number, folded)
SELECT org_id, project_id, worker_org_id, pipeline_run_id, stage_id, state, sum(number), true FROM gone
GROUP BY org_id, project_id, worker_org_id, pipeline_run_id, stage_id, state HAVING sum(number) <> 0
"""


def fold_tallies() -> None:
    """Of the acting organization's runs that have moved."""
    org_id = active_tenant().org_id
    moved = Tally.objects.filter(org_id=org_id, folded=False).order_by().values_list("pipeline_run_id", flat=True)
    for run_id in moved.distinct():
        with connection.cursor() as cursor:
            cursor.execute(FOLD, {"org": org_id, "run": run_id, "limit": AT_ONCE})
