"""Pipelines, their versions and stages as the acting organization sees them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.core.tenancy import Context, active_tenant
from apps.projects.models import Project
from apps.projects.selectors import row_for

from .models import Pipeline, PipelineVersion, Stage


def pipeline_for(context: Context, action: str, pipeline_id: UUID) -> Pipeline:
    """A pipeline by the rules of `project_for`."""
    pipeline: Pipeline = row_for(Pipeline.objects.all(), context, action, pipeline_id)
    return pipeline


def version_for(context: Context, action: str, version_id: UUID) -> PipelineVersion:
    """A version by the rules of `project_for`."""
    version: PipelineVersion = row_for(PipelineVersion.objects.all(), context, action, version_id)
    return version


def pipelines_of(project: Project) -> "QuerySet[Pipeline]":
    """A project's pipelines."""
    return Pipeline.objects.filter(org_id=project.org_id, project=project)


def versions_of(pipeline: Pipeline) -> "QuerySet[PipelineVersion]":
    """A pipeline's versions."""
    return PipelineVersion.objects.filter(org_id=pipeline.org_id, pipeline=pipeline)


def newest_version(pipeline: Pipeline) -> PipelineVersion | None:
    """The version published last."""
    version: PipelineVersion | None = versions_of(pipeline).order_by("-number").first()
    return version


def stages_of(version: PipelineVersion) -> "QuerySet[Stage]":
    """A version's stages from the dataset to the end, less those that an engagement leaves out."""
    rows = Stage.objects.filter(org_id=version.org_id, pipeline_version=version)
    return rows.exclude(pk__in=active_tenant().closed).order_by("position")


def shown_graph(version: PipelineVersion, stages: Iterable[Stage]) -> dict[str, Any]:
    """The part of a version's graph that the caller's engagement shares, by the stages they see; to the owner all."""
    shown, graph = {stage.key for stage in stages}, version.graph
    edges = [edge for edge in graph["edges"] if {edge["from"], edge["to"]} <= shown]
    return {"stages": [stage for stage in graph["stages"] if stage["key"] in shown], "edges": edges}


def newest_versions(pipelines: Iterable[Pipeline]) -> dict[UUID, PipelineVersion]:
    """The version published last of each, by pipeline."""
    rows = PipelineVersion.objects.filter(pipeline__in=list(pipelines)).order_by("pipeline_id", "-number")
    return {version.pipeline_id: version for version in rows.distinct("pipeline_id")}


def stages_by_version(versions: Iterable[PipelineVersion]) -> dict[UUID, list[Stage]]:
    """The same of several versions, by one query."""
    found: dict[UUID, list[Stage]] = {version.pk: [] for version in versions}
    rows = Stage.objects.filter(pipeline_version_id__in=list(found)).exclude(pk__in=active_tenant().closed)
    for stage in rows.order_by("position"):
        found[stage.pipeline_version_id].append(stage)
    return found
