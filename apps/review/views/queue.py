"""The queue of a project's review: what waits for a verdict, and what was decided."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.names import names_of
from apps.core.access import allow
from apps.distribution import overviews, queues
from apps.distribution.models import Task
from apps.distribution.selectors import stages_shown
from apps.pipelines.models import Stage, StageKind
from apps.projects.models import Project
from apps.projects.selectors import project_for
from apps.review.models import Verdict, VerdictKind

PILLS = {VerdictKind.ACCEPT: "good", VerdictKind.FIX: "good", VerdictKind.REJECT: "warn"}
SHOWN, DECIDED = 25, 12

Names = dict[UUID | None, str]


@allow(get="review.see")
def queue(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """For reviewers and managers."""
    member = request.member  # type: ignore[attr-defined]
    project = project_for(member.context, "review.see", project_id)
    stage = _stage(project)
    tasks = queues.claimable(member).filter(stage=stage) if stage else Task.objects.none()
    total = tasks[: queues.MOST_COUNTED + 1].count()
    waiting, decided = _waiting(tasks), _decided(project)
    people = [task.reviews.holder for task in waiting if task.reviews] + [verdict.author_id for verdict in decided]
    names = names_of(people, project.pk)
    page = {
        "project": project,
        "here": "review",
        "stage": stage,
        "total": total,
        "shown": queues.counted(total),
        "waiting": _waiting_rows(waiting, names, org),
        "held": queues.held_by(member, kind=StageKind.REVIEW, project=project),
        "decided": [_decided_row(verdict, names) for verdict in decided],
        "nav_counts": {"review": queues.counted(total) if total else ""},
    }
    return render(request, "review/queue.html", page)


def _stage(project: Project) -> Stage | None:
    run = overviews.newest_run(project)
    stages = stages_shown(run) if run else ()
    return next((stage for stage in stages if stage.kind == StageKind.REVIEW), None)


def _waiting(tasks: "QuerySet[Task]") -> list[Task]:
    return list(tasks.select_related("unit__item", "reviews").order_by("priority", "due_at", "id")[:SHOWN])


def _waiting_rows(tasks: list[Task], names: Names, org: str) -> list[dict[str, Any]]:
    objects = overviews.objects_on(task.unit.item for task in tasks)
    return [
        {
            "name": task.unit.item.name,
            "thumb": overviews.thumb_of(task.unit.item_id, org),
            "objects": objects.get(task.unit.item_id, 0),
            "round": task.round,
            "at": task.created_at,
            "by": names[task.reviews.holder] if task.reviews else "",
        }
        for task in tasks
    ]


def _decided(project: Project) -> list[Verdict]:
    verdicts = Verdict.objects.filter(project=project).select_related("task__unit__item")
    return list(verdicts.order_by("-at", "-id")[:DECIDED])


def _decided_row(verdict: Verdict, names: Names) -> dict[str, Any]:
    kind = VerdictKind(verdict.verdict)
    return {
        "name": verdict.task.unit.item.name,
        "verdict": {"kind": PILLS[kind], "text": str(kind.label)},
        "comment": verdict.comment,
        "by": names[verdict.author_id],
        "at": verdict.at,
    }
