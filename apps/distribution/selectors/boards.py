"""How a project's newest run stands: its state, and the counts of its stages."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count

from apps.distribution.models import PipelineRun, Task, TaskState, Unit, UnitState
from apps.pipelines.models import Stage, StageKind
from apps.projects.models import Project

OPEN = (TaskState.WAITING, TaskState.READY, TaskState.LEASED)
PASSED = (TaskState.SUBMITTED, TaskState.ACCEPTED, TaskState.RETURNED)


def stage_counts(project: Project) -> list[dict[str, Any]]:
    """Each stage of the newest run: tasks by state, with the sums `open` and `passed`; units at both ends."""
    run = PipelineRun.objects.filter(project=project).order_by("-started_at", "-id").first()
    if run is None:
        return []
    stages = Stage.objects.filter(pipeline_version_id=run.pipeline_version_id).order_by("position")
    return counts_in(run, stages, units_of(run))


def counts_in(run: PipelineRun, stages: Iterable[Stage], units: Counter[str]) -> list[dict[str, Any]]:
    """The same for a run whose stages and units are known."""
    tasks = _tasks_by_stage(run)
    return [{"stage": str(stage.pk), **_numbers(stage, tasks.get(stage.pk, Counter()), units)} for stage in stages]


def run_state(project: Project) -> str | None:
    """The state of the newest run, if there is one."""
    runs = PipelineRun.objects.filter(project=project).order_by("-started_at", "-id")
    return runs.values_list("state", flat=True).first()


def _tasks_by_stage(run: PipelineRun) -> dict[UUID, Counter[str]]:
    found: dict[UUID, Counter[str]] = {}
    rows = Task.objects.filter(org_id=run.org_id, pipeline_run=run).values_list("stage_id", "state")
    for stage_id, state, number in rows.annotate(number=Count("id")).order_by():
        found.setdefault(stage_id, Counter())[state] = number
    return found


def units_of(run: PipelineRun) -> Counter[str]:
    """How many of a run's units are open, accepted and cancelled."""
    rows = Unit.objects.filter(org_id=run.org_id, pipeline_run=run).values_list("state")
    return Counter(dict(rows.annotate(number=Count("id")).order_by()))


def _numbers(stage: Stage, tasks: Counter[str], units: Counter[str]) -> dict[str, int]:
    if stage.kind == StageKind.DATASET:
        return {"units": units.total()}
    if stage.kind == StageKind.DONE:
        return {"accepted": units[UnitState.ACCEPTED]}
    sums = {"open": sum(tasks[state] for state in OPEN), "passed": sum(tasks[state] for state in PASSED)}
    return {state.value: tasks[state] for state in TaskState} | sums
