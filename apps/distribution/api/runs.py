"""Runs of pipelines."""

import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from apps.core.answers import Result, answer
from apps.core.etags import etag_of, require_current
from apps.core.http import Api, operation
from apps.core.json import Struct
from apps.core.paging import Page, page_of
from apps.distribution.models import NEVER, PipelineRun
from apps.distribution.selectors import runs_of
from apps.distribution.services import runs
from apps.distribution.services.urgency import edit_run
from apps.projects.selectors import project_for, row_for

from . import shown
from .handing_out import due_of


class RunIn(Struct):
    """A smaller `priority` comes first."""

    pipeline_version: UUID
    dataset: UUID
    priority: int | None = None
    due_at: datetime.datetime | None = None


class RunEdit(Struct):
    """What is not given stays; `due_at` null takes the date away."""

    state: Literal["running", "paused", "draining", "cancelled"] | None = None
    priority: int | None = None
    due_at: datetime.datetime | None | UnsetType = UNSET


class Runs(Api):
    @operation("pipeline.see", "A project's runs, newest first.", query=Page, answers={200: shown.RunsOut})
    def get(self, request: Any, org: str, project_id: UUID, query: Page) -> Result:
        """By id, which sorts by time."""
        project = project_for(request.member.context, "pipeline.see", project_id)
        return 200, page_of(runs_of(project), query, _run, newest_first=True)

    @operation("pipeline.run", "Put a dataset on a pipeline; a job fills it.", body=RunIn, answers={202: shown.RunOut})
    def post(self, request: Any, org: str, project_id: UUID, body: RunIn) -> Result:
        """Gives the run, and the job to follow."""
        project = project_for(request.member.context, "pipeline.run", project_id)
        run, job = runs.start_run(
            project=project,
            pipeline_version_id=body.pipeline_version,
            dataset_id=body.dataset,
            priority=body.priority,
            due_at=body.due_at,
        )
        return answer(202, _run(run, job.pk), ETag=_tag(run))


class OneRun(Api):
    @operation("pipeline.see", "A run.", answers={200: shown.RunOut})
    def get(self, request: Any, org: str, run_id: UUID) -> Result:
        """With its ETag."""
        run = row_for(PipelineRun.objects.all(), request.member.context, "pipeline.see", run_id)
        return answer(200, _run(run), ETag=_tag(run))

    @operation(
        "pipeline.run",
        "Pause, resume, drain or cancel a run; hurry it, or give it time.",
        body=RunEdit,
        answers={200: shown.RunOut},
        conditional=True,
    )
    def patch(self, request: Any, org: str, run_id: UUID, body: RunEdit) -> Result:
        """Needs If-Match. A job brings what is on the line to a new priority or date."""
        run = row_for(PipelineRun.objects.all(), request.member.context, "pipeline.run", run_id)
        require_current(request._request.headers.get("If-Match"), _tag(run))
        run = edit_run(run=run, state=body.state, priority=body.priority, due_at=due_of(body.due_at))
        return answer(200, _run(run), ETag=_tag(run))


def _tag(run: PipelineRun) -> str:
    return etag_of({"id": str(run.pk), "state": str(run.state), "priority": run.priority, "due_at": run.due_at})


def _run(run: PipelineRun, job: UUID | None = None) -> shown.RunOut:
    return shown.RunOut(
        id=run.pk,
        project=run.project_id,
        pipeline_version=run.pipeline_version_id,
        recipe_version=run.recipe_version_id,
        dataset=run.dataset_id,
        state=run.state,
        priority=run.priority,
        due_at=None if run.due_at >= NEVER else run.due_at,
        started_at=run.started_at,
        job=job,
    )
