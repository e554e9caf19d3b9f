"""Pipelines and their versions over HTTP."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.projects.selectors import project_for

from . import choices, selectors, services
from .checking import Check, check_of
from .graphs import Graph
from .models import Pipeline, PipelineVersion, Stage


class PipelineIn(Struct):
    name: str
    template: str = "pre_label_and_review"
    settings: dict[str, Any] = {}
    recipe_version: UUID | None = None


class PipelineVersionIn(Struct):
    graph: Graph
    recipe_version: UUID | None = None


class GraphIn(Struct):
    graph: Graph


class CheckOut(Check):
    version: int | None


class TemplatesOut(Answer):
    results: list[choices.Template]


class PipelineStageOut(Answer):
    id: UUID
    key: str
    kind: str
    title: str
    position: int
    settings: dict[str, Any]
    roles: list[str]
    lease_seconds: int
    held_out: float
    next: UUID | None
    rework: UUID | None


class PipelineVersionOut(Answer):
    id: UUID
    pipeline: UUID
    number: int
    recipe_version: UUID
    graph: Graph
    stages: list[PipelineStageOut]
    published_at: datetime.datetime


class PipelineOut(Answer):
    id: UUID
    project: UUID
    name: str
    created_at: datetime.datetime


class OnePipelineOut(PipelineOut):
    version: PipelineVersionOut | None


class PipelinesOut(Answer):
    results: list[PipelineOut]
    next: str | None
    previous: str | None


class PipelineVersionsOut(Answer):
    results: list[PipelineVersionOut]
    next: str | None
    previous: str | None


class Pipelines(Api):
    @operation("pipeline.see", "A project's pipelines.", query=Page, answers={200: PipelinesOut})
    def get(self, request: Any, org: str, project_id: UUID, query: Page) -> Result:
        """Oldest first."""
        project = project_for(request.member.context, "pipeline.see", project_id)
        return 200, page_of(selectors.pipelines_of(project), query, _pipeline)

    @operation("pipeline.publish", "Make a pipeline by a template.", body=PipelineIn, answers={201: OnePipelineOut})
    def post(self, request: Any, org: str, project_id: UUID, body: PipelineIn) -> Result:
        """With its first version; `settings` are the template's."""
        project = project_for(request.member.context, "pipeline.publish", project_id)
        version = services.create_pipeline(
            project=project,
            name=body.name,
            template=body.template,
            settings=body.settings,
            recipe_version_id=body.recipe_version,
        )
        return 201, _with_version(version.pipeline, version)


class OnePipeline(Api):
    @operation("pipeline.see", "A pipeline with its newest version.", answers={200: OnePipelineOut})
    def get(self, request: Any, org: str, pipeline_id: UUID) -> Result:
        """With the stages of that version."""
        pipeline = selectors.pipeline_for(request.member.context, "pipeline.see", pipeline_id)
        return 200, _with_version(pipeline, selectors.newest_version(pipeline))


class Versions(Api):
    @operation("pipeline.see", "A pipeline's versions.", query=Page, answers={200: PipelineVersionsOut})
    def get(self, request: Any, org: str, pipeline_id: UUID, query: Page) -> Result:
        """Newest first, each with its stages."""
        pipeline = selectors.pipeline_for(request.member.context, "pipeline.see", pipeline_id)
        page = page_of(selectors.versions_of(pipeline), query, lambda version: version, newest_first=True)
        stages = selectors.stages_by_version(page["results"])
        return 200, {**page, "results": [_version(version, stages[version.pk]) for version in page["results"]]}

    @operation(
        "pipeline.publish",
        "Publish a graph; it never changes.",
        body=PipelineVersionIn,
        answers={201: PipelineVersionOut},
    )
    def post(self, request: Any, org: str, pipeline_id: UUID, body: PipelineVersionIn) -> Result:
        """Refused with the stage that is wrong and what to do about it."""
        pipeline = selectors.pipeline_for(request.member.context, "pipeline.publish", pipeline_id)
        version = services.publish_version(pipeline=pipeline, graph=body.graph, recipe_version_id=body.recipe_version)
        return 201, _version(version, list(selectors.stages_of(version)))


class GraphCheck(Api):
    @operation(
        "pipeline.publish", "What a graph would be told, were it published.", body=GraphIn, answers={200: CheckOut}
    )
    def post(self, request: Any, org: str, pipeline_id: UUID, body: GraphIn) -> Result:
        """All its faults, and where a page would draw it. `version` is the number of the newest."""
        pipeline = selectors.pipeline_for(request.member.context, "pipeline.publish", pipeline_id)
        version = selectors.newest_version(pipeline)
        check = check_of(body.graph, pipeline.project)
        return 200, CheckOut(
            faults=check.faults,
            units=check.units,
            layout=check.layout,
            version=version.number if version else None,
        )


class Templates(Api):
    @operation("pipeline.see", "The templates a pipeline can begin with.", answers={200: TemplatesOut})
    def get(self, request: Any, org: str) -> Result:
        """The same for everybody."""
        return 200, TemplatesOut(results=choices.templates())


def _with_version(pipeline: Pipeline, version: PipelineVersion | None) -> dict[str, Any]:
    shown = _version(version, list(selectors.stages_of(version))) if version else None
    return {**_pipeline(pipeline), "version": shown}


def _pipeline(pipeline: Pipeline) -> dict[str, Any]:
    return {
        "id": pipeline.pk,
        "project": pipeline.project_id,
        "name": pipeline.name,
        "created_at": pipeline.created_at,
    }


def _version(version: PipelineVersion, stages: list[Stage]) -> dict[str, Any]:
    return {
        "id": version.pk,
        "pipeline": version.pipeline_id,
        "number": version.number,
        "recipe_version": version.recipe_version_id,
        "graph": selectors.shown_graph(version, stages),
        "stages": [_stage(stage, {one.pk for one in stages}) for stage in stages],
        "published_at": version.published_at,
    }


def _stage(stage: Stage, shown: set[UUID]) -> PipelineStageOut:
    return PipelineStageOut(
        id=stage.pk,
        key=stage.key,
        kind=stage.kind,
        title=stage.title,
        position=stage.position,
        settings=stage.settings,
        roles=stage.roles,
        lease_seconds=stage.lease_seconds,
        held_out=stage.held_out,
        next=stage.next_id if stage.next_id in shown else None,
        rework=stage.rework_id if stage.rework_id in shown else None,
    )
