"""What an intake may be: which run takes it, whose word it brings, predictions that recipe and picture allow."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.utils import timezone

from apps.annotation.geometry import GeometryRefused, normal_box
from apps.annotation.shapes import Box
from apps.core.errors import Invalid, NotFound, Refusal
from apps.core.ids import new_id
from apps.core.json import Struct
from apps.core.text import clean_name
from apps.distribution.models import PipelineRun, RunState
from apps.pipelines.models import Stage, StageKind
from apps.predictions.merge import Found
from apps.predictions.models import Deployment, DeploymentState
from apps.predictions.services import DeploymentStopped, external_deployment
from apps.projects.models import Dataset

MOST_PREDICTIONS = 2000
TAKING = (RunState.FILLING, RunState.RUNNING)
OPEN = (*TAKING, RunState.PAUSED, RunState.DRAINING)


class PredictedBox(Struct, tag_field="type", tag="box"):
    """What a model saw, in pixels of the upright picture."""

    label: str
    x: float
    y: float
    width: float
    height: float
    score: Annotated[float, msgspec.Meta(ge=0, le=1)]


class ModelElsewhere(Struct):
    """A model that runs elsewhere."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class Delivery(Struct):
    """A prediction, by a deployment of the project or by a model elsewhere, and until when somebody needs a decision.

    Without `run` the one that takes new items of the dataset; `priority` and `deadline` as the run's where not stated.
    """

    predictions: list[PredictedBox]
    deployment: UUID | None = None
    model: ModelElsewhere | None = None
    run: UUID | None = None
    external_id: Annotated[str, msgspec.Meta(max_length=200)] = ""
    deadline: Annotated[datetime.datetime, msgspec.Meta(tz=True)] | None = None
    priority: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    metadata: dict[str, Any] = {}


class NoFeedingRun(Refusal):
    code = "no_feeding_run"
    message = (
        "No run takes new items of this dataset. Start a pipeline over it whose dataset stage has feed on "
        "(the template production_intake has), then send this again."
    )


class WhichRun(Invalid):
    code = "which_run"
    message = "Several runs take new items of this dataset. Name one of them as run."


class RunNotFeeding(Invalid):
    code = "run_not_feeding"
    message = "This run takes no new items of this dataset. Name one whose dataset stage has feed on, or none."


class RunClosed(Refusal):
    """A run that takes items, but not now."""

    def __init__(self, state: str) -> None:
        self.code = f"run_{state}"  # type: ignore[misc] # one class for each state that a run can be in
        super().__init__(CLOSED[state], field="run")


CLOSED: dict[str, str] = {
    RunState.PAUSED: "The run is paused. Resume it, then send this again.",
    RunState.DRAINING: "The run is being drained and takes nothing new. Start another, then send this again.",
    RunState.CANCELLED: "The run was cancelled. Start another, then send this again.",
    RunState.DONE: "The run is done. Start another, then send this again.",
}


class OneModel(Invalid):
    code = "one_model"
    message = "Say whose prediction this is: either deployment, or model with its name and version."


class NoSuchDeployment(Invalid):
    code = "deployment_not_found"
    message = "This project has no such deployment. Name another, or the model by its own name and version."


class DeadlinePassed(Invalid):
    code = "deadline_passed"
    message = "The deadline lies in the past. Send one that people can still keep, or none."


class PredictionRefused(Invalid):
    """One prediction cannot be kept; `details.index` says which."""

    code = "invalid_prediction"

    def __init__(self, code: str, sentence: str, index: int) -> None:
        self.code = code  # type: ignore[misc] # one class for the codes that a prediction can earn
        super().__init__(sentence, field=f"predictions[{index}]", index=index)


class TooManyPredictions(Invalid):
    code = "too_many_predictions"
    message = f"One item comes with at most {MOST_PREDICTIONS:,} predictions."


def run_for(dataset: Dataset, named: UUID | None) -> PipelineRun:
    """The run that takes a new item of the dataset.

    Raises NoFeedingRun, WhichRun, RunNotFeeding, RunClosed, and NotFound for a run that is not the project's.
    """
    feeding = Stage.objects.filter(project_id=dataset.project_id, kind=StageKind.DATASET, settings__feed=True)
    runs = PipelineRun.objects.filter(project_id=dataset.project_id).select_related("recipe_version")
    fed = runs.filter(dataset=dataset, pipeline_version__in=feeding.values("pipeline_version_id"))
    if named is not None:
        if not runs.filter(pk=named).exists():
            raise NotFound
        found = list(fed.filter(pk=named))
        if not found:
            raise RunNotFeeding(field="run")
    else:
        # What runs comes before what may run again.
        opened = list(fed.filter(state__in=OPEN).order_by("-id"))
        found = [run for run in opened if run.state in TAKING] or opened
    if not found:
        raise NoFeedingRun
    run: PipelineRun = found[0]
    if run.state not in TAKING:
        raise RunClosed(run.state)
    if len(found) > 1:
        raise WhichRun(field="run", runs=[str(run.pk) for run in found])
    return run


def require_model(dataset: Dataset, delivery: Delivery) -> None:
    """Raises OneModel, NoSuchDeployment."""
    if (delivery.deployment is None) == (delivery.model is None):
        raise OneModel(field="model")
    deployments = Deployment.objects.filter(project_id=dataset.project_id, pk=delivery.deployment)
    if delivery.deployment is not None and not deployments.exists():
        raise NoSuchDeployment(field="deployment")


def deployment_for(run: PipelineRun, delivery: Delivery) -> Deployment:
    """Whose word it is; a model elsewhere is known from its first word on.

    Raises DeploymentStopped, ModelRunsHere, InvalidName.
    """
    if delivery.model is not None:
        labels = [label["name"] for label in run.recipe_version.labels]
        name = clean_name(delivery.model.name, field="model.name")
        found = external_deployment(project=run.project, name=name, version=delivery.model.version, labels=labels)
    else:
        found = Deployment.objects.get(project_id=run.project_id, pk=delivery.deployment)
    if found.state == DeploymentState.STOPPED:
        raise DeploymentStopped
    return found


def require_ahead(deadline: datetime.datetime | None) -> None:
    """Raises DeadlinePassed."""
    if deadline is not None and deadline <= timezone.now():
        raise DeadlinePassed(field="deadline")


def require_labels(predictions: Sequence[PredictedBox], labels: Sequence[Mapping[str, Any]]) -> None:
    """Raises TooManyPredictions, PredictionRefused."""
    if len(predictions) > MOST_PREDICTIONS:
        raise TooManyPredictions(field="predictions")
    known = {label["name"] for label in labels}
    for index, one in enumerate(predictions):
        if one.label not in known:
            sentence = f"The run's recipe has no label {one.label[:60]}. It has {', '.join(sorted(known))[:300]}."
            raise PredictionRefused("unknown_label", sentence, index)


def found_in(predictions: Sequence[PredictedBox], width: int, height: int) -> list[Found]:
    """Predictions clipped to their picture. Raises PredictionRefused for one that lies outside."""
    found = []
    for index, one in enumerate(predictions):
        box = Box(id=new_id(), label=one.label, x=one.x, y=one.y, width=one.width, height=one.height)
        try:
            normal = normal_box(box, width, height)
        except GeometryRefused as refused:
            raise PredictionRefused(refused.code, refused.sentence, index) from refused
        x1, y1, x2, y2 = normal.bounds
        score = round(one.score, 4)
        found.append(Found(str(box.id), one.label, score, x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)))
    return found
