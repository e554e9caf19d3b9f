"""How a project's newest run stands: its state, and the counts of its stages."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Sum

from apps.core.tenancy import active_tenant
from apps.distribution.models import PipelineRun, Tally, TaskState, UnitState
from apps.pipelines.models import Stage, StageKind
from apps.projects.models import Project

from .known import known_stages

OPEN = (TaskState.WAITING, TaskState.READY, TaskState.LEASED)
PASSED = (TaskState.SUBMITTED, TaskState.ACCEPTED, TaskState.RETURNED)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many of a run's units about items and, by stage, of its tasks are in each state."""

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
    """As far as the caller may know of them: what other vendors hold or did is not counted for a vendor."""
    rows = Tally.objects.filter(org_id=run.org_id, pipeline_run_id=run.pk).values_list("stage_id", "state")
    found = Numbers()
    moved = _moved_to(run)
    for stage_id, state, number in rows.annotate(sum=Sum("number")).order_by():
        if stage_id is None:
            found.units[state] += number
        else:
            found.tasks.setdefault(moved(stage_id), Counter())[state] += number
    return found


def run_state(project: Project) -> str | None:
    """The state of the newest run, if there is one."""
    runs = PipelineRun.objects.filter(project=project).order_by("-started_at", "-id")
    return runs.values_list("state", flat=True).first()


def units_of(run: PipelineRun) -> Counter[str]:
    """How many of a run's units about items are in each state."""
    rows = Tally.objects.filter(org_id=run.org_id, pipeline_run_id=run.pk, stage_id=None).values_list("state")
    return Counter(dict(rows.annotate(sum=Sum("number")).order_by()))


def _moved_to(run: PipelineRun) -> Callable[[UUID], UUID]:
    """What was done at a stage of an earlier version counts at the one that has its key now, or stands for it."""
    now = known_stages(run.org_id, run.pipeline_version_id)
    present, by_key = {stage.pk for stage in now}, {(stage.key, stage.kind): stage.pk for stage in now}

    def moved(stage_id: UUID) -> UUID:
        if stage_id in present:
            return stage_id
        key = Stage.objects.filter(org_id=run.org_id, pk=stage_id).values_list("key", "kind").first()
        return by_key.get(key or ("", "")) or UUID(run.moved_to.get(str(stage_id), str(stage_id)))

    return moved


def _counts(stage: Stage, numbers: Numbers) -> dict[str, int]:
    if stage.kind == StageKind.DATASET:
        return {"units": numbers.units.total()}
    if stage.kind == StageKind.DONE:
        return {"accepted": numbers.units[UnitState.ACCEPTED]}
    tasks = numbers.tasks.get(stage.pk, Counter())
    sums = {"open": sum(tasks[state] for state in OPEN), "passed": sum(tasks[state] for state in PASSED)}
    return {state.value: tasks[state] for state in TaskState} | sums
