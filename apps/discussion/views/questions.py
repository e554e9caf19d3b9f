"""The questions of a project, one of them, and the same thread beside a task in the editor."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core.access import allow
from apps.core.errors import Invalid, NotFound
from apps.core.paging import Page, page_of
from apps.core.tenancy import active_tenant
from apps.discussion import selectors, services
from apps.discussion.models import Comment, Thread, ThreadState
from apps.discussion.selectors.threads import task_for, task_to_open
from apps.discussion.shown import rows_of, said_in
from apps.distribution.models import Task
from apps.projects.selectors import project_for

STATES = {"": "", "open": ThreadState.OPEN, "resolved": ThreadState.RESOLVED}
A_PAGE = 30


@allow(get="thread.see")
def questions(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Open ones first asked for; newest first."""
    project = project_for(active_tenant(), "thread.see", project_id)
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    rows = selectors.threads_in(project, STATES[state]).select_related("item")
    found = page_of(rows, Page(limit=A_PAGE, cursor=request.GET.get("cursor", "")), lambda row: row, newest_first=True)
    page = {
        "project": project,
        "here": "questions",
        "state": state,
        "threads": [row | {"thumb": _thumb(row["thread"], org)} for row in rows_of(found["results"])],
        "next": found["next"],
        "previous": found["previous"],
    }
    return render(request, "discussion/questions.html", page)


@allow(get="thread.see", post="thread.write")
def thread(request: HttpRequest, org: str, project_id: UUID, thread_id: UUID) -> HttpResponse:
    """One question with its answers; a POST says something more."""
    found = selectors.thread_for(active_tenant(), "thread.see", thread_id)
    if found.project_id != project_id:
        raise NotFound
    if request.method == "POST":
        return _said(request, _page(found, org), lambda text: services.answer(thread_id=thread_id, text=text))
    if _wants_part(request):
        return _shown(request, org, found)
    task = task_to_open(found)
    page = _page(found, org) | {
        "project": found.project,
        "here": "questions",
        "picture": _thumb(found, org, "preview"),
        "work_url": reverse("distribution:editor", kwargs={"org": org, "task_id": task}) if task else "",
    }
    return render(request, "discussion/thread.html", page)


@allow(get="thread.see", post="thread.write")
def task_thread(request: HttpRequest, org: str, task_id: UUID) -> HttpResponse:
    """What is said about a task's unit, as a part of the editor's page."""
    task = task_for(active_tenant(), "thread.see", task_id)
    found = selectors.thread_on(task)
    page = _page(found, org) if found else _unasked(task, org)
    if request.method == "POST":
        return _said(request, page, lambda text: services.ask(task_id=task_id, text=text))
    return render(request, "discussion/_thread.html", page)


@allow(post="thread.write")
def thread_state(request: HttpRequest, org: str, thread_id: UUID) -> HttpResponse:
    """Resolve or reopen."""
    found = services.move_thread(thread_id=thread_id, state=request.POST.get("state", ""))
    return _shown(request, org, found)


def _said(request: HttpRequest, page: dict[str, Any], say: Callable[[str], Comment]) -> HttpResponse:
    text = request.POST.get("text", "")
    try:
        comment = say(text)
    except Invalid as refusal:
        refused = page | {"error": refusal.text, "text": text}
        return render(request, "discussion/_thread.html", refused, status=refusal.status)
    return _shown(request, request.member.context.org_slug, comment.thread)  # type: ignore[attr-defined]


def _shown(request: HttpRequest, org: str, found: Thread) -> HttpResponse:
    """The thread alone for who asked from within a page; the page for a form that was sent by itself."""
    if _wants_part(request):
        return render(request, "discussion/_thread.html", _page(found, org))
    return redirect("discussion:thread", org=org, project_id=found.project_id, thread_id=found.pk)


def _page(found: Thread, org: str) -> dict[str, Any]:
    # By the thread's own addresses: its task may be another vendor's by now, with a thread of theirs.
    route = {"org": org, "project_id": found.project_id, "thread_id": found.pk}
    return {
        "about": found.project,
        "thread": found,
        "said": said_in(found),
        "post_url": reverse("discussion:thread", kwargs=route),
        "readers_url": f"/api/v1/orgs/{org}/threads/{found.pk}/readers",
    }


def _unasked(task: Task, org: str) -> dict[str, Any]:
    return {
        "about": task.project,
        "thread": None,
        "said": [],
        "post_url": reverse("discussion:task_thread", kwargs={"org": org, "task_id": task.pk}),
        "readers_url": f"/api/v1/orgs/{org}/tasks/{task.pk}/readers",
    }


def _wants_part(request: HttpRequest) -> bool:
    return "X-Part" in request.headers


def _thumb(found: Thread, org: str, size: str = "thumb") -> str:
    return f"/api/v1/orgs/{org}/items/{found.item_id}/image?size={size}"
