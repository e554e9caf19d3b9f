"""Send units elsewhere on their line by hand: their open work ends, and they enter the stage as along an edge."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from apps.distribution.models import Task, TaskState
from apps.pipelines.models import HUMAN_KINDS, Stage, StageKind, UnitKind

# As a task that is there already: run, priority and due date are its.
ENTER = """
SELECT app.enter(jsonb_populate_record(t, jsonb_build_object('unit_id', %s::uuid)), %s, %s, %s, %s, %s, %s)
FROM task t WHERE t.org_id = %s AND t.id = %s
"""
# Whose units can enter which stages: an item is cut by a tile stage alone, anything is taken apart into objects, and
# the parts of an item are gathered where whole items are worked on.
FITS = {
    UnitKind.ITEM: {UnitKind.ITEM, UnitKind.OBJECT},
    UnitKind.TILE: {UnitKind.ITEM, UnitKind.TILE, UnitKind.OBJECT},
    UnitKind.OBJECT: {UnitKind.ITEM, UnitKind.OBJECT},
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What goes along: which submission is to be reviewed, for whom the task is kept and why."""

    round: int = 1
    reviews: UUID | None = None
    person: UUID | None = None
    until: datetime.datetime | None = None
    note: str = ""


def fits(kind: str, stage: Stage) -> bool:
    """Whether units of a kind can enter a stage at all."""
    return stage.kind != StageKind.DATASET and stage.unit in FITS[UnitKind(kind)]


def enter(task: Task, stage: Stage, *, unit_id: UUID | None = None, kept: Kept | None = None) -> None:
    """Let the unit of a task, or another in its place, enter a stage. In the caller's transaction, for the owner."""
    kept = kept or Kept()
    goes = [unit_id or task.unit_id, stage.pk, kept.round, kept.reviews, kept.person, kept.until, kept.note]
    values: list[Any] = [*goes, task.org_id, task.pk]
    with connection.cursor() as cursor:
        cursor.execute(ENTER, values)


def settle_reviewed(task: Task, stage: Stage) -> UUID | None:
    """A review task goes elsewhere: what it was to judge waits for another review, counts as it is, or is returned."""
    if task.reviews_id is None:
        return None
    if stage.kind == StageKind.REVIEW:
        return task.reviews_id
    judged = Task.objects.filter(pk=task.reviews_id, state=TaskState.SUBMITTED)
    back = stage.kind in HUMAN_KINDS and stage.position <= task.stage.position
    judged.update(state=TaskState.RETURNED if back else TaskState.ACCEPTED)
    return None
