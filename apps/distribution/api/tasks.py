"""Claims and tasks: taking work, keeping it, handing it on."""

from typing import Any, Literal
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from apps.annotation.shapes import Shape
from apps.core.answers import Result, answer
from apps.core.errors import Invalid
from apps.core.http import Api, operation
from apps.core.json import Struct
from apps.core.paging import Page, page_of
from apps.core.tenancy import active_tenant
from apps.distribution.models import NEVER, Task
from apps.distribution.selectors import task_for, tasks_seen
from apps.distribution.selectors.payloads import payload_of
from apps.distribution.services import assist, claims, leases, pulses, skips, submissions
from apps.predictions.selectors import place_in_queue

from . import shown
from .headers import lease_token


class ClaimIn(Struct):
    """`stage` narrows the claim; `task` asks for that one alone."""

    stage: UUID | None = None
    task: UUID | None = None
    limit: int = 1


class InvalidLimit(Invalid):
    code = "invalid_limit"
    message = f"Ask for 1 to {claims.MOST_AT_ONCE} tasks."


class _ClaimedBefore(msgspec.Struct):
    class Task(msgspec.Struct):
        class Lease(msgspec.Struct):
            token: UUID

        id: UUID
        lease: Lease

    tasks: list[Task]


def still_held(answered: bytes) -> None:
    """A replayed claim gives its tasks again only while all of their leases hold. Raises LeaseExpired."""
    tasks = msgspec.json.decode(answered, type=_ClaimedBefore).tasks
    claims.require_held({task.id: task.lease.token for task in tasks})


class Claims(Api):
    @operation(
        "task.claim",
        "Take the most urgent tasks that the caller may have.",
        body=ClaimIn,
        answers={201: shown.ClaimedOut, 204: None},
        own_transaction=True,
        on_replay=still_held,
        limit="claim",
    )
    def post(self, request: Any, org: str, project_id: UUID, body: ClaimIn) -> Result:
        """204 with Retry-After when there is nothing to do."""
        if not 1 <= body.limit <= claims.MOST_AT_ONCE:
            raise InvalidLimit(field="limit")
        tasks = claims.claim_tasks(project_id=project_id, stage_id=body.stage, task_id=body.task, limit=body.limit)
        return (201, {"tasks": tasks}) if tasks else answer(204, Retry_After="10")


class TaskFilter(Page):
    state: str = ""
    stage: UUID | None = None
    project: UUID | None = None
    pipeline_run: UUID | None = None


class Tasks(Api):
    @operation(
        "task.see", "Tasks: one's own, or all for those who manage.", query=TaskFilter, answers={200: shown.TasksOut}
    )
    def get(self, request: Any, org: str, query: TaskFilter) -> Result:
        """In the order in which they came to be."""
        return 200, page_of(_filtered(tasks_seen(), query).select_related("stage", "unit"), query, _row)


class OneTask(Api):
    @operation("task.see", "A task as the editor opens it.", answers={200: shown.TaskOut})
    def get(self, request: Any, org: str, task_id: UUID) -> Result:
        """With the lease, for its holder."""
        context = active_tenant()
        return 200, payload_of(task_for(context, task_id), context)


class TaskLease(Api):
    @operation("task.work", "Keep a task: a heart-beat.", answers={200: shown.ExpiryOut}, own_transaction=True)
    def put(self, request: Any, org: str, task_id: UUID) -> Result:
        """Needs the Lease-Token header."""
        until = leases.extend_lease(task_id=task_id, lease_token=lease_token(request))
        return 200, shown.ExpiryOut(expires_at=until)

    @operation("task.work", "Give a task back; the draft stays.", answers={204: None})
    def delete(self, request: Any, org: str, task_id: UUID) -> Result:
        """Needs the Lease-Token header."""
        leases.release_task(task_id=task_id, lease_token=lease_token(request))
        return 204, None


class SubmissionIn(Struct):
    """The draft at a revision, or all shapes of the unit."""

    draft_revision: int | None = None
    annotations: list[Shape] | None = None
    rejected: list[UUID] = []


