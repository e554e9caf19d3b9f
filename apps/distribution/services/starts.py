"""Start the template from its few settings: what the pipeline page does in one step."""

from uuid import UUID

import msgspec
from django.db import transaction

from apps.distribution.models import PipelineRun
from apps.pipelines import selectors as pipelines
from apps.pipelines.models import PipelineVersion
from apps.pipelines.services import create_pipeline, publish_version
from apps.pipelines.templates import graph_of
from apps.projects.models import Project
from apps.recipes.selectors import newest_version_of_project

from .runs import start_run

TEMPLATE = "pre_label_and_review"
NAME = "Pre-label and review"


@transaction.atomic
def start_template(*, project: Project, dataset_id: UUID, deployment_id: UUID, held_out: float) -> PipelineRun:
    """Put a dataset on the template with these settings. Raises what `create_pipeline` and `start_run` do."""
    version = _version(project, {"deployment": str(deployment_id), "held_out": held_out})
    run, _ = start_run(project=project, pipeline_version_id=version.pk, dataset_id=dataset_id)
    return run


def _version(project: Project, settings: dict[str, object]) -> PipelineVersion:
    """The newest version where it has these settings and the newest recipe, else the next one."""
    pipeline = pipelines.pipelines_of(project).filter(name=NAME).first()
    if pipeline is None:
        return create_pipeline(project=project, name=NAME, template=TEMPLATE, settings=settings)
    graph = graph_of(TEMPLATE, settings)
    newest = pipelines.newest_version(pipeline)
    recipe = newest_version_of_project(project)
    if newest and recipe and newest.recipe_version_id == recipe.pk and newest.graph == msgspec.to_builtins(graph):
        return newest
    return publish_version(pipeline=pipeline, graph=graph)
