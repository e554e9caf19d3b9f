"""Find the inferences that nobody runs: dead workers, lost messages, an emptied Redis."""

import logging
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.core.tenancy import owner_context, tenant_tx
from apps.predictions.models import Inference, InferenceState
from apps.predictions.services.dispatching import top_up
from apps.predictions.services.registry import WARM
from apps.predictions.services.requests import RUN, tell_failure

ALARMING_RESENDS = 2
STALE = "10 seconds"
UNSTARTED = "30 seconds"
STILL_COLD = "5 minutes"  # loading may take long, and each message that waits for it holds a thread
CRASHED = "The worker died on this picture {attempts} times, so it was given up."

logger = logging.getLogger(__name__)

TELL_THE_WORKER = f"""
INSERT INTO outbox (org_id, project_id, actor, row_id, topic, payload, created_at)
SELECT org_id, project_id, '{RUN}', id, '', jsonb_build_object('queue', 'gpu.' || lane), now() FROM {{rows}}
RETURNING row_id
"""  # noqa: S608 - constants of this module

# Locked rows are passed over: whoever holds one is alive.
REQUEUE_DEAD = f"""
WITH dead AS (
  SELECT id FROM inference
  WHERE state = 'running' AND heartbeat_at < now() - interval '{STALE}' AND attempt < max_attempts
  FOR UPDATE SKIP LOCKED
), requeued AS (
  UPDATE inference SET state = 'queued', run_token = NULL, queued_at = now(), resends = resends + 1
  FROM dead WHERE inference.id = dead.id RETURNING inference.*
) {TELL_THE_WORKER.format(rows="requeued")}
"""  # noqa: S608 - constants of this module

# Back-off by what was sent before: a long queue is not a lost one.
RESEND_UNSTARTED = f"""
WITH lost AS (
  SELECT id FROM inference WHERE state = 'queued' AND {{which}}
    AND NOT EXISTS (SELECT FROM outbox WHERE row_id = inference.id AND sent_at IS NULL)
  FOR UPDATE SKIP LOCKED
), resent AS (
  UPDATE inference SET resends = resends + 1 FROM lost WHERE inference.id = lost.id RETURNING inference.*
) {TELL_THE_WORKER.format(rows="resent")}
"""  # noqa: S608 - as above
WARM_AGAIN = f"""
INSERT INTO outbox (org_id, project_id, actor, row_id, topic, payload, created_at)
SELECT org_id, project_id, '{WARM}', id, '', '{{"queue": "gpu.assist"}}', now() FROM deployment WHERE state = 'warming'
  AND NOT EXISTS (
    SELECT FROM outbox WHERE row_id = deployment.id AND (sent_at IS NULL OR created_at > now() - %s::interval)
  )
RETURNING row_id
"""  # noqa: S608 - a constant of ours
OVERDUE = f"queued_at < now() - interval '{UNSTARTED}' * power(2, least(resends, 6))"


def reap_inferences() -> int:
    """Give dead and lost inferences to others, ask again for models that stay cold; gives the number of inferences."""
    found = _sweep(REQUEUE_DEAD) + _sweep(RESEND_UNSTARTED.format(which=OVERDUE))
    for inference in Inference.across_tenants.filter(pk__in=found, resends__gt=ALARMING_RESENDS):
        logger.error("inference %s was sent again %d times", inference.pk, inference.resends)
    _sweep(WARM_AGAIN, STILL_COLD)
    return len(found) + _bury()


def resend_inferences() -> None:
    """Redis has lost its memory: ask again for all that is queued, and for models that wait to be warm."""
    _sweep(RESEND_UNSTARTED.format(which="true"))
    _sweep(WARM_AGAIN, "0 seconds")


def _sweep(statement: str, *parameters: str) -> list[Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]


def _bury() -> int:
    """Inferences whose last attempt died: one that kills its worker kills no fourth."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT org_id, id, run_token FROM inference WHERE state = 'running' AND attempt >= max_attempts"
            " AND heartbeat_at < now() - %s::interval",
            [STALE],
        )
        dead = cursor.fetchall()
    return sum(_give_up(*one) for one in dead)


def _give_up(org_id: Any, inference_id: Any, token: Any) -> bool:
    with tenant_tx(owner_context(org_id)):
        held = Inference.objects.filter(pk=inference_id, run_token=token, state=InferenceState.RUNNING)
        inference = held.select_for_update().first()
        if inference is None:
            return False
        message = CRASHED.format(attempts=inference.attempt)
        inference.move_to(
            InferenceState.FAILED,
            run_token=None,
            finished_at=timezone.now(),
            error_code="crashed",
            error_message=message,
        )
        tell_failure(inference, code="crashed", message=message)
        top_up(inference)
    return True
