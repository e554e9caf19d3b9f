"""A job in the hands of a worker: claimed with a token, beaten, ended or put back. The token is the fence."""

import random
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.core.tenancy import Context, tenant_tx
from apps.jobs.models import Job, JobState, Outbox
from apps.jobs.plain import plain

from .telling import tell_ended, tell_progress

FIRST_WAIT = 2.0
LONGEST_WAIT = 60.0

# Set while this process shuts down. Asked at each `progress`: an exception thrown into the thread from outside could
# hit it anywhere, in a commit too.
stopping = threading.Event()


class RunLost(Exception):
    """This run has been overtaken or cancelled: stop, and write nothing more."""


class Interrupted(Exception):
    """This process is told to stop: the work goes back, for another to do."""


class Transient(Exception):
    """Raise this (or let errors of storage and database through) for trouble that passes: the job is tried again."""


@dataclass(eq=False, slots=True)
class RunningJob:
    """One run of a job. Services get what they need of it: `input`, `context`, `progress`, `hold`."""

    id: UUID
    org_id: UUID
    project_id: UUID | None
    kind: str
    input: dict[str, Any]
    attempt: int
    max_attempts: int
    run_token: UUID
    created_by: UUID | None
    done: int
    total: int | None
    told: tuple[int, int | None] = (0, None)
    # Set when the row says that the job was cancelled or that another run has it.
    lost: threading.Event = field(default_factory=threading.Event)

    @property
    def context(self) -> Context:
        """The owner's context, with the person who asked: `with tenant_tx(job.context): …`."""
        return Context(org_id=self.org_id, user_id=self.created_by)

    @property
    def cancelled(self) -> bool:
        """Whether to stop: somebody cancelled the job, or another run has overtaken this one."""
        return self.lost.is_set()

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far the work is; written at most twice a second.

        Raises RunLost once the job was cancelled, and Interrupted when this process is told to stop.
        """
        self.done = done
        self.total = self.total if total is None else total
        if self.cancelled:
            raise RunLost
        if stopping.is_set():
            raise Interrupted

    def hold(self) -> None:
        """Inside the transaction that writes results: nobody takes the job away before it commits. Raises RunLost."""
        if not _mine(self).select_for_update().values_list("pk").first():
            raise RunLost

    def finish(self, **result: Any) -> None:
        """Inside the transaction that writes results: the job is done when, and only when, they are. Raises RunLost."""
        finish(self, result)


def claim(job_id: UUID) -> RunningJob | None:
    """Take a queued job; None when it has ended, runs elsewhere or must wait. Committed before any work."""
    due = Q(not_before=None) | Q(not_before__lte=Now())
    waiting = Job.across_tenants.filter(due, pk=job_id, state=JobState.QUEUED, attempt__lt=F("max_attempts"))
    token = uuid4()
    with transaction.atomic():
        taken = waiting.update(
            state=JobState.RUNNING, attempt=F("attempt") + 1, run_token=token, heartbeat_at=Now(), started_at=Now()
        )
    return run_of(job_id, token) if taken else None


def run_of(job_id: UUID, token: UUID) -> RunningJob | None:
    """The run that holds a job by this token: for the process that claimed it, and for its child."""
    job = Job.across_tenants.filter(pk=job_id, run_token=token, state=JobState.RUNNING).first()
    if job is None:
        return None
    return RunningJob(
        id=job.pk,
        org_id=job.org_id,
        project_id=job.project_id,
        kind=job.kind,
        input=job.input,
        attempt=job.attempt,
        max_attempts=job.max_attempts,
        run_token=token,
        created_by=job.created_by,
        done=job.done,
        total=job.total,
        told=(job.done, job.total),
    )


def beat(run: RunningJob) -> bool:
    """Renew the heart-beat and write the progress; False when the run is no longer ours."""
    news = _unwritten(run)
    with tenant_tx(run.context):
        if not _mine(run).update(heartbeat_at=Now(), **news):
            return False
        if news:
            tell_progress(_row(run))
    if news:
        run.told = (news["done"], news["total"])
    return True


def finish(run: RunningJob, result: dict[str, Any] | None) -> None:
    """The job is done. Raises RunLost, so that what was written beside it is undone; a repeat changes nothing."""
    with tenant_tx(run.context):
        ended = _mine(run).update(
            state=JobState.DONE,
            finished_at=timezone.now(),
            result=plain(result or {}),
            **_unwritten(run),
        )
        if ended:
            tell_ended(_row(run))
        elif not Job.across_tenants.filter(pk=run.id, run_token=run.run_token, state=JobState.DONE).exists():
            raise RunLost


def fail(run: RunningJob, *, code: str, message: str) -> None:
    """The job has failed for good, with a sentence that a person can act on."""
    with tenant_tx(run.context):
        failed = _mine(run).update(
            state=JobState.FAILED,
            finished_at=timezone.now(),
            error_code=code,
            error_message=message,
            **_unwritten(run),
        )
        if failed:
            tell_ended(_row(run))


def put_back(run: RunningJob, *, wait: float = 0.0, spent: bool = True) -> None:
    """Queue the job again, after `wait` seconds; an attempt that was not the job's fault is not `spent`."""
    due = timezone.now() + timedelta(seconds=wait)
    with tenant_tx(run.context):
        back = _mine(run).update(
            state=JobState.QUEUED,
            run_token=None,
            not_before=due,
            queued_at=due,
            attempt=F("attempt") - (0 if spent else 1),
        )
        if back:
            Outbox.objects.create(
                org_id=run.org_id,
                project_id=run.project_id,
                job_id=run.id,
                created_at=timezone.now(),
                not_before=due if wait else None,
            )
            tell_progress(_row(run))


def wait_before(attempt: int) -> float:
    """Seconds before the next attempt: doubling, with jitter so that what failed together does not return together."""
    longest: float = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)
    return longest * random.uniform(0.5, 1.0)


def _unwritten(run: RunningJob) -> dict[str, Any]:
    """Progress that this process has to tell: the parent of a child has none, and must not undo the child's."""
    figures = (run.done, run.total)
    return {} if figures == run.told else {"done": run.done, "total": run.total}


def _mine(run: RunningJob) -> Any:
    return Job.across_tenants.filter(pk=run.id, run_token=run.run_token, state=JobState.RUNNING)


def _row(run: RunningJob) -> Job:
    row: Job = Job.across_tenants.get(pk=run.id)
    return row
