"""Moving work by hand: a run to another version of its pipeline, units to another stage."""

from typing import Any
from uuid import UUID

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.distribution.models import PipelineRun
from apps.distribution.selectors.moves import Way, ways_between
from apps.distribution.services.moving import move_units
from apps.distribution.services.versions import move_run
from apps.jobs.api import JobOut, job_out
from apps.pipelines.selectors import newest_version, version_for
from apps.projects.selectors import project_for, row_for


class MoveQuery(Struct):
    """Without a version, the newest of the run's pipeline."""

    pipeline_version: UUID | None = None


class RunMoveIn(Struct):
    """`mapping`: by the key of a stage that the version lacks, the key of the stage to which its work goes."""

    pipeline_version: UUID
    mapping: dict[str, str] = {}


class WayOut(Answer):
    """`open` tasks move, `leased` ones are finished where they are; `to` is null until somebody names a stage."""

    stage: UUID
    key: str
    title: str
    open: int
    leased: int
    to: str | None
    kept: bool


class WaysOut(Answer):
    results: list[WayOut]


class UnitMoveIn(Struct):
    """`note` is shown to who works on them at the stage."""

    units: list[UUID]
    stage: UUID
    note: str = ""


class UnitMoveOut(Answer):
    count: int


class RunMoves(Api):
    @operation(
        "pipeline.run", "Where a run's open work would go in another version.", query=MoveQuery, answers={200: WaysOut}
    )
    def get(self, request: Any, org: str, run_id: UUID, query: MoveQuery) -> Result:
        """Stage by stage; changes nothing."""
        context = request.member.context
        run = row_for(PipelineRun.objects.all(), context, "pipeline.run", run_id)
        newest = newest_version(run.pipeline_version.pipeline)
        wanted = query.pipeline_version or (newest.pk if newest else run.pipeline_version_id)
        version = version_for(context, "pipeline.run", wanted)
        return 200, WaysOut(results=[_way(way) for way in ways_between(run, version, {})])

    @operation("pipeline.run", "Move a run that is at work to another version.", body=RunMoveIn, answers={202: JobOut})
    def post(self, request: Any, org: str, run_id: UUID, body: RunMoveIn) -> Result:
        """What comes goes by the new version at once; the job brings what is open there."""
        run = row_for(PipelineRun.objects.all(), request.member.context, "pipeline.run", run_id)
        return 202, job_out(move_run(run=run, version_id=body.pipeline_version, mapping=body.mapping))


class UnitMoves(Api):
    @operation("pipeline.run", "Send units to a stage of their run.", body=UnitMoveIn, answers={201: UnitMoveOut})
    def post(self, request: Any, org: str, project_id: UUID, body: UnitMoveIn) -> Result:
        """All or none; who holds a task of one of them loses it, and is told."""
        project = project_for(request.member.context, "pipeline.run", project_id)
        count = move_units(project=project, unit_ids=body.units, stage_id=body.stage, note=body.note)
        return 201, UnitMoveOut(count=count)


def _way(way: Way) -> WayOut:
    return WayOut(
        stage=way.stage.pk,
        key=way.stage.key,
        title=way.stage.title,
        open=way.open,
        leased=way.leased,
        to=way.target.key if way.target else None,
        kept=way.is_kept,
    )
