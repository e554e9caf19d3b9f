"""Acts on many items, and models put to work on them, over HTTP."""

import datetime
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone

from apps.catalog import services
from apps.catalog.models import ActKind, BulkAct, PredictionRun, PredictionRunState
from apps.catalog.selections import Selection
from apps.catalog.selectors import views as selectors
from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.jobs.api import ProgressOut
from apps.predictions.models import Deployment
from apps.projects.selectors import project_for, row_for


class SelectionIn(Struct):
    """Ids, or a filter (an empty one: all) in one dataset or in all of the project."""

    items: list[UUID] | None = None
    filter: dict[str, str] | None = None
    dataset: UUID | None = None

    def read(self) -> Selection:
        """Ids go first where both are given."""
        values = None if self.items or self.filter is None else tuple(sorted(self.filter.items()))
        return Selection(items=tuple(self.items or ()), values=values, dataset=self.dataset)


class MetadataIn(Struct):
    set: dict[str, str | int | float | bool] = {}
    unset: list[str] = []


class ActIn(Struct):
    act: Literal["add_to_subset", "remove_from_subset", "set_metadata", "delete"]
    selection: SelectionIn
    subset: UUID | None = None
    metadata: MetadataIn | None = None


class ActOut(Answer):
    id: UUID
    project: UUID
    act: str
    changed: int
    job: UUID | None
    at: datetime.datetime
    undone_at: datetime.datetime | None


class Acts(Api):
    @operation("item.edit", "Act on many items.", body=ActIn, answers={201: ActOut, 202: ActOut})
    def post(self, request: Any, org: str, project_id: UUID, body: ActIn) -> Result:
        """Up to 200 items at once (201), more in a job (202)."""
        project = project_for(request.member.context, "item.edit", project_id)
        metadata = body.metadata or MetadataIn()
        act = services.start_act(
            project=project,
            kind=ActKind(body.act),
            selection=body.selection.read(),
            parameters={"subset": body.subset, "set": metadata.set, "unset": metadata.unset},
        )
        return (202 if act.job_id else 201), _act(act)


class OneAct(Api):
    @operation("item.edit", "An act on many items.", answers={200: ActOut})
    def get(self, request: Any, org: str, act_id: UUID) -> Result:
        """How many it has changed so far."""
        return 200, _act(selectors.act_for(request.member.context, "item.edit", act_id))

    @operation("item.edit", "Undo a deletion.", answers={200: ActOut, 202: ActOut})
    def delete(self, request: Any, org: str, act_id: UUID) -> Result:
        """What it hid is there again; at once (200) or by a job (202)."""
        act = services.undo_act(act=selectors.act_for(request.member.context, "item.edit", act_id))
        return (202 if act.job_id else 200), _act(act)


class PredictionRunIn(Struct):
    deployment: UUID
    selection: SelectionIn


class PredictionRunOut(Answer):
    id: UUID
    project: UUID
    deployment: UUID
    model: str
    state: str
    progress: ProgressOut
    failed: int
    created_at: datetime.datetime
    finished_at: datetime.datetime | None


class PredictionRunsOut(Answer):
    results: list[PredictionRunOut]
    next: str | None
    previous: str | None


class PredictionRuns(Api):
    @operation("prediction.see", "Prediction runs, newest first.", query=Page, answers={200: PredictionRunsOut})
    def get(self, request: Any, org: str, project_id: UUID, query: Page) -> Result:
        """With their progress."""
        project = project_for(request.member.context, "prediction.see", project_id)
        return 200, page_of(selectors.runs_of(project), query, run_out, newest_first=True)

    @operation(
        "prediction_run.create", "Run a model on many items.", body=PredictionRunIn, answers={202: PredictionRunOut}
    )
    def post(self, request: Any, org: str, project_id: UUID, body: PredictionRunIn) -> Result:
        """Predictions stay apart from people's work."""
        context = request.member.context
        project = project_for(context, "prediction_run.create", project_id)
        rows = Deployment.objects.filter(project=project)
        deployment = row_for(rows, context, "prediction_run.create", body.deployment)
        return 202, run_out(services.start_run(project=project, deployment=deployment, selection=body.selection.read()))


class OnePredictionRun(Api):
    @operation("prediction.see", "A prediction run.", answers={200: PredictionRunOut})
    def get(self, request: Any, org: str, run_id: UUID) -> Result:
        """With its progress, as a job has it."""
        return 200, run_out(selectors.run_for(request.member.context, "prediction.see", run_id))

    @operation("prediction_run.create", "Cancel a prediction run; its predictions stay.", answers={204: None})
    def delete(self, request: Any, org: str, run_id: UUID) -> Result:
        """Refused once it has ended."""
        services.cancel_run(run=selectors.run_for(request.member.context, "prediction_run.create", run_id))
        return 204, None


def _act(act: BulkAct) -> ActOut:
    return ActOut(
        id=act.pk,
        project=act.project_id,
        act=act.kind,
        changed=act.changed,
        job=act.job_id,
        at=act.at,
        undone_at=act.undone_at,
    )


def run_out(run: PredictionRun) -> PredictionRunOut:
    """A run in the shape of a job, so that the same bar follows both."""
    seconds = max(((run.finished_at or timezone.now()) - run.created_at).total_seconds(), 0.001)
    rate = round(run.done / seconds, 3) if run.done else None
    running = run.state == PredictionRunState.RUNNING
    return PredictionRunOut(
        id=run.pk,
        project=run.project_id,
        deployment=run.deployment_id,
        model=f"{run.deployment.title} {run.deployment.version}",
        state=PredictionRunState(run.state).value,
        progress=ProgressOut(
            done=run.done,
            total=run.total or None,
            rate=rate,
            eta_s=round((run.total - run.done) / rate) if rate and running else None,
        ),
        failed=run.failed,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )
