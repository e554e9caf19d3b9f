"""Pipelines that ship with the product, as functions from a few settings to a graph."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.json import Struct

from .flagship import Flagship, draw_flagship
from .graphs import HELD_OUT, LEASE_SECONDS, Edge, Graph, StageIn
from .settings import RoleName, Tool


class UnknownTemplate(Invalid):
    code = "unknown_template"
    message = "There is no template of this name."


class InvalidSettings(Invalid):
    code = "invalid_settings"
    message = "The template's settings are not right."


class LabelOnly(Struct, kw_only=True):
    """A person labels, and what they submit counts."""

    instructions: str = ""
    labels: list[str] | None = None
    tools: list[Tool] = []
    label_roles: list[RoleName] = []
    lease_seconds: int = LEASE_SECONDS


class LabelAndReview(LabelOnly, kw_only=True):
    """A person labels, another reviews."""

    review_instructions: str = ""
    review_roles: list[RoleName] = []


class PreLabelAndReview(LabelAndReview, kw_only=True):
    """A model reads first, a person completes, another reviews."""

    deployment: UUID
    floor: float | None = None
    held_out: float = HELD_OUT


class ValidateModel(LabelOnly, kw_only=True):
    """People label without seeing what the model says; where it differs from them is kept."""

    deployment: UUID
    iou: float = 0.5
    model_floor: float = 0.25


class ProductionIntake(LabelOnly, kw_only=True):
    """Items come with a prediction: one whose every score reaches `at_least` is decided at once, the rest by people."""

    at_least: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.9


def graph_of(template: str, settings: Mapping[str, Any]) -> Graph:
    """The graph of a template. Raises UnknownTemplate, InvalidSettings."""
    if template not in TEMPLATES:
        raise UnknownTemplate(f"Choose of {', '.join(TEMPLATES)}.", field="template")
    takes, draw = TEMPLATES[template]
    try:
        return draw(msgspec.convert(settings, takes))
    except msgspec.ValidationError as error:
        raise InvalidSettings(f"The template's settings are not right: {error}.", field="settings") from error


def _label_only(settings: LabelOnly) -> Graph:
    return _line(_label(settings))


def _label_and_review(settings: LabelAndReview) -> Graph:
    return _line(_label(settings), _review(settings))


def _pre_label_and_review(settings: PreLabelAndReview) -> Graph:
    predict = {"deployment": str(settings.deployment), "floor": settings.floor}
    return _line(
        StageIn(key="predict", kind="predict", title=_("Pre-label"), settings=predict),
        _label(settings, held_out=settings.held_out),
        _review(settings),
    )


def _validate_model(settings: ValidateModel) -> Graph:
    compare = {"with": "predict", "iou": settings.iou, "floor": settings.model_floor}
    stages = [
        StageIn(key="dataset", kind="dataset", title=_("Dataset")),
        StageIn(key="predict", kind="predict", title=_("Predict"), settings={"deployment": str(settings.deployment)}),
        _label(settings, suggestions=False),
        StageIn(key="compare", kind="compare", title=_("Compare with people"), settings=compare),
        StageIn(key="done", kind="done", title=_("Done")),
    ]
    edges = [Edge(source=one.key, target=other.key) for one, other in pairwise(stages[:-1])]
    both = [Edge(source="compare", target="done", outcome=outcome) for outcome in ("agree", "disagree")]
    return Graph(stages=stages, edges=edges + both)


def _production_intake(settings: ProductionIntake) -> Graph:
    confident = {"test": "confidence", "of": "lowest", "at_least": settings.at_least}
    rule = {"key": "confident", "title": _("Confident"), "when": [confident]}
    stages = [
        StageIn(key="dataset", kind="dataset", title=_("Intake"), settings={"feed": True}),
        StageIn(key="route", kind="route", title=_("Confident enough"), settings={"rules": [rule]}),
        StageIn(key="decided", kind="done", title=_("Decided at once"), settings={"accept_predictions": True}),
        _label(settings),
        StageIn(key="done", kind="done", title=_("Decided by people")),
    ]
    edges = [
        Edge(source="dataset", target="route"),
        Edge(source="route", target="decided", outcome="confident"),
        Edge(source="route", target="label", outcome="default"),
        Edge(source="label", target="done"),
    ]
    return Graph(stages=stages, edges=edges)


def _label(settings: LabelOnly, **more: Any) -> StageIn:
    own: dict[str, Any] = {
        "instructions": settings.instructions,
        "labels": settings.labels,
        "tools": settings.tools,
        "roles": settings.label_roles,
        "lease_seconds": settings.lease_seconds,
        **more,
    }
    return StageIn(key="label", kind="label", title=_("Label"), settings=own)


def _review(settings: LabelAndReview) -> StageIn:
    own: dict[str, Any] = {
        "instructions": settings.review_instructions,
        "roles": settings.review_roles,
        "lease_seconds": settings.lease_seconds,
    }
    return StageIn(key="review", kind="review", title=_("Review"), settings=own)


def _line(*work: StageIn) -> Graph:
    """Dataset and end around the work; a review returns to the label stage."""
    stages = [
        StageIn(key="dataset", kind="dataset", title=_("Dataset")),
        *work,
        StageIn(key="done", kind="done", title=_("Done")),
    ]
    edges = [Edge(source=one.key, target=other.key) for one, other in pairwise(stages)]
    returns = [Edge(source="review", target="label", outcome="rework") for stage in work if stage.key == "review"]
    return Graph(stages=stages, edges=edges + returns)


TEMPLATES: dict[str, tuple[type[Struct], Callable[[Any], Graph]]] = {
    "label_only": (LabelOnly, _label_only),
    "label_and_review": (LabelAndReview, _label_and_review),
    "pre_label_and_review": (PreLabelAndReview, _pre_label_and_review),
    "flagship": (Flagship, draw_flagship),
    "validate_model": (ValidateModel, _validate_model),
    "production_intake": (ProductionIntake, _production_intake),
}
