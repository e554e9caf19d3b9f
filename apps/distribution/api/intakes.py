"""Production intake: an item comes with its prediction, and what was decided is read back."""

import datetime
from typing import Any, Literal
from uuid import UUID

from apps.annotation.shapes import Shape
from apps.core.answers import Result
from apps.core.errors import Invalid
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.distribution.models import Intake
from apps.distribution.selectors import intakes
from apps.distribution.services import intake as services
from apps.distribution.services.intake_checks import Delivery
from apps.projects.selectors import dataset_for


class OneItem(Invalid):
    code = "one_item"
    message = "Send either item, the id of a picture that is there, or picture with its name and content."


class PictureIn(Struct):
    """A new picture: `content` is the file as base64."""

    name: str
    content: bytes


class IntakeIn(Delivery):
    """A picture that is there, or a new one, with what a model says of it."""

    item: UUID | None = None
    picture: PictureIn | None = None


class IntakeError(Answer):
    code: str
    message: str


class IntakeModel(Answer):
    """Whose prediction came with the item."""

    deployment: UUID
    title: str
    version: int
    model_version: UUID


class RuleTakenOut(Answer):
    """A route and the rule by which the item left it; `default` where none held."""

    stage: str
    stage_title: str
    rule: str
    rule_title: str


class DecisionOut(Answer):
    """Who decided, by which rules it came to that, and the shapes of the item as they are now."""

    by: str
    certified: bool
    rules: list[RuleTakenOut]
    decided_at: datetime.datetime
    shapes: list[Shape]


class IntakeRow(Answer):
    id: UUID
    dataset: UUID
    pipeline_run: UUID
    item: UUID | None
    external_id: str
    state: str
    model: IntakeModel
    priority: int
    deadline: datetime.datetime | None
    late: bool
    met: bool | None
    error: IntakeError | None
    job: UUID | None
    created_at: datetime.datetime
    decided_at: datetime.datetime | None


class IntakeOut(IntakeRow):
    decision: DecisionOut | None


class IntakesOut(Answer):
    results: list[IntakeRow]
    next: str | None
    previous: str | None


class IntakesPage(Page):
    state: Literal["open", "late", "decided", "set_aside", "failed"] | None = None
    external_id: str | None = None


class Intakes(Api):
    @operation("intake.see", "A dataset's intakes, newest first.", query=IntakesPage, answers={200: IntakesOut})
    def get(self, request: Any, org: str, dataset_id: UUID, query: IntakesPage) -> Result:
        """`state` is open, late (open past the deadline), decided, set_aside or failed."""
        rows = intakes.intakes_of(dataset_for(request.member.context, "intake.see", dataset_id))
        if query.external_id is not None:
            rows = rows.filter(external_id=query.external_id)
        if query.state:
            rows = intakes.in_state(rows, query.state)
        return 200, page_of(rows, query, _row, newest_first=True)

    @operation(
        "intake.create",
        "Send an item with its prediction into the run that takes the dataset's new items.",
        body=IntakeIn,
        answers={201: IntakeOut, 202: IntakeOut},
    )
    def post(self, request: Any, org: str, dataset_id: UUID, body: IntakeIn) -> Result:
        """201 with the decision where a rule decides at once, or the state; 202 for a new picture, which a job reads.

        Send an Idempotency-Key, so that a repeated request does not enter twice.
        """
        context = request.member.context
        dataset = dataset_for(context, "intake.create", dataset_id)
        if (body.item is None) == (body.picture is None):
            raise OneItem(field="item")
        if body.picture is not None:
            taken = services.receive_picture(
                dataset=dataset, name=body.picture.name, content=body.picture.content, delivery=body
            )
        else:
            assert body.item is not None  # noqa: S101 - for mypy: seen above
            taken = services.deliver(dataset=dataset, item_id=body.item, delivery=body)
        return (202 if body.picture else 201), _intake(intakes.intake_for(context, "intake.create", taken.pk))


class OneIntake(Api):
    @operation("intake.see", "What became of an intake.", answers={200: IntakeOut})
    def get(self, request: Any, org: str, intake_id: UUID) -> Result:
        """With the decision and where it comes from, once there is one."""
        return 200, _intake(intakes.intake_for(request.member.context, "intake.see", intake_id))


def _intake(intake: Intake) -> IntakeOut:
    return IntakeOut(**_fields(intake), decision=_decision(intake))


def _decision(intake: Intake) -> DecisionOut | None:
    made = intakes.decision_on(intake)
    if made is None:
        return None
    return DecisionOut(
        by=made.by,
        certified=made.certified,
        rules=[
            RuleTakenOut(stage=way.stage, stage_title=way.stage_title, rule=way.rule, rule_title=way.rule_title)
            for way in made.ways
        ],
        decided_at=made.decided_at,
        shapes=made.shapes,  # type: ignore[arg-type] # JSON that the database made
    )


def _row(intake: Intake) -> IntakeRow:
    return IntakeRow(**_fields(intake))


def _fields(intake: Intake) -> dict[str, Any]:
    deployment, error, met = intake.deployment, intakes.error_of(intake), intakes.was_met(intake)
    return {
        "id": intake.pk,
        "dataset": intake.dataset_id,
        "pipeline_run": intake.pipeline_run_id,
        "item": intake.item_id,
        "external_id": intake.external_id,
        "state": intakes.state_of(intake),
        "model": IntakeModel(
            deployment=deployment.pk,
            title=deployment.title,
            version=deployment.version,
            model_version=deployment.model_version_id,
        ),
        "priority": intake.priority,
        "deadline": intake.deadline,
        "late": met is False,
        "met": met,
        "error": IntakeError(code=error[0], message=error[1]) if error else None,
        "job": intake.job_id,
        "created_at": intake.created_at,
        "decided_at": intakes.decided_at_of(intake),
    }
