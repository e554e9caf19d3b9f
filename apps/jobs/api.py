"""Jobs: how far they are, why they failed, and how to stop one."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.access import gate
from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer
from apps.core.paging import Page, page_of

from . import selectors, services
from .models import Job


class JobsPage(Page):
    """Filters of the list."""

    state: str = ""
    kind: str = ""
    project: UUID | None = None


class ProgressOut(Answer):
    done: int
    total: int | None
    rate: float | None
    eta_s: int | None


class JobErrorOut(Answer):
    code: str
    message: str


class JobOut(Answer):
    id: UUID
    kind: str
    state: str
    project: UUID | None
    progress: ProgressOut
    error: JobErrorOut | None
    result: dict[str, Any]
    attempt: int
    created_by: UUID | None
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None


class JobsOut(Answer):
    results: list[JobOut]
    next: str | None
    previous: str | None


class Jobs(Api):
    @operation("job.see", "Jobs, newest first.", query=JobsPage, answers={200: JobsOut})
    def get(self, request: Any, org: str, query: JobsPage) -> Result:
        """The organization's, and its own in projects shared with it."""
        asked = {"state": query.state, "kind": query.kind, "project_id": query.project}
        rows = selectors.jobs_seen().filter(**{name: value for name, value in asked.items() if value})
        return 200, page_of(rows, query, job_out, newest_first=True)


class OneJob(Api):
    @operation("job.see", "A job's progress, result or error.", answers={200: JobOut})
    def get(self, request: Any, org: str, job_id: UUID) -> Result:
        """As it stands."""
        job = selectors.job_seen(job_id)
        gate.require("job.see", request.member.context, job.org_id)
        return 200, job_out(job)

    @operation("job.cancel", "Cancel a job; what it has done stays.", answers={204: None})
    def delete(self, request: Any, org: str, job_id: UUID) -> Result:
        """Refused once it has ended."""
        job = selectors.job_seen(job_id)
        gate.require("job.cancel", request.member.context, job.org_id)
        services.cancel(job=job)
        return 204, None


def job_out(job: Job) -> JobOut:
    """A job as the API shows it; other apps answer 202 with it."""
    figures = selectors.progress_of(job)
    return JobOut(
        id=job.pk,
        kind=job.kind,
        state=job.state,
        project=job.project_id,
        progress=ProgressOut(done=figures.done, total=figures.total, rate=figures.rate, eta_s=figures.eta_s),
        error=JobErrorOut(code=job.error_code, message=job.error_message) if job.error_code else None,
        result=job.result,
        attempt=job.attempt,
        created_by=job.created_by,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )
