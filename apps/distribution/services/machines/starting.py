"""Units have come to a machine's stage: what the kind of the stage does with them."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import DatabaseError, transaction

from apps.distribution.models import Task
from apps.pipelines.models import HUMAN_KINDS, Stage, StageKind

from . import comparing, converting, cutting, ending, exploding, merging, predicting, routing, transforming
from .finishing import leave, waiting

logger = logging.getLogger(__name__)

Start = Callable[[Stage, Sequence[Task]], None]
KINDS: dict[str, Start] = {
    StageKind.TILE: cutting.cut,
    StageKind.PREDICT: predicting.ask,
    StageKind.MERGE: merging.merge,
    StageKind.TRANSFORM: transforming.transform,
    StageKind.ROUTE: routing.route,
    StageKind.COMPARE: comparing.compare,
    StageKind.CONVERT: converting.convert,
    StageKind.LABEL: exploding.explode_or_gather,
    StageKind.REVIEW: exploding.explode_or_gather,
    StageKind.DONE: ending.end,
}


@transaction.atomic
def start_entered(task_ids: Sequence[UUID]) -> None:
    """Start what waits of these tasks. Safe to repeat: what was started already is left as it is."""
    by_stage: defaultdict[UUID, list[Task]] = defaultdict(list)
    for task in waiting(task_ids):
        by_stage[task.stage_id].append(task)
    for stage_id, tasks in by_stage.items():
        start_tasks(Stage.objects.get(pk=stage_id), tasks)


def start_tasks(stage: Stage, tasks: Sequence[Task]) -> None:
    """All at once; where that fails one by one, so that a bad unit fails alone. In the caller's transaction."""
    try:
        with transaction.atomic():
            KINDS[stage.kind](stage, tasks)
    except DatabaseError:
        raise  # the job runs again
    except Exception:
        logger.exception("stage %s failed", stage.pk)
        if len(tasks) > 1:
            for task in tasks:
                start_tasks(stage, [task])
        elif stage.kind in HUMAN_KINDS:
            raise
        else:
            leave({tasks[0]: ""}, error_code="machine_failed")
