"""Verdicts."""

import datetime
from typing import Any, Literal
from uuid import UUID

from apps.annotation.shapes import Shape
from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.distribution.api.headers import lease_token
from apps.review.services import give_verdict
from apps.review.services.verdicts import Correction


class VerdictIn(Struct):
    """`annotations` or `draft_revision` belong to a fix; a rejection needs a comment."""

    verdict: Literal["accept", "fix", "reject"]
    comment: str = ""
    reason: Literal["", "missed", "extra", "label", "shape", "attribute", "other"] = ""
    draft_revision: int | None = None
    annotations: list[Shape] | None = None


class VerdictOut(Answer):
    id: UUID
    task: UUID
    verdict: str
    comment: str
    reason: str
    at: datetime.datetime


class TaskVerdict(Api):
    @operation(
        "review.decide",
        "Decide on the submission that a review task is about.",
        body=VerdictIn,
        answers={201: VerdictOut},
    )
    def post(self, request: Any, org: str, task_id: UUID, body: VerdictIn) -> Result:
        """Needs the Lease-Token header of the review task."""
        given = give_verdict(
            task_id=task_id,
            lease_token=lease_token(request),
            verdict=body.verdict,
            comment=body.comment,
            reason=body.reason,
            correction=Correction(body.draft_revision, body.annotations),
        )
        return 201, VerdictOut(
            id=given.pk,
            task=task_id,
            verdict=given.verdict,
            comment=given.comment,
            reason=given.reason,
            at=given.at,
        )
