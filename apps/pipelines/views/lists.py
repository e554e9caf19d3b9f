"""A project's pipelines, and the form that makes another."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.core.access import allow
from apps.core.errors import Refusal
from apps.pipelines import selectors, services
from apps.pipelines.choices import templates
from apps.pipelines.forms import PipelineForm
from apps.projects.models import Project
from apps.projects.selectors import project_for
from apps.recipes.selectors import newest_version_of_project

SHOWN = 100


@allow(get="pipeline.see")
def pipelines(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Newest first, each with the stages of its newest version."""
    project = project_for(request.member.context, "pipeline.see", project_id)  # type: ignore[attr-defined]
    rows = list(selectors.pipelines_of(project).order_by("-id")[:SHOWN])
    newest = selectors.newest_versions(rows)
    stages = selectors.stages_by_version(newest.values())
    lines = [
        {"pipeline": row, "version": version, "stages": [stage.title for stage in stages[version.pk]]}
        for row in rows
        if (version := newest.get(row.pk))
    ]
    return render(request, "pipelines/list.html", {"project": project, "here": "pipeline", "lines": lines})


@allow(get="pipeline.publish", post="pipeline.publish")
def new_pipeline(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Choose what to begin with; then the graph editor."""
    project = project_for(request.member.context, "pipeline.publish", project_id)  # type: ignore[attr-defined]
    form = PipelineForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        try:
            version = _made(form, project)
            return redirect("pipelines:edit", org=org, project_id=project_id, pipeline_id=version.pipeline_id)
        except Refusal as refusal:
            form.add_error("name" if refusal.field == "name" else None, refusal.text)
    page = {
        "project": project,
        "here": "pipeline",
        "form": form,
        "templates": templates(),
        "chosen": form.data.get("template") or "label_only",
        "has_recipe": newest_version_of_project(project) is not None,
    }
    return render(request, "pipelines/new.html", page, status=422 if form.errors else 200)


def _made(form: PipelineForm, project: Project) -> Any:
    sent = form.cleaned_data
    with transaction.atomic():
        return services.create_pipeline(
            project=project, name=sent["name"], template=sent["template"], settings=form.settings()
        )
