"""What can be followed: each topic's action in the access table, its rows, and its counts where it keeps no feed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from apps.accounts.models import Membership
from apps.core.errors import NotFound
from apps.core.tenancy import acting_person
from apps.discussion.selectors import notifications_of, threads_seen, unread_of
from apps.distribution.selectors import run_state, stage_counts, tasks_seen
from apps.jobs.selectors import jobs_seen
from apps.predictions.models import UNFINISHED, Inference
from apps.projects.models import Item, Project

Rows = Any
Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of topic: the action that the access table knows, its rows, and its counts where it keeps no feed.

    `key` is the column that the topic's id stands in.
    """

    action: str
    rows: Callable[[], Rows]
    counts: Callable[[UUID], Frame] | None = None
    key: str = "pk"


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


def _oneself() -> Rows:
    return Membership.objects.filter(user_id=acting_person())


def _unread(person: UUID) -> Frame:
    newest = notifications_of().order_by("-id").values_list("pk", flat=True).first()
    return {"type": "notifications.unread", "unread": unread_of(), "newest": str(newest or "")}


TOPICS = {
    "task": Topic("task.see", tasks_seen),
    "item": Topic("prediction.see", _items),
    "job": Topic("job.see", jobs_seen),
    "project": Topic("project.see", _projects, _stage_counts),
    "queue": Topic("project.see", _projects, _queue_counts),
    "thread": Topic("thread.see", threads_seen),
    "person": Topic("notification.see", _oneself, _unread, key="user_id"),
}
ACTIONS = frozenset(topic.action for topic in TOPICS.values())
