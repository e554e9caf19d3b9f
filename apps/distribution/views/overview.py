"""A project at a glance, and the parts of it that change while one looks."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import Engagement, EngagementState, Organization
from apps.core.access import allow
from apps.core.tenancy import Context
from apps.distribution import overviews
from apps.distribution.news import news_of
from apps.distribution.selectors import units_of
from apps.distribution.steps import steps_of
from apps.projects.models import Item, Project
from apps.projects.selectors import project_for


@allow(get="project.see")
def overview(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """What is done, what waits, what comes next."""
    context: Context = request.member.context  # type: ignore[attr-defined]
    project = project_for(context, "project.see", project_id)
    board = overviews.board_of(project)
    figures = overviews.figures_of(project, board.units)
    companies = _companies(project, context)
    page = {
        "project": project,
        "here": "overview",
        "state": overviews.pill_of(board.run),
        "owner": "" if project.org_id == context.org_id else companies[0]["name"],
        "figures": figures,
        "steps": _steps(project, org) if board.run is None and project.org_id == context.org_id else [],
        "line": board.line if board.run else None,
        "live": True,
        "pictures": _pictures(project, org),
        "companies": companies,
        "activity": news_of(project),
        "nav_counts": {"pictures": figures["items"]},
    }
    return render(request, "distribution/overview.html", page)


@allow(get="project.see")
def figures(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """The figures alone, for pages that keep them live."""
    project = project_for(request.member.context, "project.see", project_id)  # type: ignore[attr-defined]
    run = overviews.newest_run(project)
    figures = overviews.figures_of(project, units_of(run) if run else Counter())
    page = {"project": project, "figures": figures, "state": overviews.pill_of(run)}
    return render(request, "distribution/_figures.html", page)


@allow(get="pipeline.see")
def line(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """The line of stages alone."""
    project = project_for(request.member.context, "pipeline.see", project_id)  # type: ignore[attr-defined]
    board = overviews.board_of(project)
    page = {"project": project, "line": board.line, "live": board.run is not None}
    return render(request, "distribution/_line.html", page)


def _pictures(project: Project, org: str) -> list[dict[str, str]]:
    items = Item.objects.filter(project=project, deleted_at=None, dataset__deleted_at=None).order_by("-id")[:4]
    return [{"name": item.name, "thumb": overviews.thumb_of(item.pk, org)} for item in items]


def _companies(project: Project, context: Context) -> list[dict[str, str]]:
    """The owner first, then those who work for it, as far as the acting organization may know."""
    engaged = Engagement.objects.filter(project_id=project.pk, state=EngagementState.ACTIVE)
    # Whose engagement it is sees it; a vendor knows of its own by acting here.
    either = Q(pk__in=(project.org_id, context.org_id)) | Q(pk__in=engaged.values("vendor_id"))
    known = {one.pk: one for one in Organization.objects.filter(either).order_by("name")}
    owner, others = known.pop(project.org_id), list(known.values())
    alone = _("owns the project and labels it with its own people")
    return [
        {"name": owner.name, "text": _("customer · owns pictures, recipe and results") if others else alone},
        *({"name": vendor.name, "text": _("vendor · annotators and reviewers")} for vendor in others),
    ]


def _steps(project: Project, org: str) -> list[dict[str, Any]]:
    """The way from nothing to an export, with the step to take next."""
    steps = steps_of(project)
    following = next(number for number, step in enumerate(steps) if not step.done)
    return [
        {
            "done": step.done,
            "next": number == following and bool(step.page),
            "title": step.title,
            "text": step.text,
            "url": reverse(step.page, kwargs={"org": org, "project_id": project.pk}) if step.page else "",
            "action": step.action,
        }
        for number, step in enumerate(steps)
    ]
