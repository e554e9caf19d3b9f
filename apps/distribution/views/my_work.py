"""My work: what one can do now, and the way into the editor."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.core.access import allow, gate
from apps.core.errors import NotFound, Refusal
from apps.core.throttle import count_try
from apps.distribution import queues
from apps.distribution.mine import mine_of
from apps.distribution.models import Task
from apps.distribution.services.claims import claim_tasks
from apps.distribution.today import today_of
from apps.projects.selectors import row_for


@allow(get="work.see")
def my_work(request: HttpRequest, org: str) -> HttpResponse:
    """The person's open work; HTMX asks for the lists alone."""
    member = request.member  # type: ignore[attr-defined]
    owners = queues.owners_of(member)
    offers = queues.offers_for(member, owners)
    page = {
        "here": "work",
        "may_claim": gate.admits("task.claim", member.context),
        "first": offers[0] if offers else None,
        "others": offers[1:4],
        "held": queues.held_by(member),
        "returned": queues.returned_to(member),
        "mine": mine_of(member, owners),
        "kept": queues.kept_for(member),
        "today": today_of(member, owners),
        "nav_counts": {"work": queues.counted(sum(offer.ready for offer in offers)) if offers else ""},
    }
    template = "distribution/_my_work.html" if request.htmx else "distribution/my_work.html"  # type: ignore[attr-defined]
    return render(request, template, page)


@allow(post="task.claim")
def claim(request: HttpRequest, org: str) -> HttpResponse:
    """Take the next task of a stage, or a named one, and open it; with nothing left, say so on My work.

    Who holds one of the stage already gets that one: a press on Next must not heap up tasks that nobody works on.
    """
    project, stage, task = (_id(request, name) for name in ("project", "stage", "task"))
    if project is None:
        raise NotFound
    if task is None and (held := queues.held_first(request.member, project, stage)):  # type: ignore[attr-defined]
        return redirect("distribution:editor", org=org, task_id=held)
    try:
        count_try("claim", request.member.id)  # type: ignore[attr-defined]
        with transaction.atomic():
            tasks = claim_tasks(project_id=project, stage_id=stage, task_id=task)
    except Refusal as refusal:
        messages.error(request, refusal.text)
        return redirect("distribution:my_work", org=org)
    if tasks:
        return redirect("distribution:editor", org=org, task_id=tasks[0]["id"])
    messages.info(request, _("Nothing is left there: others were quicker. New work appears here by itself."))
    return redirect("distribution:my_work", org=org)


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


def _id(request: HttpRequest, name: str) -> UUID | None:
    try:
        return UUID(request.POST[name]) if name in request.POST else None
    except ValueError:
        raise NotFound from None
