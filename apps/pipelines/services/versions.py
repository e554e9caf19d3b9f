"""Publish versions of a pipeline: the graph is checked whole, then written as rows that never change."""

from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from apps.activity.services import record_activity, record_audit
from apps.core.errors import Invalid
from apps.core.tenancy import active_tenant
from apps.core.text import clean_name
from apps.pipelines import selectors
from apps.pipelines.graphs import (
    HELD_OUT,
    LABEL_ROLES,
    LEASE_SECONDS,
    REVIEW_ROLES,
    Graph,
    StageIn,
)
from apps.pipelines.line import Line
from apps.pipelines.models import Pipeline, PipelineVersion, Stage, StageKind
from apps.pipelines.references import unknown_in
from apps.pipelines.settings import HumanSettings, LabelSettings, ReviewSettings
from apps.projects.models import Project
from apps.recipes.models import RecipeVersion
from apps.recipes.selectors import newest_version_of_project


class NoRecipe(Invalid):
    code = "recipe_version_not_found"
    message = "This recipe version is not one of the project. Publish the recipe first."


@transaction.atomic
def publish_version(*, pipeline: Pipeline, graph: Graph, recipe_version_id: UUID | None = None) -> PipelineVersion:
    """The next version, pinned to a recipe version (the newest when none is named). Raises InvalidGraph, which names
    the stage and what to do, or NoRecipe."""
    pipeline = Pipeline.objects.select_for_update().get(pk=pipeline.pk)
    recipe_version = _recipe_version(pipeline.project, recipe_version_id)
    line = Line(graph)
    for fault in unknown_in(line.settings, pipeline.project_id, recipe_version):
        raise fault
    former = selectors.newest_version(pipeline)
    version: PipelineVersion = PipelineVersion.objects.create(
        org_id=pipeline.org_id,
        project_id=pipeline.project_id,
        pipeline=pipeline,
        number=former.number + 1 if former else 1,
        recipe_version=recipe_version,
        graph=msgspec.to_builtins(graph),
        published_by=active_tenant().user_id,
    )
    _write_stages(version, line)
    record_audit(
        "pipeline.publish" if former else "pipeline.create",
        version,
        before=former.graph if former else None,
        after=version.graph,
        pipeline=str(pipeline.pk),
        number=version.number,
        recipe_version=str(recipe_version.pk),
    )
    record_activity("pipeline.published", version, number=version.number, stages=len(line.order))
    return version


def _recipe_version(project: Project, version_id: UUID | None) -> RecipeVersion:
    if version_id is None:
        found = newest_version_of_project(project)
    else:
        found = RecipeVersion.objects.filter(org_id=project.org_id, project=project, pk=version_id).first()
    if found is None:
        raise NoRecipe(field="recipe_version")
    return found


def _write_stages(version: PipelineVersion, line: Line) -> None:
    rows = {key: _stage(version, line, key, position) for position, key in enumerate(line.order)}
    for key, row in rows.items():
        row.edges = {outcome: str(rows[target].pk) for outcome, target in line.edges[key].items()}
        row.next = rows.get(line.next_of(key) or "")
        row.rework = rows.get(line.edges[key].get("rework", ""))
    Stage.objects.bulk_create(rows.values())


def _stage(version: PipelineVersion, line: Line, key: str, position: int) -> Stage:
    stage, settings = line.stages[key], line.settings[key]
    people = settings if isinstance(settings, HumanSettings) else HumanSettings()
    return Stage(
        org_id=version.org_id,
        project_id=version.project_id,
        pipeline_version=version,
        key=key,
        kind=stage.kind,
        title=_title(stage),
        position=position,
        settings=msgspec.to_builtins(settings),
        roles=_roles(stage, settings),
        lease_seconds=people.lease_seconds or LEASE_SECONDS,
        held_out=_held_out(line, key),
        unit=line.units[key],
        overlap=settings.overlap if isinstance(settings, LabelSettings) else 1,
        sample=settings.sample if isinstance(settings, ReviewSettings) else 1,
    )


def _title(stage: StageIn) -> str:
    return clean_name(stage.title or str(StageKind(stage.kind).label), field="graph.stages.title")


def _roles(stage: StageIn, settings: Any) -> list[str]:
    if not isinstance(settings, HumanSettings):
        return []
    return list(settings.roles) or (LABEL_ROLES if stage.kind == StageKind.LABEL else REVIEW_ROLES)


def _held_out(line: Line, key: str) -> float:
    """Where suggestions come first, a share is drawn that sees none, or nobody learns what they are worth."""
    settings = line.settings[key]
    if not isinstance(settings, LabelSettings) or settings.unit == "object" or not line.comes_after_predict(key):
        return 0.0
    if not settings.suggestions:
        return 1.0
    return HELD_OUT if settings.held_out is None else settings.held_out
