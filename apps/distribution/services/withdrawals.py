"""Deleted pictures take their open work off the line; those brought back return to it, while their run goes on.

All of it runs in jobs, in the owner's context. A task that was handed in stays as it is, and so does what was accepted.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.activity import services as activity
from apps.core.tenancy import Context, active_tenant, tenant_tx
from apps.distribution.models import PipelineRun, RunState, Task, TaskKind, TaskState, Unit, UnitState
from apps.jobs.topics import publish
from apps.predictions.models import Inference, InferenceState
from apps.predictions.services import cancel_inference
from apps.projects.models import Item

from .counts import announce_counts
from .leases import tell_holder

WITHDRAW = "distribution.withdraw"
CHUNK = 200
ON_THE_LINE = (TaskState.WAITING, TaskState.READY, TaskState.LEASED, TaskState.SKIPPED)
GOING = (RunState.FILLING, RunState.RUNNING, RunState.PAUSED, RunState.DRAINING)
NOBODYS = {"holder": None, "worker_org_id": None, "lease_token": None, "lease_until": None, "claimed_at": None}


@transaction.atomic
def withdraw(items: Sequence[UUID]) -> None:
    """Cancel the open units of pictures that are deleted now. Safe to repeat."""
    _hold_runs(items)
    there = Item.objects.filter(pk__in=items, deleted_at=None, dataset__deleted_at=None).values("pk")
    units = Unit.objects.filter(org_id=active_tenant().org_id, item_id__in=items, state=UnitState.OPEN)
    units = units.exclude(item_id__in=there)
    now = timezone.now()
    # Tasks before units, as a submission takes them; once more for those that one wrote meanwhile.
    _cancel_tasks(units, now)
    held = list(units.select_for_update(of=("self",)).order_by("pk"))
    _cancel_tasks(Unit.objects.filter(pk__in=[unit.pk for unit in held]), now)
    Unit.objects.filter(pk__in=[unit.pk for unit in held]).update(state=UnitState.CANCELLED, finished_at=now)
    _record("unit.withdraw", held, -1)


@transaction.atomic
def bring_back(items: Sequence[UUID]) -> None:
    """Open again what `withdraw` cancelled, for pictures that are there again. Safe to repeat."""
    _hold_runs(items)
    there = Item.objects.filter(pk__in=items, deleted_at=None, dataset__deleted_at=None).values("pk")
    # Units of a run that goes on are cancelled by nothing else.
    units = Unit.objects.filter(
        org_id=active_tenant().org_id, item_id__in=there, state=UnitState.CANCELLED, pipeline_run__state__in=GOING
    )
    held = list(units.select_for_update(of=("self",)).order_by("pk"))
    tasks = Task.objects.filter(unit__in=held, state=TaskState.CANCELLED, ended_at=F("unit__finished_at"))
    machines = list(tasks.filter(kind=TaskKind.MACHINE).values_list("pk", "project_id"))
    Task.objects.filter(pk__in=list(tasks.filter(kind=TaskKind.HUMAN).values_list("pk", flat=True))).update(
        state=TaskState.READY, ended_at=None, **NOBODYS
    )
    Task.objects.filter(pk__in=[task for task, _ in machines]).update(state=TaskState.WAITING, ended_at=None)
    for task, project in machines:
        publish("stage.entered", {"task": task}, active_tenant().org_id, project)
    Unit.objects.filter(pk__in=[unit.pk for unit in held]).update(state=UnitState.OPEN, finished_at=None)
    _record("unit.bring_back", held, 1)


def withdraw_dataset(*, context: Context, dataset_id: UUID, progress: Callable[[int], None]) -> int:
    """The same for all pictures of a deleted dataset, a transaction for each chunk; gives how many units there were."""
    withdrawn = 0
    while True:
        with tenant_tx(context):
            units = Unit.objects.filter(org_id=context.org_id, item__dataset_id=dataset_id, state=UnitState.OPEN)
            items = list(units.order_by("pk").values_list("item_id", flat=True)[:CHUNK])
            withdraw(items)
        withdrawn += len(items)
        progress(withdrawn)
        if not items:
            return withdrawn


def _hold_runs(items: Sequence[UUID]) -> None:
    """One of these acts at a time, so that an undo sees what it undoes; and no run ends while its units come back."""
    units = Unit.objects.filter(org_id=active_tenant().org_id, item_id__in=items)
    runs = PipelineRun.objects.filter(pk__in=units.values("pipeline_run_id")).order_by("pk")
    # Without its key, which who writes the next task needs: they hold the task that these acts come to wait for.
    list(runs.select_for_update(no_key=True).values_list("pk", flat=True))


def _cancel_tasks(units: "QuerySet[Unit]", now: object) -> None:
    tasks = Task.objects.filter(unit__in=units, state__in=ON_THE_LINE)
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


def _record(verb: str, units: Sequence[Unit], sign: int) -> None:
    """One audit row and one measurement for each run: so many units fewer, or more, are to be done."""
    numbers = Counter(unit.pipeline_run_id for unit in units)
    for run in PipelineRun.objects.filter(pk__in=numbers):
        activity.record_audit(verb, run, count=numbers[run.pk])
        activity.record_activity("units.made", run, run=str(run.pk), units=sign * numbers[run.pk])
        announce_counts(run.project_id)
