"""The queue of a project's review: what waits for a verdict, and what was decided."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.names import names_of
from apps.core.access import allow
from apps.distribution import overviews, queues
from apps.distribution.models import Task
from apps.pipelines.models import Stage, StageKind
from apps.projects.models import Project
from apps.projects.selectors import project_for
from apps.review.models import Verdict, VerdictKind

PILLS = {VerdictKind.ACCEPT: "good", VerdictKind.FIX: "good", VerdictKind.REJECT: "warn"}
SHOWN = 25


@allow(get="review.see")
def queue(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """For reviewers and managers."""
    member = request.member  # type: ignore[attr-defined]
    project = project_for(member.context, "review.see", project_id)
    stage = _stage(project)
    tasks = queues.claimable(member).filter(stage=stage) if stage else Task.objects.none()
    total = tasks[: queues.MOST_COUNTED + 1].count()
    page = {
        "project": project,
        "here": "review",
        "stage": stage,
        "total": total,
        "shown": queues.counted(total),
        "waiting": _waiting(tasks, project, org),
        "held": queues.held_by(member, kind=StageKind.REVIEW, project=project),
        "decided": _decided(project),
        "nav_counts": {"review": queues.counted(total) if total else ""},
    }
    return render(request, "review/queue.html", page)


def _stage(project: Project) -> Stage | None:
    run = overviews.newest_run(project)
    return overviews.stages_of(run).filter(kind=StageKind.REVIEW).first() if run else None


def _waiting(tasks: Any, project: Project, org: str) -> list[dict[str, Any]]:
    found = list(tasks.select_related("unit__item", "reviews").order_by("priority", "due_at", "id")[:SHOWN])
    objects = overviews.objects_on(task.unit.item for task in found)
    names = names_of((task.reviews.holder for task in found if task.reviews), project.pk)
    return [
        {
            "name": task.unit.item.name,
            "thumb": overviews.thumb_of(task.unit.item_id, org),
            "objects": objects.get(task.unit.item_id, 0),
            "round": task.round,
            "at": task.created_at,
            "by": names[task.reviews.holder] if task.reviews else "",
        }
        for task in found
    ]


def _decided(project: Project) -> list[dict[str, Any]]:
    verdicts = Verdict.objects.filter(project=project).select_related("task__unit__item")
    found = list(verdicts.order_by("-at", "-id")[:12])
    names = names_of((verdict.author_id for verdict in found), project.pk)
    return [
        {
            "name": verdict.task.unit.item.name,
            "verdict": {
                "kind": PILLS[VerdictKind(verdict.verdict)],
                "text": str(VerdictKind(verdict.verdict).label),
            },
            "comment": verdict.comment,
            "by": names[verdict.author_id],
            "at": verdict.at,
        }
        for verdict in found
    ]
