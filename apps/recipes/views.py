"""The recipe of a project: an editor of the next version for those who may publish, to read for all others."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.names import names_of
from apps.core.access import allow, gate
from apps.core.errors import NotAllowed
from apps.core.tenancy import Context
from apps.projects.models import Project
from apps.projects.selectors import project_for

from .models import RecipeVersion


@allow(get="recipe.see")
def recipe(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """The newest version."""
    context: Context = request.member.context  # type: ignore[attr-defined]
    project = project_for(context, "recipe.see", project_id)
    return _page(request, project)


def _page(request: HttpRequest, project: Project, refused: dict[str, Any] | None = None) -> HttpResponse:
    versions = list(RecipeVersion.objects.filter(project=project).order_by("-number")[:20])
    version = versions[0] if versions else None
    page = {
        "project": project,
        "here": "recipe",
        "version": version,
        "versions": _history(versions, project),
        "editing": _editing(version, refused) if _may_publish(request, project) else None,
    }
    return render(request, "recipes/recipe.html", page, status=422 if refused else 200)


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
