"""Choose a line from the templates and start it: what the set-up does in two steps and the pipeline page in one."""

from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from apps.core.errors import Invalid
from apps.distribution.models import PipelineRun, RunState
from apps.distribution.overviews import newest_run
from apps.distribution.set_up import newest_line
from apps.pipelines import selectors as pipelines
from apps.pipelines.graphs import Graph
from apps.pipelines.models import PipelineVersion
from apps.pipelines.services import create_pipeline, publish_version
from apps.pipelines.templates import graph_of
from apps.predictions.models import ModelVersion
from apps.predictions.offers import classes_with_labels
from apps.predictions.services import deploy
from apps.projects.models import Project
from apps.projects.selectors import items_of, main_dataset_of
from apps.recipes.selectors import newest_version_of_project

from .runs import start_run

# What a pipeline of each template is called.
NAMES = {
    "label_only": "Label only",
    "label_and_review": "Label and review",
    "pre_label_and_review": "Pre-label and review",
}


class NotReady(Invalid):
    code = "not_ready"
    message = "Something is missing before this can start."


@transaction.atomic
def choose_line(
    *, project: Project, template: str, settings: dict[str, Any], model_version: ModelVersion | None = None
) -> PipelineVersion:
    """The version of this template and these settings as the project's newest; a model named with it is deployed.

    Raises what `create_pipeline` and `publish_version` do.
    """
    if model_version is not None:
        classes = {name: name for name in classes_with_labels(project, model_version)}
        deployment = deploy(project=project, version=model_version, classes=classes, tile_size=model_version.input_size)
        settings = {**settings, "deployment": str(deployment.pk)}
    graph = graph_of(template, settings)
    # The project's row is the lock: a press that was sent twice finds what the first one made.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    pipeline = pipelines.pipelines_of(project).filter(name=NAMES[template]).first()
    if pipeline is None:
        return create_pipeline(project=project, name=NAMES[template], template=template, settings=settings)
    newest = newest_line(project)
    if newest and newest.pipeline_id == pipeline.pk and _is_up_to_date(newest, graph):
        return newest
    return publish_version(pipeline=pipeline, graph=graph)


@transaction.atomic
def start_line(*, project: Project) -> PipelineRun:
    """Put the project's pictures on its newest line; a run of it that is under way is given back.

    Raises NotReady and what `start_run` does.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    dataset = main_dataset_of(project)
    if dataset is None or not items_of(dataset).exists():
        raise NotReady("There are no pictures yet. Add some first.")
    line = newest_line(project)
    if line is None:
        raise NotReady("No line is chosen yet. Choose one first.")
    version, run = _up_to_date(line), newest_run(project)
    under_way = run is not None and run.state in (RunState.FILLING, RunState.RUNNING)
    if run and under_way and (run.pipeline_version_id, run.dataset_id) == (version.pk, dataset.pk):
        return run
    run, _ = start_run(project=project, pipeline_version_id=version.pk, dataset_id=dataset.pk)
    return run


@transaction.atomic
def start_template(*, project: Project, template: str, dataset_id: UUID, settings: dict[str, Any]) -> PipelineRun:
    """Put a dataset on a template with these settings. Raises what `create_pipeline` and `start_run` do."""
    version = choose_line(project=project, template=template, settings=settings)
    run, _ = start_run(project=project, pipeline_version_id=version.pk, dataset_id=dataset_id)
    return run


def _up_to_date(version: PipelineVersion) -> PipelineVersion:
    """The same graph on the newest recipe: labels may have been added after the line was chosen."""
    graph = msgspec.convert(version.graph, Graph)
    if _is_up_to_date(version, graph):
        return version
    return publish_version(pipeline=version.pipeline, graph=graph)


def _is_up_to_date(version: PipelineVersion, graph: Graph) -> bool:
    recipe = newest_version_of_project(version.project)
    return recipe is not None and version.recipe_version_id == recipe.pk and version.graph == msgspec.to_builtins(graph)
