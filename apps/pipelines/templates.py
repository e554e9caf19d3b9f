"""Pipelines that ship with the product, as functions from a few settings to a graph."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.json import Struct

from .graphs import HELD_OUT, LEASE_SECONDS, Edge, Graph, RoleName, StageIn, Tool


class UnknownTemplate(Invalid):
    code = "unknown_template"
    message = "There is no template of this name."


class InvalidSettings(Invalid):
    code = "invalid_settings"
    message = "The template's settings are not right."


class PreLabelAndReview(Struct):
    """A model reads first, a person completes, another reviews."""

    deployment: UUID
    floor: float | None = None
    held_out: float = HELD_OUT
    instructions: str = ""
    review_instructions: str = ""
    labels: list[str] | None = None
    tools: list[Tool] = []
    label_roles: list[RoleName] = []
    review_roles: list[RoleName] = []
    lease_seconds: int = LEASE_SECONDS


def graph_of(template: str, settings: Mapping[str, Any]) -> Graph:
    """The graph of a template. Raises UnknownTemplate, InvalidSettings."""
    if template not in TEMPLATES:
        raise UnknownTemplate(f"Choose of {', '.join(TEMPLATES)}.", field="template")
    takes, draw = TEMPLATES[template]
    try:
        return draw(msgspec.convert(settings, takes))
    except msgspec.ValidationError as error:
        raise InvalidSettings(f"The template's settings are not right: {error}.", field="settings") from error


def _pre_label_and_review(settings: PreLabelAndReview) -> Graph:
    label: dict[str, Any] = {
        "instructions": settings.instructions,
        "labels": settings.labels,
        "tools": settings.tools,
        "held_out": settings.held_out,
        "roles": settings.label_roles,
        "lease_seconds": settings.lease_seconds,
    }
    review: dict[str, Any] = {
        "instructions": settings.review_instructions,
        "roles": settings.review_roles,
        "lease_seconds": settings.lease_seconds,
    }
    predict: dict[str, Any] = {"deployment": str(settings.deployment), "floor": settings.floor}
    return Graph(
        stages=[
            StageIn(key="dataset", kind="dataset", title=_("Dataset")),
            StageIn(key="predict", kind="predict", title=_("Pre-label"), settings=predict),
            StageIn(key="label", kind="label", title=_("Label"), settings=label),
            StageIn(key="review", kind="review", title=_("Review"), settings=review),
            StageIn(key="done", kind="done", title=_("Done")),
        ],
        edges=[
            Edge(source="dataset", target="predict"),
            Edge(source="predict", target="label"),
            Edge(source="label", target="review"),
            Edge(source="review", target="done"),
            Edge(source="review", target="label", outcome="rework"),
        ],
    )


TEMPLATES: dict[str, tuple[type[Struct], Callable[[Any], Graph]]] = {
    "pre_label_and_review": (PreLabelAndReview, _pre_label_and_review),
}
