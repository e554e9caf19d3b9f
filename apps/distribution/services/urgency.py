"""Priority and due date of work: of chosen tasks at once, of a whole run by a job in small chunks."""

import datetime
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.activity import services as activity
from apps.core.errors import Invalid, NotFound
from apps.core.tenancy import Context, tenant_tx
from apps.distribution.models import PipelineRun, Task, TaskState
from apps.jobs.services import request
from apps.projects.models import Project

from .checked import checked_urgency
from .counts import announce_counts
from .runs import change_run

URGENCY = "pipeline_run.urgency"
CHUNK = 2000
MOST_TASKS = 2000
OPEN = (TaskState.WAITING, TaskState.READY, TaskState.LEASED, TaskState.SKIPPED)

# By items in the order of their index, so that a chunk costs the same at the end of a long run as at its beginning.
NEXT_ITEMS = """
WITH items AS MATERIALIZED (
  SELECT u.id, u.item_id FROM unit u
  WHERE u.org_id = %(org)s AND u.pipeline_run_id = %(run)s AND u.kind = 'item' AND u.item_id > %(after)s
  ORDER BY u.item_id LIMIT %(limit)s)
SELECT (SELECT max(item_id::text)::uuid FROM items), count(*), array_agg(id) || coalesce((
    SELECT array_agg(c.id) FROM unit c
    WHERE c.org_id = %(org)s AND c.parent_id = ANY(SELECT id FROM items)), '{}')
  || coalesce((
    SELECT array_agg(g.id) FROM unit g JOIN unit c ON c.org_id = %(org)s AND c.id = g.parent_id
    WHERE g.org_id = %(org)s AND c.parent_id = ANY(SELECT id FROM items)), '{}')
FROM items
"""
CHANGE = """
UPDATE task SET priority = %(priority)s, due_at = %(due)s WHERE id IN (
  SELECT t.id FROM task t WHERE t.org_id = %(org)s AND t.unit_id = ANY(%(units)s) AND t.state = ANY(%(open)s)
    AND (t.priority, t.due_at) IS DISTINCT FROM (%(priority)s, %(due)s) ORDER BY t.id FOR UPDATE)
"""


class TooManyTasks(Invalid):
    code = "too_many_tasks"
    message = f"Name 1 to {MOST_TASKS:,} tasks."


@transaction.atomic
def edit_run(
    *, run: PipelineRun, state: str | None, priority: int | None, due_at: datetime.datetime | None
) -> PipelineRun:
    """Another urgency and another state, both or none. Raises as `change_urgency` and `change_run`."""
    run = change_urgency(run=run, priority=priority, due_at=due_at)
    return change_run(run=run, state=state) if state else run


@transaction.atomic
def change_urgency(
    *, run: PipelineRun, priority: int | None = None, due_at: datetime.datetime | None = None
) -> PipelineRun:
    """A run's priority and due date, and by a job those of its open tasks; None stays, NEVER is no date.

    Raises InvalidPriority, DueInThePast.
    """
    checked_urgency(priority, due_at)
    held: PipelineRun = PipelineRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    before = _said(held)
    held.priority = held.priority if priority is None else priority
    held.due_at = held.due_at if due_at is None else due_at
    if _said(held) == before:
        return held
    held.save(update_fields=["priority", "due_at"])
    activity.record_audit("pipeline_run.urgency", held, before=before, after=_said(held))
    stated = {"pipeline_run": str(held.pk), **_said(held)}
    request(kind=URGENCY, input=stated, project_id=held.project_id, org_id=held.org_id, total=held.units_made or None)
    return held


def spread_urgency(*, context: Context, run_id: UUID, progress: Callable[[int], None]) -> int:
    """Bring a run's open tasks to its priority and due date, a transaction for each chunk of items; gives how many
    changed. Begun again after a crash, it finds the first chunks done."""
    after, done, changed = UUID(int=0), 0, 0
    while True:
        with tenant_tx(context):
            run = PipelineRun.objects.get(pk=run_id)
            values: dict[str, Any] = {"org": run.org_id, "run": run.pk, "after": after, "limit": CHUNK}
            with connection.cursor() as cursor:
                cursor.execute(NEXT_ITEMS, values)
                last, number, units = cursor.fetchone()
                if number:
                    changed += _change(cursor, run, units)
        if not number:
            announce_counts(run.project_id)
            return changed
        after, done = last, done + number
        progress(done)


@transaction.atomic
def change_tasks(
    *,
    project: Project,
    tasks: Collection[UUID],
    priority: int | None = None,
    due_at: datetime.datetime | None = None,
) -> int:
    """The same of chosen tasks that are open; gives how many of them are. What follows on the line takes it over.

    Raises TooManyTasks, InvalidPriority, DueInThePast, NotFound.
    """
    if not 1 <= len(set(tasks)) <= MOST_TASKS:
        raise TooManyTasks(field="tasks")
    checked_urgency(priority, due_at)
    rows = Task.objects.filter(project=project, pk__in=set(tasks))
    held = list(rows.select_for_update(of=("self",)).order_by("pk"))
    if len(held) < len(set(tasks)):
        raise NotFound
    given = {name: value for name, value in (("priority", priority), ("due_at", due_at)) if value is not None}
    still = [task.pk for task in held if task.state in OPEN]
    if given and still:
        Task.objects.filter(pk__in=still).update(**given)
        stated = {name: str(value) for name, value in given.items()}
        activity.record_audit("task.urgency", project, count=len(still), **stated)
        announce_counts(project.pk)
    return len(still)


def _change(cursor: Any, run: PipelineRun, units: list[UUID]) -> int:
    """Until nothing is left: a task that was just handed in has been followed by one with what was before."""
    values = {"org": run.org_id, "units": units, "open": list(OPEN), "priority": run.priority, "due": run.due_at}
    changed = 0
    while True:
        cursor.execute(CHANGE, values)
        if not cursor.rowcount:
            return changed
        changed += cursor.rowcount


def _said(run: PipelineRun) -> dict[str, Any]:
    return {"priority": run.priority, "due_at": run.due_at.isoformat()}
