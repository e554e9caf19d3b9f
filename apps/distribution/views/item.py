"""One picture of a dataset to look at: where it stands, what is known of it, who did what."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.accounts.names import names_of
from apps.catalog.filters import known_values, read_filter
from apps.catalog.selectors.items import neighbours, scope_of, states_of
from apps.core.access import allow
from apps.core.errors import NotFound
from apps.distribution import overviews
from apps.distribution.models import Task, TaskState
from apps.distribution.selectors import tasks_seen
from apps.projects.models import Item
from apps.projects.selectors import item_for

PILLS = {
    TaskState.LEASED: "info",
    TaskState.ACCEPTED: "good",
    TaskState.RETURNED: "warn",
    TaskState.FAILED: "bad",
    TaskState.CANCELLED: "idle",
}


@allow(get="item.see")
def item_page(request: HttpRequest, org: str, project_id: UUID, item_id: UUID) -> HttpResponse:
    """Read-only; the address holds the gallery's filter, within which one goes to the next and the one before."""
    item = item_for(request.member.context, "item.see", item_id)  # type: ignore[attr-defined]
    if item.project_id != project_id:
        raise NotFound
    chosen = read_filter(item.project, known_values(request.GET))
    before, following = neighbours(scope_of(item.project, [item.dataset]), chosen, item)
    page = {
        "here": "dataset",
        "project": item.project,
        "dataset": item.dataset,
        "item": item,
        "preview": overviews.thumb_of(item.pk, org, "preview"),
        "original": overviews.thumb_of(item.pk, org, "full"),
        "state": states_of(item.project, [item]).get(item.pk),
        "objects": overviews.objects_on([item]).get(item.pk, 0),
        "metadata": sorted(item.metadata.items()),
        "steps": _steps(item),
        "query": chosen.query,
        "before": before,
        "following": following,
    }
    return render(request, "distribution/item.html", page)


def _steps(item: Item) -> list[dict[str, Any]]:
    """The picture's tasks that one may see, in the order in which they came up."""
    tasks = list(tasks_seen().filter(unit__item=item).select_related("stage").order_by("created_at", "id"))
    names = names_of((task.holder for task in tasks), item.project_id)
    return [_step(task, names[task.holder]) for task in tasks]


def _step(task: Task, by: str) -> dict[str, Any]:
    is_read = not task.stage.is_human and task.state == TaskState.ACCEPTED  # nobody judged what a model said
    return {
        "title": task.stage.title,
        "round": task.round,
        "state": {
            "kind": PILLS.get(TaskState(task.state), ""),
            "text": _("Read") if is_read else task.get_state_display(),
        },
        "by": by,
        "at": task.ended_at or task.created_at,
        "task": task.pk if task.stage.is_human else None,
    }
