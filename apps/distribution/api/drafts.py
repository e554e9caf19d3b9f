"""Drafts: unfinished work, kept while the network and the lease come and go."""

from typing import Any
from uuid import UUID

import msgspec

from apps.annotation.shapes import Shape, as_plain
from apps.core.answers import Result, answer
from apps.core.errors import Invalid
from apps.core.http import Api, operation
from apps.core.json import Struct
from apps.distribution.services import drafts

from . import shown


class DraftOp(Struct):
    """`shape_id` with `value` (null deletes), or `prediction` with `rejected`."""

    op_id: UUID
    shape_id: UUID | None = None
    value: Shape | None | msgspec.UnsetType = msgspec.UNSET
    prediction: UUID | None = None
    rejected: bool | None = None


class DraftOps(Struct):
    base_revision: int
    ops: list[DraftOp]


class WholeDraft(Struct):
    values: dict[UUID, Shape | None]
    rejected: list[UUID] = []


class InvalidOperation(Invalid):
    code = "invalid_operation"
    message = (
        "An operation sets a shape to a value of the same id or to null, or says whether a prediction is rejected."
    )


class TaskDraft(Api):
    @operation(
        "task.work", "The caller's draft of a task; revision 0 when there is none.", answers={200: shown.DraftOut}
    )
    def get(self, request: Any, org: str, task_id: UUID) -> Result:
        """With its ETag."""
        draft = drafts.draft_of(task_id=task_id)
        body = {"revision": draft.revision, "values": draft.values, "rejected": draft.rejected}
        return answer(200, body, ETag=drafts.tag_of(draft.revision))

    @operation(
        "task.work",
        "Change the draft by operations, each applied once.",
        body=DraftOps,
        answers={200: shown.RevisionOut},
    )
    def patch(self, request: Any, org: str, task_id: UUID, body: DraftOps) -> Result:
        """Needs the author, not the lease."""
        operations = [_operation(op, index) for index, op in enumerate(body.ops)]
        revision = drafts.apply_operations(task_id=task_id, base_revision=body.base_revision, operations=operations)
        return answer(200, shown.RevisionOut(revision=revision), ETag=drafts.tag_of(revision))

    @operation(
        "task.work",
        "Settle a conflict by the whole draft.",
        body=WholeDraft,
        answers={200: shown.RevisionOut},
        conditional=True,
    )
    def put(self, request: Any, org: str, task_id: UUID, body: WholeDraft) -> Result:
        """Needs If-Match."""
        for shape_id, value in body.values.items():
            if value is not None and value.id != shape_id:
                raise InvalidOperation(field=f"values.{shape_id}")
        revision = drafts.replace_draft(
            task_id=task_id,
            seen=request._request.headers.get("If-Match"),
            values={key: as_plain(value) if value else None for key, value in body.values.items()},
            rejected=body.rejected,
        )
        return answer(200, shown.RevisionOut(revision=revision), ETag=drafts.tag_of(revision))


def _operation(op: DraftOp, index: int) -> drafts.Operation:
    about_shape = op.shape_id is not None and op.prediction is None and op.rejected is None
    about_prediction = op.prediction is not None and op.rejected is not None and op.shape_id is None
    if about_shape and op.shape_id and op.value is not msgspec.UNSET and (not op.value or op.value.id == op.shape_id):
        return drafts.PutShape(op.op_id, op.shape_id, as_plain(op.value) if op.value else None)
    if about_prediction and op.prediction and op.value is msgspec.UNSET:
        return drafts.RejectPrediction(op.op_id, op.prediction, bool(op.rejected))
    raise InvalidOperation(field=f"ops[{index}]")
