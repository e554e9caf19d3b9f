"""What the settings of stages name, and whether the project has it: deployments, labels and attributes."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from apps.predictions.models import Deployment
from apps.recipes.models import RecipeVersion

from .graphs import InvalidGraph, refuse
from .settings import (
    Confidence,
    HasAttribute,
    HasClass,
    HumanSettings,
    LabelSettings,
    MapClasses,
    Number,
    PredictSettings,
    RouteSettings,
)


def unknown_in(settings: Mapping[str, Any], project_id: UUID, recipe: RecipeVersion) -> Iterator[InvalidGraph]:
    """A fault for each stage that names what is not there. `settings` by stage, in the order of the graph."""
    models = {one.deployment for one in settings.values() if isinstance(one, PredictSettings)}
    rows = Deployment.objects.filter(pk__in=models, project_id=project_id) if models else Deployment.objects.none()
    served = set(rows.values_list("pk", flat=True))
    labels = {label["name"] for label in recipe.labels}
    attributes = {one["name"] for label in recipe.labels for one in label.get("attributes") or ()}
    for index, (key, told) in enumerate(settings.items()):
        place = f"graph.stages[{index}].settings"
        if isinstance(told, PredictSettings) and told.deployment not in served:
            sentence = f"The stage {key} names a deployment that this project does not have."
            yield refuse(key, f"{sentence} Choose one, or deploy a model.", f"{place}.deployment")
        named, asked = _named(told)
        for word, missing in (("label", named - labels), ("attribute", asked - attributes)):
            if missing:
                sentence = f"The stage {key} uses the {word} {min(missing)}, which the recipe's version"
                yield refuse(key, f"{sentence} {recipe.number} does not have.", place)


def _named(settings: Any) -> tuple[set[str], set[str]]:
    """The labels and attributes that a stage's settings speak of."""
    labels: set[str] = set()
    attributes: set[str | None] = set()
    if isinstance(settings, HumanSettings):
        labels |= set(settings.objects.labels or ())
        attributes.add(settings.objects.without)
    if isinstance(settings, LabelSettings):
        labels |= set(settings.labels or ())
        attributes.add(settings.question.attribute if settings.question else None)
    if isinstance(settings, MapClasses):
        labels |= {label for label in settings.classes.values() if label}
    if isinstance(settings, RouteSettings):
        for test in (test for rule in settings.rules for test in rule.when):
            if isinstance(test, Confidence | HasClass | Number | HasAttribute) and test.label:
                labels.add(test.label)
            if isinstance(test, HasAttribute):
                attributes.add(test.name)
    return labels, {name for name in attributes if name}
