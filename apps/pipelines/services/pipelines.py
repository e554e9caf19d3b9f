"""Make pipelines."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core.errors import Invalid
from apps.core.text import clean_name
from apps.pipelines import selectors
from apps.pipelines.models import Pipeline, PipelineVersion
from apps.pipelines.templates import graph_of
from apps.projects.models import Project

from .versions import publish_version


class PipelineNameTaken(Invalid):
    code = "name_taken"
    message = "Another pipeline of this project has this name."


@transaction.atomic
def create_pipeline(
    *,
    project: Project,
    name: str,
    template: str,
    settings: Mapping[str, Any],
    recipe_version_id: UUID | None = None,
) -> PipelineVersion:
    """A pipeline with its first version, drawn by a template. Raises what `publish_version` does, InvalidName,
    PipelineNameTaken, UnknownTemplate or InvalidSettings."""
    name = clean_name(name)
    # The project's row is the lock, so no other request can take the name between this look and the write.
    Project.objects.select_for_update().get(pk=project.pk)
    if selectors.pipelines_of(project).filter(name=name).exists():
        raise PipelineNameTaken(field="name")
    graph = graph_of(template, settings)
    pipeline = Pipeline(org_id=project.org_id, project=project, name=name)
    pipeline.save(force_insert=True)
    return publish_version(pipeline=pipeline, graph=graph, recipe_version_id=recipe_version_id)
