"""Find the work that nobody does: lost messages, dead workers, an emptied Redis."""

import logging
from typing import Any

from django.db import connection, transaction

from apps.jobs import broker
from apps.jobs.models import Job
from apps.jobs.periodic import services_after_wipe

from .runs import RunningJob, fail, run_of

MARKER = "tessera:jobs:marker"
ALARMING_RESENDS = 2
STALE = "10 seconds"
UNSTARTED = "30 seconds"
CRASHED = "The process that worked on this died, {attempts} times. Start it again, or report it."

logger = logging.getLogger(__name__)

# Locked rows are passed over: whoever holds one is alive.
REQUEUE_DEAD = f"""
WITH dead AS (
  SELECT id FROM job WHERE state = 'running' AND heartbeat_at < now() - interval '{STALE}' AND attempt < max_attempts
  FOR UPDATE SKIP LOCKED
), requeued AS (
  UPDATE job SET state = 'queued', run_token = NULL, queued_at = now(), not_before = NULL, resends = resends + 1
  FROM dead WHERE job.id = dead.id RETURNING job.*
)
INSERT INTO outbox (org_id, project_id, job_id, actor, topic, payload, created_at)
SELECT org_id, project_id, id, '', '', '{{}}', now() FROM requeued RETURNING job_id
"""  # noqa: S608 - constants of this module

# Back-off by what was sent before: a long queue is not a lost one.
RESEND_UNSTARTED = """
WITH waiting AS (
  SELECT id FROM job WHERE state = 'queued' AND {which} AND (not_before IS NULL OR not_before < now())
    AND NOT EXISTS (SELECT FROM outbox WHERE job_id = job.id AND sent_at IS NULL)
  FOR UPDATE SKIP LOCKED
), resent AS (
  UPDATE job SET resends = resends + 1 FROM waiting WHERE job.id = waiting.id RETURNING job.*
)
INSERT INTO outbox (org_id, project_id, job_id, actor, topic, payload, created_at)
SELECT org_id, project_id, id, '', '', '{{}}', now() FROM resent RETURNING job_id
"""
OVERDUE = f"queued_at < now() - interval '{UNSTARTED}' * power(2, least(resends, 6))"


def reap() -> int:
    """Give dead and lost work to others; gives the number of jobs. Raises redis' errors after the database's part."""
    found = _sweep(REQUEUE_DEAD) + _bury() + _sweep(RESEND_UNSTARTED.format(which=OVERDUE))
    often = Job.across_tenants.filter(pk__in=found, resends__gt=ALARMING_RESENDS)
    if worst := often.order_by("-resends").first():
        logger.error(
            "%d jobs were sent again too often; %s (%s) %d times", len(often), worst.pk, worst.kind, worst.resends
        )
    return len(found)


def resend_after_wipe() -> bool:
    """Where Redis has lost its memory, ask again for all that is queued. Raises redis' errors."""
    client = broker.broker().client
    if client.exists(MARKER):
        return False
    _sweep(RESEND_UNSTARTED.format(which="true"))
    for service in services_after_wipe():
        service()
    # Last: if anything above failed, the next sweep does it all again.
    client.set(MARKER, "1")
    return True


def _sweep(statement: str) -> list[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def _bury() -> list[Any]:
    """Jobs whose last attempt died: a poison job runs no fourth time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, run_token FROM job WHERE state = 'running' AND attempt >= max_attempts"
            " AND heartbeat_at < now() - %s::interval",
            [STALE],
        )
        dead = cursor.fetchall()
    return [job_id for job_id, token in dead if _fail(run_of(job_id, token))]


def _fail(run: RunningJob | None) -> bool:
    if run is None:
        return False
    fail(run, code="crashed", message=CRASHED.format(attempts=run.attempt))
    return True
