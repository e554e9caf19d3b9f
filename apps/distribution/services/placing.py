"""Lay a unit before one person, now or after so many other tasks: for exams, and what keeps them."""

from uuid import UUID

import msgspec
from django.db import connection, transaction

from apps.activity import services as activity
from apps.core.errors import Refusal
from apps.core.tenancy import active_tenant
from apps.distribution.models import NEVER, Task, TaskState, Unit
from apps.pipelines.models import Stage

from .counts import announce_counts

AT_ONCE = 500
# The second round is the first that no draw of a review lets pass.
ENTER = """
SELECT app.enter(jsonb_populate_record(NULL::task, %s::jsonb), %s, 2, NULL, %s, %s, '')
"""
# What the person handed on at the stage since the task was placed, counted no further than it takes.
READY = """
WITH placed AS MATERIALIZED (
  SELECT t.id FROM task t WHERE t.org_id = %(org)s AND t.kind = 'human' AND t.state = 'waiting'
    AND t.comes_after <= (SELECT count(*) FROM (
      SELECT FROM activity_event e WHERE e.org_id = %(org)s AND e.actor_id = t.preferred_person
        AND e.at >= t.created_at AND e.stage_id = t.stage_id
        AND e.kind IN ('task.submitted', 'task.reviewed', 'unit.reviewed') LIMIT t.comes_after) done)
  ORDER BY t.id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
UPDATE task t SET state = 'ready' FROM placed WHERE t.id = placed.id
"""


class CannotPlace(Refusal):
    code = "cannot_place"
    message = "A task is placed at a stage where one person works on units of its kind."


@transaction.atomic
def place_task(*, unit: Unit, stage: Stage, person: UUID, after: int = 0) -> Task:
    """A task about the unit for this person alone, at the stage, ready once they have handed on `after` others there.

    It stays theirs for ever; the owner's context places it. Raises CannotPlace.
    """
    if not stage.is_human or stage.unit != unit.kind or stage.overlap > 1 or stage.org_id != unit.org_id:
        raise CannotPlace
    run = unit.pipeline_run
    stands = {
        "org_id": unit.org_id,
        "project_id": unit.project_id,
        "pipeline_run_id": run.pk,
        "unit_id": unit.pk,
        "priority": run.priority,
        "due_at": NEVER,
    }
    with connection.cursor() as cursor:
        cursor.execute(ENTER, [msgspec.json.encode(stands).decode(), stage.pk, person, NEVER])
        ((made,),) = cursor.fetchall()
    task: Task = Task.objects.get(pk=made)
    if after > 0:
        task.move_to(TaskState.WAITING, comes_after=after)
    activity.record_audit("task.place", task, person=str(person), after=after)
    announce_counts(unit.project_id)
    return task


def release_placed() -> int:
    """Make the acting organization's placed tasks ready whose turn has come; gives how many."""
    with connection.cursor() as cursor:
        cursor.execute(READY, {"org": active_tenant().org_id, "most": AT_ONCE})
        released: int = cursor.rowcount
    return released
