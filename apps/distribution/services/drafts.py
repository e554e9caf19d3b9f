"""Unfinished work: a delta on the unit's annotations, changed by operations that are applied once.

Needs the author, not the lease: what was drawn while a lease ran out must not be lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from apps.activity.models import ActivityEvent
from apps.core.errors import Invalid, NotFound, Refusal
from apps.core.etags import require_current
from apps.core.tenancy import acting_person, active_tenant
from apps.distribution.models import Draft, DraftOperation, Task, TaskState

from .refusals import DraftConflict, NotYourTask

MOST_OPERATIONS = 1000
MOST_VALUES = 10_000
MOST_BYTES = 8 * 1024 * 1024
ENDED = (TaskState.SUBMITTED, TaskState.ACCEPTED, TaskState.RETURNED, TaskState.CANCELLED)


class DraftClosed(Refusal):
    code = "draft_closed"
    message = "This task was submitted or withdrawn, so its draft is closed."


class DraftTooLarge(Invalid):
    code = "draft_too_large"
    message = f"A draft holds at most {MOST_VALUES:,} shapes in {MOST_BYTES // 1024**2} MB, a request 1,000 operations."


@dataclass(frozen=True, slots=True)
class PutShape:
    """Set a shape to a value, or delete it (None)."""

    op_id: UUID
    shape_id: UUID
    value: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class RejectPrediction:
    """Say that a prediction is wrong, or take that back."""

    op_id: UUID
    prediction: UUID
    rejected: bool


Operation = PutShape | RejectPrediction


def draft_of(*, task_id: UUID) -> Draft:
    """The caller's draft of a task, unsaved at revision 0 when there is none. Raises NotFound."""
    draft: Draft | None = _mine(task_id).first()
    if draft is None:
        org_id, project_id = _place_of(task_id)
        draft = _new(task_id, org_id, project_id)
    return draft


@transaction.atomic
def apply_operations(*, task_id: UUID, base_revision: int, operations: Sequence[Operation]) -> int:
    """Apply those that are new; gives the draft's revision. A repeated request changes nothing.

    Raises NotFound, NotYourTask, DraftClosed, DraftTooLarge, and DraftConflict (with the revision) on a stale base.
    """
    if len(operations) > MOST_OPERATIONS:
        raise DraftTooLarge(field="ops")
    draft = _locked(task_id)
    known = DraftOperation.objects.filter(draft=draft, op_id__in=[operation.op_id for operation in operations])
    applied = set(known.values_list("op_id", flat=True))
    fresh = {one.op_id: one for one in operations if one.op_id not in applied}
    if not fresh:
        return draft.revision
    if base_revision != draft.revision:
        raise DraftConflict(revision=draft.revision)
    draft.revision += 1
    puts = {str(one.shape_id): one.value for one in operations if isinstance(one, PutShape) and one.op_id in fresh}
    _write(draft, puts, _rejected(draft.rejected, fresh.values()))
    DraftOperation.objects.bulk_create([_operation_row(draft, op_id) for op_id in fresh])
    return draft.revision


@transaction.atomic
def replace_draft(
    *, task_id: UUID, seen: str | None, values: Mapping[UUID, Mapping[str, Any] | None], rejected: Sequence[UUID]
) -> int:
    """Settle a conflict by the version that the author chose; `seen` is the If-Match header. Gives the revision.

    Raises what `apply_operations` does, and PreconditionRequired or PreconditionFailed.
    """
    draft = _locked(task_id)
    require_current(seen, tag_of(draft.revision))
    draft.revision += 1
    draft.values = {}
    Draft.objects.filter(pk=draft.pk).update(values={})
    _write(draft, {str(key): value for key, value in values.items()}, sorted({str(one) for one in rejected}))
    return draft.revision


def tag_of(revision: int) -> str:
    """A draft's ETag."""
    return f'"r{revision}"'


def _mine(task_id: UUID) -> Any:
    return Draft.objects.filter(task_id=task_id, author_id=active_tenant().user_id)


def _locked(task_id: UUID) -> Draft:
    """The caller's draft under lock, made if they were given the task."""
    task: Task | None = Task.objects.filter(pk=task_id).first()
    if task and task.state in ENDED:
        raise DraftClosed
    draft: Draft | None = _mine(task_id).select_for_update().first()
    if draft is None:
        _require_given(task, task_id)
        org_id, project_id = _place_of(task_id)
        Draft.objects.bulk_create([_new(task_id, org_id, project_id)], ignore_conflicts=True)
        draft = _mine(task_id).select_for_update().get()
    return draft


def _require_given(task: Task | None, task_id: UUID) -> None:
    if task and task.holder == active_tenant().user_id:
        return
    if not _claims(task_id).exists():
        raise NotYourTask if task else NotFound


def _claims(task_id: UUID) -> Any:
    return ActivityEvent.objects.filter(task_id=task_id, actor_id=active_tenant().user_id, kind="task.claimed")


def _place_of(task_id: UUID) -> tuple[UUID, UUID]:
    """Owner and project; of a task that has gone on to another vendor, from the record of the caller's own claim."""
    place: tuple[UUID, UUID] | None = Task.objects.filter(pk=task_id).values_list("org_id", "project_id").first()
    place = place or _claims(task_id).values_list("org_id", "project_id").first()
    if place is None:
        raise NotFound
    return place


def _new(task_id: UUID, org_id: UUID, project_id: UUID) -> Draft:
    context = active_tenant()
    return Draft(
        org_id=org_id,
        project_id=project_id,
        worker_org_id=context.org_id,
        task_id=task_id,
        author_id=acting_person(),
        updated_at=timezone.now(),
    )


def _write(draft: Draft, puts: Mapping[str, Mapping[str, Any] | None], rejected: list[str]) -> None:
    """Merge in the database: a draft of many shapes need not travel for one of them."""
    encoded = msgspec.json.encode(puts).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE draft SET "values" = "values" || %s::jsonb, rejected = %s::jsonb, revision = %s, updated_at = %s'
            ' WHERE org_id = %s AND id = %s RETURNING octet_length("values"::text),'
            ' (SELECT count(*) FROM jsonb_object_keys("values"))',
            [
                encoded,
                msgspec.json.encode(rejected).decode(),
                draft.revision,
                timezone.now(),
                draft.org_id,
                draft.pk,
            ],
        )
        size, shapes = cursor.fetchone()
    if size > MOST_BYTES or shapes > MOST_VALUES or len(rejected) > MOST_VALUES:
        raise DraftTooLarge


def _rejected(before: list[str], operations: Any) -> list[str]:
    rejected = set(before)
    for one in operations:
        if isinstance(one, RejectPrediction):
            (rejected.add if one.rejected else rejected.discard)(str(one.prediction))
    return sorted(rejected)


def _operation_row(draft: Draft, op_id: UUID) -> DraftOperation:
    return DraftOperation(
        org_id=draft.org_id,
        project_id=draft.project_id,
        worker_org_id=draft.worker_org_id,
        draft=draft,
        op_id=op_id,
        revision=draft.revision,
    )
