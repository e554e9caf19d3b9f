"""Where the open work of a run goes when the run is moved to another version of its pipeline."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from apps.core.errors import Invalid
from apps.distribution.models import PipelineRun, Tally, TaskState
from apps.pipelines.models import PipelineVersion, Stage, StageKind

OPEN = (TaskState.WAITING, TaskState.READY, TaskState.SKIPPED)


class UnknownTarget(Invalid):
    code = "unknown_target"
    message = "This version has no such stage."


@dataclass(frozen=True, slots=True)
class Way:
    """One stage of a run: how much is open there and in work, and the stage that stands for it in the new version.

    `is_kept`: the stage is there under its key, so that its tasks stay what they are.
    """

    stage: Stage
    open: int
    leased: int
    target: Stage | None
    is_kept: bool


def ways_between(run: PipelineRun, version: PipelineVersion, named: Mapping[str, str]) -> list[Way]:
    """Every stage of the run's version, and earlier ones where work still lies, in order. `named` maps keys of removed
    stages to keys of the new version; one that is not named goes on to the next stage that is kept, if nothing is
    there. Raises UnknownTarget."""
    new = {stage.key: stage for stage in _stages(version.pk)}
    for key in named.values():
        if key not in new:
            raise UnknownTarget(f"The version {version.number} has no stage {key[:60]}.", field="mapping")
    numbers = _numbers(run)
    stages = _stages(run.pipeline_version_id)
    elsewhere = set(numbers) - {stage.pk for stage in stages}
    stages += Stage.objects.filter(pk__in=elsewhere).exclude(pipeline_version=version).order_by("position")
    return [_way(stage, numbers.get(stage.pk, Counter()), new, named) for stage in stages if _is_work(stage)]


def _way(stage: Stage, states: Counter[str], new: Mapping[str, Stage], named: Mapping[str, str]) -> Way:
    open_here, leased = sum(states[state] for state in OPEN), states[TaskState.LEASED]
    same = new.get(stage.key)
    if same and same.kind == stage.kind:
        return Way(stage, open_here, leased, same, True)
    target = new[named[stage.key]] if stage.key in named else None
    if target is None and not (open_here or leased):
        target = _kept_after(stage, new)
    return Way(stage, open_here, leased, target, False)


def _kept_after(stage: Stage, new: Mapping[str, Stage]) -> Stage | None:
    seen = {stage.pk}
    following = stage.next
    while following is not None and following.pk not in seen:
        same = new.get(following.key)
        if same and same.kind == following.kind:
            return same
        seen.add(following.pk)
        following = following.next
    return next((one for one in new.values() if one.kind == StageKind.DONE), None)


def _numbers(run: PipelineRun) -> dict[UUID, Counter[str]]:
    rows = Tally.objects.filter(org_id=run.org_id, project_id=run.project_id, pipeline_run_id=run.pk)
    rows = rows.filter(state__in=(*OPEN, TaskState.LEASED)).exclude(stage_id=None)
    found: dict[UUID, Counter[str]] = {}
    for stage_id, state, number in rows.values_list("stage_id", "state").annotate(sum=Sum("number")).order_by():
        if number:
            found.setdefault(stage_id, Counter())[state] = number
    return found


def _stages(version_id: UUID) -> list[Stage]:
    return list(Stage.objects.filter(pipeline_version_id=version_id).select_related("next").order_by("position"))


def _is_work(stage: Stage) -> bool:
    return stage.kind != StageKind.DATASET


def stands_for(ways: Sequence[Way]) -> dict[str, str]:
    """What a run remembers of it: by the id of a stage that is not kept, the id of the one that stands for it."""
    return {str(way.stage.pk): str(way.target.pk) for way in ways if way.target and not way.is_kept}
