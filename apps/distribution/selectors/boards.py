"""How a project's newest run stands: its state, and the counts of its stages."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, UUIDField, Value

from apps.core.tenancy import active_tenant
from apps.distribution.models import PipelineRun, Task, TaskState, Unit, UnitState
from apps.pipelines.models import Stage, StageKind
from apps.projects.models import Project

from .known import known_stages

OPEN = (TaskState.WAITING, TaskState.READY, TaskState.LEASED)
PASSED = (TaskState.SUBMITTED, TaskState.ACCEPTED, TaskState.RETURNED)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many of a run's units and, by stage, of its tasks are in each state."""

    units: Counter[str] = field(default_factory=Counter)
    tasks: dict[UUID, Counter[str]] = field(default_factory=dict)


def stage_counts(project: Project) -> list[dict[str, Any]]:
    """Each stage of the newest run: tasks by state, with the sums `open` and `passed`; units at both ends."""
    run = PipelineRun.objects.filter(project=project).order_by("-started_at", "-id").first()
    if run is None:
        return []
    return counts_in(stages_shown(run), numbers_of(run))


def stages_shown(run: PipelineRun) -> list[Stage]:
    """A run's stages in their order, less those that the engagement leaves out."""
    closed = active_tenant().closed
    return [stage for stage in known_stages(run.org_id, run.pipeline_version_id) if stage.pk not in closed]


def counts_in(stages: Iterable[Stage], numbers: Numbers) -> list[dict[str, Any]]:
    """The same where stages and numbers are known."""
    return [{"stage": str(stage.pk), **_counts(stage, numbers)} for stage in stages]


def numbers_of(run: PipelineRun) -> Numbers:
    """Both by one statement."""
    tasks = Task.objects.filter(org_id=run.org_id, pipeline_run=run).values_list("stage_id", "state")
    units = Unit.objects.filter(org_id=run.org_id, pipeline_run=run)
    of_no_stage = units.values_list(Value(None, output_field=UUIDField()), "state")
    counted = [rows.annotate(number=Count("id")).order_by() for rows in (tasks, of_no_stage)]
    found = Numbers()
    for stage_id, state, number in counted[0].union(counted[1], all=True):
        states = found.units if stage_id is None else found.tasks.setdefault(stage_id, Counter())
        states[state] = number
    return found


def run_state(project: Project) -> str | None:
    """The state of the newest run, if there is one."""
    runs = PipelineRun.objects.filter(project=project).order_by("-started_at", "-id")
    return runs.values_list("state", flat=True).first()


def units_of(run: PipelineRun) -> Counter[str]:
    """How many of a run's units are open, accepted and cancelled."""
    rows = Unit.objects.filter(org_id=run.org_id, pipeline_run=run).values_list("state")
    return Counter(dict(rows.annotate(number=Count("id")).order_by()))


def _counts(stage: Stage, numbers: Numbers) -> dict[str, int]:
    if stage.kind == StageKind.DATASET:
        return {"units": numbers.units.total()}
    if stage.kind == StageKind.DONE:
        return {"accepted": numbers.units[UnitState.ACCEPTED]}
    tasks = numbers.tasks.get(stage.pk, Counter())
    sums = {"open": sum(tasks[state] for state in OPEN), "passed": sum(tasks[state] for state in PASSED)}
    return {state.value: tasks[state] for state in TaskState} | sums
