"""The graph editor of a pipeline. What is being drawn lives in the browser; the API checks and publishes it."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.core.access import allow, gate
from apps.core.errors import NotAllowed, NotFound
from apps.core.roles import Role
from apps.pipelines import choices, selectors
from apps.pipelines.checking import check_of
from apps.pipelines.graphs import LABEL_ROLES, Graph
from apps.pipelines.models import Pipeline, PipelineVersion
from apps.predictions.models import Deployment, DeploymentState
from apps.projects.models import Project
from apps.recipes.selectors import newest_version_of_project


@allow(get="pipeline.see")
def edit(request: HttpRequest, org: str, project_id: UUID, pipeline_id: UUID) -> HttpResponse:
    """The newest version as a graph: to be changed by those who may publish, to be read by all others."""
    pipeline = selectors.pipeline_for(request.member.context, "pipeline.see", pipeline_id)  # type: ignore[attr-defined]
    if pipeline.project_id != project_id:
        raise NotFound
    may_publish = _may_publish(request, pipeline)
    version = selectors.newest_version(pipeline)
    page = {
        "project": pipeline.project,
        "here": "pipeline",
        "rail": True,
        "pipeline": pipeline,
        "version": version,
        "next": version.number + 1 if version else 1,
        "may_publish": may_publish,
        "groups": _groups(),
        "roles": [Role(role) for role in LABEL_ROLES],
        "drawing": _drawing(pipeline, version, may_publish),
    }
    return render(request, "pipelines/edit.html", page)


def _groups() -> list[dict[str, Any]]:
    """The palette: kinds by their groups, in the order of the table; what cannot be added yet comes last."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for kind in sorted(choices.kinds(), key=lambda kind: bool(kind["reserved"])):
        groups.setdefault(_("Not here yet") if kind["reserved"] else kind["group"], []).append(kind)
    return [{"title": title, "kinds": kinds} for title, kinds in groups.items()]


def _may_publish(request: HttpRequest, pipeline: Pipeline) -> bool:
    try:
        gate.require("pipeline.publish", request.member.context, pipeline.org_id)  # type: ignore[attr-defined]
    except NotAllowed:
        return False
    return True


def _drawing(pipeline: Pipeline, version: PipelineVersion | None, may_publish: bool) -> dict[str, Any]:
    """What the scripts begin with."""
    stages = list(selectors.stages_of(version)) if version else []
    graph = selectors.shown_graph(version, stages) if version else {"stages": [], "edges": []}
    check = msgspec.to_builtins(check_of(msgspec.convert(graph, Graph), pipeline.project))
    if not may_publish:  # what is left out of an engagement is no fault of the graph
        check["faults"] = []
    return {
        "graph": graph,
        "check": check,
        "version": version.number if version else 0,
        "kinds": choices.kinds(),
        "outcomes": {outcome: str(words) for outcome, words in choices.OUTCOMES.items()},
        "deployments": _deployments(pipeline.project),
        "labels": _labels(pipeline.project),
    }


def _deployments(project: Project) -> list[dict[str, str]]:
    rows = Deployment.objects.filter(project=project).order_by("created_at")
    return [
        {"value": str(row.pk), "title": f"{row.title} {row.version}", "state": row.state}
        for row in sorted(rows, key=lambda row: row.state == DeploymentState.STOPPED)
    ]


def _labels(project: Project) -> list[dict[str, Any]]:
    recipe = newest_version_of_project(project)
    return [
        {
            "value": label["name"],
            "title": label.get("title") or label["name"],
            "attributes": [
                {"value": one["name"], "title": one.get("title") or one["name"], "options": one.get("options") or []}
                for one in label.get("attributes") or []
            ],
        }
        for label in (recipe.labels if recipe else [])
    ]
