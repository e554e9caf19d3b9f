"""Hand work in: checked here, written and moved on by one SQL function that judges the lease under lock."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from apps.annotation.documents import Prepared, Proposed, predictions_named, prepare
from apps.annotation.rules import MOST_SHAPES, TooManyShapes
from apps.annotation.selectors import proposed_on
from apps.annotation.shapes import Shape
from apps.core import request_id
from apps.core.tenancy import active_tenant, tenant_tx
from apps.distribution.selectors.known import Ground, ground_of, known_stage, rules_for
from apps.pipelines.models import StageKind

from .counts import announce_counts
from .holding import lost_if_mine
from .refusals import DraftConflict, WrongStage, call

SUBMIT = "SELECT app.hand_in(%s, %s::uuid[], %s, %s, %s, %s, %s::jsonb, %s, %s::jsonb, %s::jsonb, %s)"


class _Proposed(msgspec.Struct):
    id: UUID
    label_id: UUID
    geometry: dict[str, Any]
    model_version: UUID
    score: float


class Drafted(msgspec.Struct):
    """A draft with its base and the predictions that its shapes name."""

    revision: int
    values: dict[UUID, Shape | None]
    rejected: list[UUID]
    annotations: list[Shape]
    proposed: list[_Proposed]

    def shapes(self) -> list[Shape]:
        """The document that the draft means."""
        shapes = {shape.id: shape for shape in self.annotations}
        for key, value in self.values.items():
            if value is None:
                shapes.pop(key, None)
            else:
                shapes[key] = value
        return list(shapes.values())

    def proposals(self) -> dict[UUID, Proposed]:
        """The predictions by id."""
        return {one.id: Proposed(one.label_id, one.geometry, one.model_version, one.score) for one in self.proposed}


def submit_draft(*, task_id: UUID, lease_token: UUID, revision: int) -> UUID:
    """Hand in the caller's draft as it stood at `revision`. Raises as `submit_shapes`, and DraftConflict."""
    ground = _label_ground(task_id)
    drafted = read_draft(task_id)
    if drafted.revision != revision:
        raise DraftConflict(revision=drafted.revision)
    prepared = prepare_for(ground, drafted.shapes(), drafted.proposals())
    return _submit(task_id, lease_token, ground, prepared, drafted.rejected, revision)


def submit_shapes(*, task_id: UUID, lease_token: UUID, shapes: Sequence[Shape], rejected: Sequence[UUID] = ()) -> UUID:
    """Hand in these shapes as all that the unit has; gives the submission. It opens its own transaction.

    Raises NotFound, LeaseExpired, LeaseLost, WrongStage, ShapeRefused (with the shape's index), ObjectMissing,
    TooManyShapes.
    """
    ground = _label_ground(task_id)
    prepared = prepare_for(ground, shapes, named_on(ground, shapes))
    return _submit(task_id, lease_token, ground, prepared, rejected, 0)


def read_draft(task_id: UUID) -> Drafted:
    """The caller's draft and what it stands on. Raises NotFound or LeaseLost."""
    context = active_tenant()
    with lost_if_mine(task_id):
        ((text,),) = call(
            "SELECT app.drafted(%s, %s::uuid[], %s, %s)::text",
            [context.org_id, list(context.projects), context.user_id, task_id],
        )
    return msgspec.json.decode(text, type=Drafted)


def named_on(ground: Ground, shapes: Iterable[Shape]) -> dict[UUID, Proposed]:
    """Those predictions of the item that shapes say they come from; no query when they name none."""
    named = predictions_named(shapes)
    if not named:
        return {}
    with tenant_tx(active_tenant()):
        return proposed_on(ground.item_id, named)


def prepare_for(ground: Ground, shapes: Sequence[Shape], proposed: Mapping[UUID, Proposed]) -> Prepared:
    """Shapes checked against the run's recipe, the item and what the unit owns of it."""
    return prepare(
        shapes,
        rules=rules_for(ground),
        width=ground.width,
        height=ground.height,
        extent=ground.extent,
        proposed=proposed,
    )


def _label_ground(task_id: UUID) -> Ground:
    with lost_if_mine(task_id):
        ground = ground_of(task_id)
    if known_stage(ground.org_id, ground.stage_id).kind != StageKind.LABEL:
        raise WrongStage
    return ground


def _submit(
    task_id: UUID, lease_token: UUID, ground: Ground, prepared: Prepared, rejected: Sequence[UUID], revision: int
) -> UUID:
    if len(rejected) > MOST_SHAPES:
        raise TooManyShapes(field="rejected")
    context = active_tenant()
    counts = {**prepared.counts, "shapes": prepared.counts.total(), "rejected": len(rejected)}
    with lost_if_mine(task_id):
        ((submission,),) = call(
            SUBMIT,
            [
                context.org_id,
                list(context.projects),
                context.user_id,
                task_id,
                lease_token,
                revision,
                prepared.document.decode(),
                prepared.digest,
                msgspec.json.encode(list(rejected)).decode(),
                msgspec.json.encode(counts).decode(),
                request_id.current.get(),
            ],
        )
    announce_counts(ground.project_id)
    return submission  # type: ignore[no-any-return]
