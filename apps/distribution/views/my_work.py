"""My work: what one can do now, and the way into the editor."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.access import allow
from apps.distribution import queues
from apps.distribution.models import Task
from apps.projects.selectors import row_for


@allow(get="work.see")
def my_work(request: HttpRequest, org: str) -> HttpResponse:
    """The person's open work; HTMX asks for the lists alone."""
    member = request.member  # type: ignore[attr-defined]
    offers = queues.offers_for(member)
    page = {
        "here": "work",
        "first": offers[0] if offers else None,
        "others": offers[1:4],
        "held": queues.held_by(member),
        "returned": queues.returned_to(member),
        "kept": queues.kept_for(member),
        "today": queues.day_of(member),
        "nav_counts": {"work": sum(offer.ready for offer in offers)},
    }
    template = "distribution/_my_work.html" if request.htmx else "distribution/my_work.html"  # type: ignore[attr-defined]
    return render(request, template, page)


@allow(get="task.see")
def editor(request: HttpRequest, org: str, task_id: UUID) -> HttpResponse:
    """The editor of one task; it reads all else from the API."""
    member = request.member  # type: ignore[attr-defined]
    task = row_for(Task.objects.all(), member.context, "task.see", task_id)
    theme = request.COOKIES.get("theme", "")
    page = {
        "task_id": task.pk,
        "org": org,
        "api_base": f"/api/v1/orgs/{org}",
        "socket_path": f"/ws/orgs/{org}/live",
        "user_id": member.id,
        "theme": theme if theme in {"light", "dark"} else "",
    }
    return render(request, "distribution/editor.html", page)
