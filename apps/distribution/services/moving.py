"""Units that a manager sends to a stage: whatever is open about them ends there, and they begin at the stage."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.activity import services as activity
from apps.core.errors import Invalid, NotFound, TransitionRefused
from apps.distribution.models import PipelineRun, RunState, Task, TaskState, Unit, UnitState
from apps.pipelines.models import Stage, StageKind, UnitKind
from apps.projects.models import Project

from .counts import announce_counts
from .emptying import OPEN, cancel_tasks, take_off
from .entering import Kept, enter, fits, settle_reviewed

MOST_UNITS = 500
LONGEST_NOTE = 2000
GOING = (RunState.FILLING, RunState.RUNNING, RunState.PAUSED, RunState.DRAINING)


class TooManyUnits(Invalid):
    code = "too_many_units"
    message = f"Name 1 to {MOST_UNITS} units."


class NoteTooLong(Invalid):
    code = "note_too_long"
    message = "A note has at most 2,000 characters."


class UnitUnfit(Invalid):
    code = "unit_unfit"
    message = "This stage cannot take this unit."


class PictureWentOn(Invalid):
    code = "picture_went_on"
    message = "The whole picture has gone on, so that a part of it cannot be moved. Move the picture."


@transaction.atomic
def move_units(*, project: Project, unit_ids: Sequence[UUID], stage_id: UUID, note: str = "") -> int:
    """End what is open about units and their parts, and let them enter a stage of their run's version; all or none.

    Who holds one of the tasks is told; drafts stay with who made them. Gives how many units there are. Raises
    TooManyUnits, NoteTooLong, NotFound, TransitionRefused where a run has ended, UnitUnfit, PictureWentOn.
    """
    wanted = set(unit_ids)
    if not 1 <= len(wanted) <= MOST_UNITS:
        raise TooManyUnits(field="units")
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong(field="note")
    stage: Stage | None = Stage.objects.filter(project=project, pk=stage_id).first()
    units = list(Unit.objects.filter(project=project, pk__in=wanted).select_related("item").order_by("pk"))
    if stage is None or len(units) < len(wanted):
        raise NotFound
    runs = _held_runs({unit.pipeline_run_id for unit in units})
    for unit in units:
        _require_fit(unit, runs[unit.pipeline_run_id], stage)
    for unit in units:
        _move(unit, runs[unit.pipeline_run_id], stage, note)
    for run in runs.values():
        moved = [str(unit.pk) for unit in units if unit.pipeline_run_id == run.pk]
        activity.record_audit("unit.move", run, stage=str(stage.pk), key=stage.key, count=len(moved), units=moved)
    announce_counts(project.pk)
    return len(units)


def _held_runs(ids: set[UUID]) -> dict[UUID, PipelineRun]:
    """No run ends while its units come back."""
    rows = PipelineRun.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {run.pk: run for run in rows}


def _require_fit(unit: Unit, run: PipelineRun, stage: Stage) -> None:
    if run.state not in GOING:
        raise TransitionRefused("The run of this unit has ended. Start another for what is still to be done.")
    if stage.pipeline_version_id != run.pipeline_version_id:
        raise UnitUnfit(f"The stage {stage.key} is not of the version on which this run is.", field="stage")
    if unit.item.deleted_at is not None:
        raise UnitUnfit(f"{unit.item.name} is deleted. Bring it back first.", field="units")
    if stage.kind == StageKind.DATASET or not fits(unit.kind, stage) or _is_gathered_there(unit, stage):
        kinds = {UnitKind.ITEM: "whole pictures", UnitKind.TILE: "tiles", UnitKind.OBJECT: "single objects"}
        raise UnitUnfit(
            f"{stage.title} works on {kinds[UnitKind(stage.unit)]}, and this unit is one of the"
            f" {kinds[UnitKind(unit.kind)]} of {unit.item.name}. Choose a stage for those, or move the picture.",
            field="stage",
        )


def _is_gathered_there(unit: Unit, stage: Stage) -> bool:
    """A part comes to a stage of whole units only together with the others."""
    return unit.parent_id is not None and stage.unit not in {unit.kind, UnitKind.OBJECT}


def _move(unit: Unit, run: PipelineRun, stage: Stage, note: str) -> None:
    latest = Task.objects.filter(unit=unit).order_by("-round", "-created_at", "-pk").select_related("stage").first()
    if latest is None:
        raise NotFound
    # Parts first, as their submissions take parts before their parent.
    take_off(list(_parts_of(unit).values_list("pk", flat=True)))
    ended = cancel_tasks([unit.pk], timezone.now(), (*OPEN, TaskState.SKIPPED))
    reviews = None
    for task in Task.objects.filter(pk__in=[one.pk for one in ended]).exclude(reviews=None).select_related("stage"):
        reviews = settle_reviewed(task, stage)
    held: Unit = Unit.objects.select_for_update(no_key=True, of=("self",)).get(pk=unit.pk)
    _open_again(held, run)
    kept = Kept(reviews=reviews, note=note, round=latest.round if reviews else 1)
    enter(latest, stage, unit_id=unit.pk, kept=kept)
    activity.record_activity("unit.moved", unit, stage_id=stage.pk, unit_id=unit.pk, task_id=latest.pk)


def _parts_of(unit: Unit) -> "QuerySet[Unit]":
    parts = Unit.objects.filter(parent=unit) | Unit.objects.filter(parent__parent=unit)
    return parts.filter(org_id=unit.org_id)


def _open_again(unit: Unit, run: PipelineRun) -> None:
    """The unit as one that has come to the stage; a finished part is waited for again."""
    finished = unit.state != UnitState.OPEN
    if unit.parent_id and finished:
        waiting = Unit.objects.filter(pk=unit.parent_id, state=UnitState.OPEN, open_children__gt=0)
        if not waiting.update(open_children=F("open_children") + 1):
            raise PictureWentOn(field="units")
    Unit.objects.filter(pk=unit.pk).update(state=UnitState.OPEN, finished_at=None, open_children=0, open_slots=0)
    if finished and unit.parent_id is None:
        activity.record_activity("units.made", run, run=str(run.pk), units=1)
