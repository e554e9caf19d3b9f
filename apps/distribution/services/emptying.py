"""Take units off the line: all that is open of a cancelled run, and of one that drains what nobody has begun."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.activity import services as activity
from apps.core.tenancy import Context, tenant_tx
from apps.distribution.models import PipelineRun, RunState, Task, TaskKind, TaskState, Unit, UnitState
from apps.pipelines.models import PipelineVersion, Stage, StageKind
from apps.predictions.models import Inference, InferenceState
from apps.predictions.services import cancel_inference

from .counts import announce_counts
from .leases import tell_holder

CHUNK = 1000
EMPTY, DRAIN = "pipeline_run.empty", "pipeline_run.drain"
OPEN = (TaskState.WAITING, TaskState.READY, TaskState.LEASED)
CANCELLED = (*OPEN, TaskState.SUBMITTED, TaskState.SKIPPED)

# By items in the order of their index, so that a chunk costs the same at the end of a long run as at its beginning.
NEXT_ITEMS = """
SELECT item_id FROM unit WHERE org_id = %s AND pipeline_run_id = %s AND kind = 'item' AND item_id > %s
ORDER BY item_id LIMIT %s
"""
# Units that have been nowhere but at the first stage, where nobody has had them: how many tasks each has there.
UNTOUCHED = """
SELECT u.id, count(t.id) FROM unit u JOIN task t ON t.org_id = u.org_id AND t.unit_id = u.id
WHERE u.org_id = %(org)s AND u.pipeline_run_id = %(run)s AND u.item_id = ANY(%(items)s) AND u.kind = 'item'
  AND u.state = 'open' AND u.open_children = 0
GROUP BY u.id HAVING bool_and(t.stage_id = ANY(%(first)s) AND t.state IN ('waiting', 'ready') AND t.attempt = 0
  AND t.round = 1 AND t.assigned_by IS NULL)
"""


def empty_run(*, context: Context, run_id: UUID, progress: Callable[[int], None]) -> int:
    """Cancel the open units of a cancelled run, their tasks and what models still had to do; gives how many."""
    emptied = 0
    for items in walk_items(context, run_id):
        with tenant_tx(context):
            units = Unit.objects.filter(org_id=context.org_id, pipeline_run_id=run_id, item_id__in=items)
            emptied += take_off(list(units.filter(state=UnitState.OPEN).values_list("pk", flat=True)))
        progress(emptied)
    return emptied


def drain_run(*, context: Context, run_id: UUID, progress: Callable[[int], None]) -> int:
    """Cancel the units of a draining run that nobody has begun; gives how many. What was begun is finished."""
    drained = 0
    for items in walk_items(context, run_id):
        with tenant_tx(context):
            run: PipelineRun = PipelineRun.objects.get(pk=run_id)
            if run.state != RunState.DRAINING:
                return drained
            units = _untouched(run, items)
            taken = take_off(units)
            if taken:
                activity.record_activity("units.made", run, run=str(run.pk), units=-taken)
        drained += taken
        announce_counts(run.project_id)
        progress(drained)
    with tenant_tx(context):
        activity.record_audit("pipeline_run.drained", PipelineRun.objects.get(pk=run_id), count=drained)
    return drained


def walk_items(context: Context, run_id: UUID) -> Iterator[list[UUID]]:
    """The items of a run in chunks. Begun again after a crash, it goes quickly over what is done."""
    after = UUID(int=0)
    while True:
        with tenant_tx(context), connection.cursor() as cursor:
            cursor.execute(NEXT_ITEMS, [context.org_id, run_id, after, CHUNK])
            items = [row[0] for row in cursor.fetchall()]
        if not items:
            return
        yield items
        after = items[-1]


def take_off(units: Sequence[UUID]) -> int:
    """Cancel units that are open, with their tasks; who holds one is told. Gives how many units there were."""
    now = timezone.now()
    # Tasks before units, as a submission takes them; once more for those that one wrote meanwhile.
    cancel_tasks(units, now)
    open_units = Unit.objects.filter(pk__in=units, state=UnitState.OPEN)
    held = list(open_units.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk", flat=True))
    cancel_tasks(held, now)
    return Unit.objects.filter(pk__in=held).update(state=UnitState.CANCELLED, finished_at=now)


def cancel_tasks(units: Sequence[UUID], now: Any, states: Collection[str] = CANCELLED) -> list[Task]:
    """Cancel what is still to be done about units, and what models still had to say; gives the tasks."""
    tasks = Task.objects.filter(unit_id__in=units, state__in=states)
    held = list(tasks.select_for_update(of=("self",)).order_by("pk"))
    for task in held:
        if task.state == TaskState.LEASED:
            tell_holder(task, {"type": "lease.lost"})
    Task.objects.filter(pk__in=[task.pk for task in held]).update(
        state=TaskState.CANCELLED, lease_token=None, lease_until=None, ended_at=now
    )
    machines = [task.pk for task in held if task.kind == TaskKind.MACHINE]
    for inference in Inference.objects.filter(task_id__in=machines, state=InferenceState.WAITING):
        cancel_inference(inference=inference)
    return held


def _untouched(run: PipelineRun, items: Sequence[UUID]) -> list[UUID]:
    """Under lock. What somebody is just claiming, and what a model is reading, is begun."""
    pipeline = PipelineVersion.objects.filter(pk=run.pipeline_version_id).values("pipeline_id")
    sources = Stage.objects.filter(pipeline_version__pipeline__in=pipeline, kind=StageKind.DATASET)
    first = list(sources.values_list("next_id", flat=True))
    values: dict[str, Any] = {"org": run.org_id, "run": run.pk, "items": list(items), "first": first}
    with connection.cursor() as cursor:
        cursor.execute(UNTOUCHED, values)
        tasks_of = dict(cursor.fetchall())
    tasks = Task.objects.filter(unit_id__in=tasks_of, state__in=(TaskState.WAITING, TaskState.READY), attempt=0)
    held = dict(
        tasks.select_for_update(of=("self",), skip_locked=True).order_by("pk").values_list("pk", "unit_id").iterator()
    )
    read = Inference.objects.filter(task_id__in=held, state=InferenceState.RUNNING).values_list("task_id", flat=True)
    begun = {held[task] for task in read}
    locked = Counter(held.values())
    return [unit for unit, number in tasks_of.items() if locked[unit] == number and unit not in begun]