class OneOfTwo(Invalid):
    code = "draft_or_annotations"
    message = "Send draft_revision or annotations, one of the two."


class TaskSubmission(Api):
    @operation(
        "task.work",
        "Hand work in.",
        body=SubmissionIn,
        answers={201: shown.SubmissionOut},
        own_transaction=True,
        limit="submit",
    )
    def post(self, request: Any, org: str, task_id: UUID, body: SubmissionIn) -> Result:
        """Needs the Lease-Token header."""
        token = lease_token(request)
        if (body.annotations is None) == (body.draft_revision is None) or (body.rejected and body.annotations is None):
            raise OneOfTwo
        if body.annotations is None:
            made = submissions.submit_draft(task_id=task_id, lease_token=token, revision=body.draft_revision or 0)
        else:
            made = submissions.submit_shapes(
                task_id=task_id, lease_token=token, shapes=body.annotations, rejected=body.rejected
            )
        return 201, shown.SubmissionOut(submission=made)


class SkipIn(Struct):
    """To `others`, back to oneself `later`, or to a `manager` who decides; a stage may allow fewer."""

    reason: str
    mode: Literal["others", "later", "manager"] = "others"


class TaskSkip(Api):
    @operation("task.work", "Pass a task on, with a reason.", body=SkipIn, answers={204: None})
    def post(self, request: Any, org: str, task_id: UUID, body: SkipIn) -> Result:
        """Needs the Lease-Token header."""
        skips.skip_task(task_id=task_id, lease_token=lease_token(request), reason=body.reason, mode=body.mode)
        return 204, None


class PulseIn(Struct):
    kind: Literal["focus", "idle", "work"]
    seq: int
    ms_ago: int


class PulsesIn(Struct):
    pulses: list[PulseIn]
    shown: list[UUID] = []


class TaskPulses(Api):
    @operation("task.work", "Signs of work on a task that one holds.", body=PulsesIn, answers={204: None})
    def post(self, request: Any, org: str, task_id: UUID, body: PulsesIn) -> Result:
        """Times are drawn in between claim and now."""
        signs = [pulses.Pulse(one.kind, one.seq, one.ms_ago) for one in body.pulses]
        pulses.record_pulses(task_id=task_id, pulses=signs, shown=body.shown)
        return 204, None


class RegionIn(Struct):
    x: float
    y: float
    width: float
    height: float


class AssistIn(Struct):
    """`region` is what the person looks at: its tiles come first."""

    model_version: UUID | None = None
    region: RegionIn | None = None


class TaskAssist(Api):
    @operation("task.assist", "Ask a model about the picture in hand.", body=AssistIn, answers={202: shown.AssistOut})
    def post(self, request: Any, org: str, task_id: UUID, body: AssistIn) -> Result:
        """Results come by socket; it joins a run of the same model over the same picture."""
        region = body.region
        view = assist.View(region.x, region.y, region.width, region.height) if region else None
        inference = assist.ask_assist(task_id=task_id, model_version=body.model_version, view=view)
        asked = shown.AskedOut(id=inference.pk, state=inference.state, **place_in_queue(inference))
        return 202, shown.AssistOut(inference=asked)


def _filtered(rows: "QuerySet[Task]", query: TaskFilter) -> "QuerySet[Task]":
    wanted = {
        "state": query.state,
        "stage_id": query.stage,
        "project_id": query.project,
        "pipeline_run_id": query.pipeline_run,
    }
    return rows.filter(**{name: value for name, value in wanted.items() if value})


def _row(task: Task) -> shown.TaskRow:
    return shown.TaskRow(
        id=task.pk,
        project=task.project_id,
        pipeline_run=task.pipeline_run_id,
        stage=task.stage_id,
        stage_kind=task.stage.kind,
        unit=task.unit_id,
        item=task.unit.item_id,
        kind=task.kind,
        state=task.state,
        round=task.round,
        priority=task.priority,
        due_at=None if task.due_at >= NEVER else task.due_at,
        holder=task.holder,
        lease_until=task.lease_until,
        returned=bool(task.note),
        error_code=task.error_code,
        created_at=task.created_at,
        ended_at=task.ended_at,
    )
