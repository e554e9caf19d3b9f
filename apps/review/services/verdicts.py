"""Accept, fix or return what somebody handed in; the reviewer holds a review task as an annotator holds theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.annotation.documents import Prepared
from apps.annotation.shapes import Shape
from apps.core.errors import Invalid, Refusal
from apps.core.tenancy import active_tenant
from apps.distribution.models import Submission, Task, TaskState
from apps.distribution.selectors.known import ground_of
from apps.distribution.services.counts import announce_counts
from apps.distribution.services.holding import hold
from apps.distribution.services.refusals import DraftConflict, WrongStage, call
from apps.distribution.services.submissions import named_on, prepare_for, read_draft
from apps.pipelines.models import StageKind
from apps.review.models import Verdict, VerdictKind

from .measures import record_verdict
from .telling import tell_returned

LONGEST_COMMENT = 2000
# How long a returned task waits for the person who made it, before anybody may take it.
THEIRS_FIRST = timedelta(hours=24)


class CommentMissing(Invalid):
    code = "comment_missing"
    message = f"Say in 1 to {LONGEST_COMMENT:,} characters what should be done better."


class OwnWork(Refusal):
    code = "own_work"
    message = "Nobody reviews their own work. Give this task back."


class NothingToReview(Refusal):
    code = "nothing_to_review"
    message = "What this task is about was submitted by nobody, or was decided already."


@dataclass(frozen=True, slots=True)
class Correction:
    """The reviewer's own version, for a fix: the draft as it stood at a revision, or shapes."""

    draft_revision: int | None = None
    shapes: Sequence[Shape] | None = None


@transaction.atomic
def give_verdict(
    *,
    task_id: UUID,
    lease_token: UUID,
    verdict: str,
    comment: str = "",
    reason: str = "",
    correction: Correction | None = None,
) -> Verdict:
    """Decide on the submission that a review task is about. The unit goes on, or back to who made it.

    Raises NotFound, LeaseExpired, LeaseLost, WrongStage, OwnWork, NothingToReview, CommentMissing, and on a fix what
    submitting raises.
    """
    comment = comment.strip()
    if len(comment) > LONGEST_COMMENT or (verdict == VerdictKind.REJECT and not comment):
        raise CommentMissing(field="comment")
    task = hold(task_id, lease_token)
    submission = _submission_of(task)
    revision = _fix(task, correction or Correction()) if verdict == VerdictKind.FIX else None
    if verdict == VerdictKind.REJECT:
        _return(task, submission.task if submission else None, comment)
    else:
        _accept(task, submission.task if submission else None)
    given = _write(task, submission, revision, verdict=verdict, comment=comment, reason=reason)
    record_verdict(given)
    if verdict == VerdictKind.REJECT and submission:
        tell_returned(given)
    announce_counts(task.project_id)
    return given


def _submission_of(task: Task) -> Submission | None:
    """The submission under lock; never the reviewer's own. None for what was gathered from several people."""
    if task.stage.kind != StageKind.REVIEW:
        raise WrongStage
    if task.reviews_id is None:
        if active_tenant().user_id in task.unit.workers:
            raise OwnWork
        return None
    reviewed = Task.objects.select_for_update().filter(pk=task.reviews_id).first()
    submission: Submission | None = Submission.objects.filter(task=reviewed).first() if reviewed else None
    if submission is None or reviewed is None or reviewed.state not in {TaskState.SUBMITTED, TaskState.ACCEPTED}:
        raise NothingToReview
    if submission.author_id == active_tenant().user_id:
        raise OwnWork
    submission.task = reviewed
    return submission


def _fix(task: Task, correction: Correction) -> UUID:
    prepared = _prepared(task, correction)
    context = active_tenant()
    ((revision,),) = call(
        "SELECT app.write_annotations(%s, %s, %s, %s::jsonb, %s, 'verdict', %s)",
        [
            task.org_id,
            context.org_id,
            task.unit_id,
            prepared.document.decode(),
            prepared.digest,
            context.user_id,
        ],
    )
    return revision  # type: ignore[no-any-return]


def _prepared(task: Task, correction: Correction) -> Prepared:
    ground = ground_of(task.pk)
    if correction.shapes is not None:
        return prepare_for(ground, correction.shapes, named_on(ground, correction.shapes))
    drafted = read_draft(task.pk)
    if drafted.revision != (correction.draft_revision or 0):
        raise DraftConflict(revision=drafted.revision)
    return prepare_for(ground, drafted.shapes(), drafted.proposals())


def _accept(task: Task, reviewed: Task | None) -> None:
    if reviewed and reviewed.state == TaskState.SUBMITTED:  # a second review finds it accepted by the first
        reviewed.move_to(TaskState.ACCEPTED)
    call("SELECT app.advance(t) FROM task t WHERE t.org_id = %s AND t.id = %s", [task.org_id, task.pk])


def _return(task: Task, reviewed: Task | None, comment: str) -> None:
    """Round + 1 of the same unit, for the same person first, if there is one; this review has done its part."""
    if reviewed:
        reviewed.move_to(TaskState.RETURNED)
    task.move_to(TaskState.ACCEPTED, lease_token=None, lease_until=None, ended_at=timezone.now())
    last = reviewed or task
    back_to = task.stage.rework_id or last.stage_id
    person = reviewed.holder if reviewed and back_to == reviewed.stage_id else None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app.enter(t, %s, t.round + 1, NULL, %s, %s, %s) FROM task t WHERE t.org_id = %s AND t.id = %s",
            [back_to, person, timezone.now() + THEIRS_FIRST, comment, task.org_id, last.pk],
        )


def _write(task: Task, submission: Submission | None, revision: UUID | None, **decision: str) -> Verdict:
    context = active_tenant()
    given: Verdict = Verdict.objects.create(
        org_id=task.org_id,
        project_id=task.project_id,
        worker_org_id=submission.worker_org_id if submission else _one_of(task.unit.worker_orgs),
        reviewer_org_id=context.org_id,
        task=task,
        submission=submission,
        author_id=context.user_id,
        revision_id=revision,
        at=timezone.now(),
        **decision,
    )
    return given


def _one_of(organizations: Sequence[UUID]) -> UUID | None:
    """Whose work it was, where it was one organization's."""
    return organizations[0] if len(organizations) == 1 else None
