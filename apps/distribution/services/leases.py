"""Leases: kept by heart-beats, given back by hand, ended by the clock of the database."""

import datetime
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.activity import services as activity
from apps.core.tenancy import active_tenant
from apps.distribution.models import PipelineRun, RunState, Task, TaskState, Unit, UnitState
from apps.pipelines.models import Stage, StageKind

from .counts import announce_counts
from .holding import hold, lost_if_mine, record
from .refusals import call

LONGEST_HOLD = timedelta(hours=4)
SWEEP_SECONDS = 5
WARNING = timedelta(seconds=60)
AT_ONCE = 500
ENDING = (RunState.RUNNING, RunState.DRAINING)

# By primary key after SKIP LOCKED: a submission that is under way keeps its row, and wins.
EXPIRE = """
WITH late AS MATERIALIZED (
  SELECT id, holder, worker_org_id FROM task
  WHERE org_id = %s AND state = 'leased' AND lease_until <= clock_timestamp()
  ORDER BY lease_until LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE task t SET state = 'ready', holder = NULL, worker_org_id = NULL, lease_token = NULL, lease_until = NULL,
                  claimed_at = NULL
FROM late WHERE t.id = late.id
RETURNING t.id, t.project_id, t.stage_id, t.unit_id, late.holder, late.worker_org_id
"""


# What waited long enough for one person joins the queue; what a manager assigned waits for ever.
UNRESERVE = """
WITH late AS MATERIALIZED (
  SELECT id FROM task WHERE org_id = %s AND state = 'ready' AND preferred_person IS NOT NULL
    AND preferred_until <= clock_timestamp()
  ORDER BY preferred_until LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE task t SET preferred_person = NULL, postponed = false FROM late WHERE t.id = late.id
"""


def extend_lease(*, task_id: UUID, lease_token: UUID) -> datetime.datetime:
    """Prove to be at work: the lease's new end. Raises NotFound, LeaseExpired, LeaseLost. Opens its own transaction."""
    context = active_tenant()
    with lost_if_mine(task_id):
        rows = call(
            "SELECT app.extend(%s, %s::uuid[], %s, %s, %s, %s)",
            [context.org_id, list(context.projects), context.user_id, task_id, lease_token, LONGEST_HOLD],
        )
    until: datetime.datetime = rows[0][0]
    return until


@transaction.atomic
def release_task(*, task_id: UUID, lease_token: UUID) -> None:
    """Give a task back for others; the draft stays. Raises NotFound, LeaseExpired, LeaseLost."""
    task = hold(task_id, lease_token)
    record("task.release", "task.released", task)
    back_to_queue(task)


def back_to_queue(task: Task, **fields: object) -> None:
    """Make a held task ready for anybody."""
    task.move_to(
        TaskState.READY, holder=None, worker_org_id=None, lease_token=None, lease_until=None, claimed_at=None, **fields
    )
    announce_counts(task.project_id)


@transaction.atomic
def expire_leases() -> int:
    """End the acting organization's leases that ran out, and warn those that will within a minute; gives how many."""
    org_id = active_tenant().org_id
    _warn(org_id)
    with connection.cursor() as cursor:
        cursor.execute(UNRESERVE, [org_id, AT_ONCE])
        cursor.execute(EXPIRE, [org_id, AT_ONCE])
        ended = cursor.fetchall()
    for task_id, project_id, stage_id, unit_id, holder, worker_org in ended:
        activity.record_activity(
            "task.expired",
            Task(id=task_id, org_id=org_id, project_id=project_id),
            stage_id=stage_id,
            task_id=task_id,
            unit_id=unit_id,
            holder=str(holder),
            worker_org=str(worker_org),
        )
        _tell(org_id, project_id, worker_org, task_id, {"type": "lease.lost"})
    for project_id in {row[1] for row in ended}:
        announce_counts(project_id)
    return len(ended)


def finish_runs() -> None:
    """Mark the acting organization's runs whose every unit is finished; one that takes what arrives goes on."""
    going = PipelineRun.objects.filter(org_id=active_tenant().org_id, state__in=ENDING)
    for run in going:
        if _has_more_to_do(run):
            continue
        # Looked at again while it is held: pictures that are brought back open their units meanwhile.
        held = PipelineRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        if held.state in ENDING and not _has_more_to_do(held):
            held.move_to(RunState.DONE)
            activity.record_audit("pipeline_run.finish", held)


def _has_more_to_do(run: PipelineRun) -> bool:
    if _has_open_units(run):
        return True
    feeding = Stage.objects.filter(kind=StageKind.DATASET, settings__feed=True)
    return run.state == RunState.RUNNING and feeding.filter(pipeline_version_id=run.pipeline_version_id).exists()


def _has_open_units(run: PipelineRun) -> bool:
    return Unit.objects.filter(org_id=run.org_id, pipeline_run=run, state=UnitState.OPEN).exists()


def _warn(org_id: UUID) -> None:
    """Each lease meets this window in one sweep; a missed warning is only a missed warning."""
    edge = timezone.now() + WARNING
    soon = Task.objects.filter(
        org_id=org_id,
        state=TaskState.LEASED,
        lease_until__lte=edge,
        lease_until__gt=edge - timedelta(seconds=SWEEP_SECONDS),
    )
    for task in soon[:AT_ONCE]:
        tell_holder(task, {"type": "lease.expiring", "expires_at": task.lease_until})


def tell_holder(task: Task, frame: dict[str, object]) -> None:
    """Say something about a held task to who works on it now."""
    _tell(task.org_id, task.project_id, task.worker_org_id, task.pk, frame)


def _tell(org_id: UUID, project_id: UUID, worker_org_id: UUID | None, task_id: UUID, frame: dict[str, object]) -> None:
    activity.publish(
        f"task:{task_id}",
        frame | {"topic": "task", "id": str(task_id)},
        org_id=org_id,
        project_id=project_id,
        worker_org_id=worker_org_id,
    )
