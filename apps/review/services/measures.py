"""What a verdict says for the figures: one event about the task, and as many as it takes about its objects."""

from typing import Any

from django.db import connection
from django.utils import timezone

from apps.activity.services import record_activity
from apps.distribution.services.holding import record
from apps.review.models import Verdict, VerdictKind

A_ROW = 40  # rows of figures; a payload has 4 kB
COMPARED = """
SELECT label_id::text, kept, changed, removed, added FROM app.compared(
  (SELECT document -> 'shapes' FROM annotation_revision WHERE org_id = %(org)s AND id = %(handed_in)s),
  (SELECT document -> 'shapes' FROM annotation_revision WHERE org_id = %(org)s AND id = %(decided)s))
"""


def record_verdict(given: Verdict) -> None:
    """In the transaction of the verdict. What several people did counts for nobody's rates."""
    task, submission = given.task, given.submission
    elapsed = timezone.now() - (task.claimed_at or timezone.now())
    if submission is None:
        took = round(elapsed.total_seconds() * 1000)
        judged = {"verdict": given.verdict, "round": task.round, "reason": given.reason, "elapsed_ms": took}
        record("task.verdict", "unit.reviewed", task, **judged)
        return
    reviewed = submission.task
    about = {"verdict": given.verdict, "author": str(submission.author_id), "round": task.round}
    work = {"stage": str(reviewed.stage_id), "worker_org": str(submission.worker_org_id)}
    record(
        "task.verdict",
        "task.reviewed",
        task,
        **about,
        **work,
        reason=given.reason,
        reviewed=str(reviewed.pk),
        again=Verdict.objects.filter(submission=submission).exclude(pk=given.pk).exists(),
        elapsed_ms=round(elapsed.total_seconds() * 1000),
    )
    rows = _rows(given)
    for start in range(0, len(rows), A_ROW):
        record_activity(
            "objects.reviewed",
            task,
            stage_id=task.stage_id,
            task_id=task.pk,
            unit_id=task.unit_id,
            **about,
            **work,
            rows=rows[start : start + A_ROW],
        )


def _rows(given: Verdict) -> list[tuple[Any, ...]]:
    """By label: kept, changed, removed, added, returned."""
    handed_in = given.submission.revision_id
    values = {"org": given.org_id, "handed_in": handed_in, "decided": given.revision_id or handed_in}
    with connection.cursor() as cursor:
        cursor.execute(COMPARED, values)
        compared = cursor.fetchall()
    if given.verdict == VerdictKind.REJECT:
        return [(label, 0, 0, 0, 0, kept) for label, kept, *_ in compared]
    return [(*row, 0) for row in compared]
