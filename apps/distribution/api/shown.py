"""The forms of work in answers; the schema is made from them, and tests hold the payloads to them."""

import datetime
from typing import Any
from uuid import UUID

from apps.annotation.shapes import Shape
from apps.core.json import Answer


class RegionOut(Answer):
    x: float
    y: float
    width: float
    height: float


class QuestionOut(Answer):
    """What a task about one object asks: the value of an attribute, else the label."""

    attribute: str | None
    label: bool


class StageOut(Answer):
    id: UUID
    key: str
    kind: str
    title: str
    instructions: str
    tools: list[str]
    labels: list[str] | None
    question: QuestionOut | None
    skip: list[str]


class UnitOut(Answer):
    id: UUID
    kind: str
    region: RegionOut | None
    subject: UUID | None


class ProjectRef(Answer):
    id: UUID
    name: str


class TilesOut(Answer):
    url: str
    size: int
    levels: int


class PictureOut(Answer):
    id: UUID
    name: str
    width: int
    height: int
    thumb: str
    preview: str
    full: str
    tiles: TilesOut


class PinnedRecipeOut(Answer):
    """`labels` as they were published: id, name, title, color, key, attributes."""

    version_id: UUID
    number: int
    instructions: str
    labels: list[dict[str, Any]]


class ServingOut(Answer):
    id: UUID
    model: str
    version: str
    model_version: UUID
    state: str
    default: bool


class ReturnedOut(Answer):
    comment: str
    at: datetime.datetime


class LeaseOut(Answer):
    token: UUID
    expires_at: datetime.datetime


class TaskOut(Answer):
    """All that the editor needs to open a task; `lease` is shown to the holder alone."""

    id: UUID
    state: str
    round: int
    priority: int
    due_at: datetime.datetime | None
    stage: StageOut
    unit: UnitOut
    project: ProjectRef
    item: PictureOut
    recipe: PinnedRecipeOut
    suggestions_shown: bool
    deployments: list[ServingOut]
    returned: ReturnedOut | None
    annotations: list[Shape]
    lease: LeaseOut | None
    previous: UUID | None


class ClaimedOut(Answer):
    tasks: list[TaskOut]


class TaskRow(Answer):
    """A task in a list."""

    id: UUID
    project: UUID
    pipeline_run: UUID
    stage: UUID
    stage_kind: str
    unit: UUID
    item: UUID
    kind: str
    state: str
    round: int
    priority: int
    due_at: datetime.datetime | None
    holder: UUID | None
    lease_until: datetime.datetime | None
    returned: bool
    error_code: str
    created_at: datetime.datetime
    ended_at: datetime.datetime | None


class TasksOut(Answer):
    results: list[TaskRow]
    next: str | None
    previous: str | None


class DraftOut(Answer):
    """A delta on the task's `annotations`: shapes by id (null: deleted), and the predictions said to be wrong."""

    revision: int
    values: dict[UUID, Shape | None]
    rejected: list[UUID]


class RevisionOut(Answer):
    revision: int


class SubmissionOut(Answer):
    submission: UUID


class ExpiryOut(Answer):
    expires_at: datetime.datetime


class AskedOut(Answer):
    id: UUID
    state: str
    position: int
    eta_s: float | None


class AssistOut(Answer):
    inference: AskedOut


class RunOut(Answer):
    id: UUID
    project: UUID
    pipeline_version: UUID
    recipe_version: UUID
    dataset: UUID
    state: str
    priority: int
    due_at: datetime.datetime | None
    started_at: datetime.datetime
    job: UUID | None = None


class RunsOut(Answer):
    results: list[RunOut]
    next: str | None
    previous: str | None


class AnnotationsOut(Answer):
    results: list[Shape]
    revision: int


class RunningTileOut(Answer):
    index: int
    x: int
    y: int
    width: int
    height: int
    done: bool


class RunningOut(Answer):
    """An inference under way, with the tiles that are in and the shapes that they give so far."""

    inference: UUID
    model_version: UUID
    done: int
    total: int
    state: str
    tiles: list[RunningTileOut]
    shapes: list[dict[str, Any]]


class PredictionsOut(Answer):
    """Current predictions in the shape form, best first; `seq` is what to subscribe to the item's topic after.

    `read_by` are the deployments that have read the whole item, also those that found nothing.
    """

    results: list[dict[str, Any]]
    seq: int
    running: list[RunningOut]
    read_by: list[UUID]
