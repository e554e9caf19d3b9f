"""The recipe of a project: an editor of the next version for those who may publish, to read for all others."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.names import names_of
from apps.core import json as bodies
from apps.core.access import allow, gate
from apps.core.errors import BadRequest, Invalid, NotAllowed, Refusal
from apps.core.tenancy import Context
from apps.projects.models import Project
from apps.projects.selectors import project_for

from . import services
from .definitions import LabelDefinition
from .models import RecipeVersion

SHOWN = 20


@allow(get="recipe.see", post="recipe.publish")
def recipe(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """The newest version; a POST publishes the next, and shows a refused draft again."""
    context: Context = request.member.context  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, project_for(context, "recipe.see", project_id))
    project = project_for(context, "recipe.publish", project_id)
    instructions = request.POST.get("instructions", "")
    draft: dict[str, Any] = {"labels": _sent(request), "instructions": instructions, "refused": True}
    try:
        labels = bodies.decode(request.POST.get("labels", "").encode(), list[LabelDefinition])
        version = services.publish_project_recipe(
            project=project, on=request.POST.get("on", ""), labels=labels, instructions=instructions
        )
    except (Invalid, BadRequest) as refusal:
        return _page(request, project, draft | {"errors": [_sentence(refusal, draft["labels"])]})
    messages.success(request, _("Version %(number)s is published") % {"number": version.number})
    return redirect("recipes:recipe", org=org, project_id=project_id)


def _page(request: HttpRequest, project: Project, refused: dict[str, Any] | None = None) -> HttpResponse:
    versions = list(RecipeVersion.objects.filter(project=project).order_by("-published_at", "-id")[:SHOWN])
    version = versions[0] if versions else None
    page = {
        "project": project,
        "here": "recipe",
        "version": version,
        "versions": _history(versions, project),
        "editing": _editing(version, refused) if _may_publish(request, project) else None,
    }
    return render(request, "recipes/recipe.html", page, status=422 if refused else 200)


def _sent(request: HttpRequest) -> list[Any]:
    """The labels as they were sent, to be shown again whatever is wrong with them."""
    try:
        labels = bodies.decode(request.POST.get("labels", "").encode(), list[Any])
    except (Invalid, BadRequest):
        return []
    return [label for label in labels if isinstance(label, dict)]


def _sentence(refusal: Refusal, labels: list[Any]) -> str:
    """What is wrong, with the label's name before it."""
    place = (refusal.field or "").partition("labels[")[2].partition("]")[0]
    if not place.isdigit() or int(place) >= len(labels):
        return refusal.text
    title = labels[int(place)].get("title") or labels[int(place)].get("name") or _("New label")
    return f"{title}: {refusal.text}"


def _may_publish(request: HttpRequest, project: Project) -> bool:
    try:
        gate.require("recipe.publish", request.member.context, project.org_id)  # type: ignore[attr-defined]
    except NotAllowed:
        return False
    return True


def _editing(version: RecipeVersion | None, refused: dict[str, Any] | None) -> dict[str, Any]:
    published = version.labels if version else []
    starts = {"labels": published, "instructions": version.instructions if version else "", "refused": False}
    return {"published": published, "next": version.number + 1 if version else 1, **starts, **(refused or {})}


def _history(versions: list[RecipeVersion], project: Project) -> list[dict[str, Any]]:
    names = names_of((version.published_by for version in versions), project.pk)
    return [
        {
            "number": version.number,
            "published_at": version.published_at,
            "by": names[version.published_by],
            "labels": len(version.labels),
        }
        for version in versions
    ]
