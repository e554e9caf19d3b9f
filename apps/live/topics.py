"""What can be followed: each topic's action in the access table, its rows, and its counts where it keeps no feed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from apps.core.errors import NotFound
from apps.distribution.selectors import run_state, stage_counts, tasks_seen
from apps.jobs.selectors import jobs_seen
from apps.predictions.models import UNFINISHED, Inference
from apps.projects.models import Item, Project

Rows = Any
Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of topic: the action that the access table knows, its rows, and its counts where it keeps no feed."""

    action: str
    rows: Callable[[], Rows]
    counts: Callable[[UUID], Frame] | None = None


def _items() -> Rows:
    return Item.objects.filter(deleted_at=None)


def _projects() -> Rows:
    return Project.objects.filter(deleted_at=None)


def _stage_counts(project_id: UUID) -> Frame:
    project = _projects().filter(pk=project_id).first()
    if project is None:  # deleted while somebody looked
        raise NotFound
    # A run that pauses moves no count, and who watches must hear of it all the same.
    return {"type": "stage.counts", "run": run_state(project), "stages": stage_counts(project)}


def _queue_counts(project_id: UUID) -> Frame:
    rows = Inference.objects.filter(project_id=project_id, state__in=UNFINISHED).values_list("state")
    found = dict(rows.annotate(number=Count("id")).order_by())
    return {"type": "queue.counts", **{state.value: found.get(state.value, 0) for state in UNFINISHED}}


TOPICS = {
    "task": Topic("task.see", tasks_seen),
    "item": Topic("prediction.see", _items),
    "job": Topic("job.see", jobs_seen),
    "project": Topic("project.see", _projects, _stage_counts),
    "queue": Topic("project.see", _projects, _queue_counts),
}
ACTIONS = frozenset(topic.action for topic in TOPICS.values())
