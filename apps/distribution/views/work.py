"""Work in flight: who has what, and what managers do about it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.names import names_of
from apps.accounts.selectors import live_memberships
from apps.core.access import allow
from apps.core.errors import NotFound, Refusal
from apps.core.paging import Page, page_of
from apps.distribution.models import Task, TaskKind
from apps.distribution.overviews import thumb_of
from apps.distribution.queues import counted
from apps.distribution.selectors import floor
from apps.distribution.services import assignments, decisions, handing_over, redistribution, taking_back
from apps.pipelines.models import Stage
from apps.projects.models import Project
from apps.projects.selectors import project_for, row_for

ACTION = "task.distribute"
MOST_PEOPLE = 200
SPLITS = ("equal", "load", "skill")
DECISIONS = ("requeue", "give", "cancel")


@allow(get=ACTION)
def board(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """By stage, by person, what is held and what was laid before a manager; HTMX asks for the stages alone."""
    project = project_for(_context(request), ACTION, project_id)
    stages = floor.stages_on_floor(project)
    page: dict[str, Any] = {"project": project, "here": "floor", "stages": _stages(project, stages)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "distribution/_work_stages.html", page)
    people, more_people = floor.people_on_floor(stages, _id(request.GET.get("people", "")))
    held = page_of(floor.held_on(project), _page(request, "held"), lambda task: task)
    skipped = page_of(floor.skipped_on(project), _page(request, "skipped"), lambda task: task)
    crew = dict(live_memberships().order_by("user__name", "pk").values_list("user_id", "user__name")[:MOST_PEOPLE])
    holders = {task.holder for task in (*held["results"], *skipped["results"])}
    names = crew | names_of(holders - crew.keys(), project.pk)
    page |= {
        "people": people,
        "more_people": more_people,
        "held": [_card(task, names, org) | {"late": task.lease_until <= task.now} for task in held["results"]],
        "held_pages": held,
        "skipped": [_card(task, names, org) for task in skipped["results"]],
        "skipped_pages": skipped,
        "crew": list(crew.items()),
    }
    return render(request, "distribution/work.html", page)


@allow(post=ACTION)
def assignments_of_stage(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Give so many tasks of a stage to the chosen people."""
    project = project_for(_context(request), ACTION, project_id)
    split = request.POST.get("split", "equal")
    number = request.POST.get("number", "")
    if split not in SPLITS:
        raise NotFound
    people = [_id(value) or project.pk for value in request.POST.getlist("people")]

    def act() -> str:
        done = assignments.assign_of_stage(
            project=project,
            stage_id=_id(request.POST.get("stage", "")) or project.pk,
            number=int(number) if number.isdecimal() and len(number) < 9 else 0,
            people=people,
            split=split,  # type: ignore[arg-type]
        )
        said = ngettext("%(n)s task is given out.", "%(n)s tasks are given out.", done.given) % {"n": done.given}
        rest = _(" For %(n)s nobody chosen may do it.") % {"n": done.left} if done.left else ""
        return said + rest

    return _done(request, org, project_id, act)


@allow(post=ACTION)
def redistributions(request: HttpRequest, org: str, project_id: UUID, stage_id: UUID) -> HttpResponse:
    """Deal what was given and not begun anew; `to` is "queue" to give it back to all."""
    stage = _of_project(row_for(Stage.objects.all(), _context(request), ACTION, stage_id), project_id)

    def act() -> str:
        redistribution.request_redistribution(stage=stage, to_queue=request.POST.get("to") == "queue")
        return _("It is being dealt anew; the numbers follow in a moment.")

    return _done(request, org, project_id, act)


@allow(post=ACTION)
def holder(request: HttpRequest, org: str, project_id: UUID, task_id: UUID) -> HttpResponse:
    """End a lease; with a `person` the task is theirs then."""
    task = _task(request, project_id, task_id)
    person = request.POST.get("person", "")

    def act() -> str:
        if person:
            handing_over.hand_over(task=task, person=_id(person) or task.pk)
            return _("The task is kept for them now.")
        taking_back.release_held(task=task)
        return _("The task is ready for all again. Its draft is kept.")

    return _done(request, org, project_id, act)


@allow(post=ACTION)
def decision(request: HttpRequest, org: str, project_id: UUID, task_id: UUID) -> HttpResponse:
    """About a task that somebody laid before a manager."""
    task = _task(request, project_id, task_id)
    wanted = request.POST.get("decision", "")
    if wanted not in DECISIONS:
        raise NotFound

    def act() -> str:
        decisions.decide_skipped(task=task, decision=wanted, person=_id(request.POST.get("person", "")))  # type: ignore[arg-type]
        return _("Decided.")

    return _done(request, org, project_id, act)


def _done(request: HttpRequest, org: str, project_id: UUID, act: Callable[[], str]) -> HttpResponse:
    try:
        with transaction.atomic():
            said = act()
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, said)
    return redirect("distribution:floor", org=org, project_id=project_id)


def _context(request: HttpRequest) -> Any:
    return request.member.context  # type: ignore[attr-defined]


def _task(request: HttpRequest, project_id: UUID, task_id: UUID) -> Task:
    rows = Task.objects.filter(kind=TaskKind.HUMAN).select_related("project", "stage")
    task: Task = _of_project(row_for(rows, _context(request), ACTION, task_id), project_id)
    return task


def _of_project(row: Any, project_id: UUID) -> Any:
    if row.project_id != project_id:
        raise NotFound
    return row


def _id(value: str) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


def _page(request: HttpRequest, name: str) -> Page:
    return Page(limit=floor.A_PAGE, cursor=request.GET.get(name, ""))


def _stages(project: Project, stages: list[Stage]) -> list[dict[str, Any]]:
    return [
        {
            "id": line.stage.pk,
            "title": line.stage.title,
            "skill": line.stage.settings.get("skill"),
            "pushed": line.stage.settings.get("hand_out") == "push",
            "waits": counted(line.waits),
            "kept": counted(line.kept),
            "held": counted(line.held),
            "skipped": counted(line.skipped),
            "has_kept": bool(line.kept),
        }
        for line in floor.stage_lines(project, stages)
    ]


def _card(task: Any, names: dict[UUID | None, str], org: str) -> dict[str, Any]:
    return {
        "id": task.pk,
        "name": task.unit.item.name,
        "thumb": thumb_of(task.unit.item_id, org),
        "url": f"/o/{org}/work/{task.pk}",
        "stage": task.stage.title,
        "is_review": task.stage.kind == "review",
        "person": names.get(task.holder, ""),
        "since": task.claimed_at,
        "until": task.lease_until,
        "reason": task.skip_reason,
    }
