"""Whether a unit meets the rules of a route: asked by the line, and by the page that tries rules before they count."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.pipelines.settings import (
    Condition,
    Confidence,
    HasAttribute,
    HasClass,
    Metadata,
    Number,
    RouteSettings,
    Share,
)

from .models import Unit
from .units import annotations_of, predictions_of


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule looks at: scores by label, labels with attributes of the objects, the item's metadata, an id."""

    scores: Sequence[tuple[str, float]]
    objects: Sequence[tuple[str, dict[str, Any]]]
    metadata: dict[str, Any]
    identity: UUID


def seen_on(unit: Unit, floor: float) -> Seen:
    """Objects are the annotations of the unit, or, where there are none, its predictions of at least the floor."""
    scores = list(predictions_of(unit, floor=floor).values_list("label__name", "score"))
    objects = list(annotations_of(unit).values_list("label__name", "attributes"))
    return Seen(scores, objects or [(label, {}) for label, _ in scores], unit.item.metadata, unit.item_id)


def outcome_of(settings: RouteSettings, seen: Seen, salt: str) -> str:
    """The key of the first rule that holds, or `default`. `salt` tells one route's shares from another's."""
    for rule in settings.rules:
        if all(holds(condition, seen, f"{salt}:{rule.key}") for condition in rule.when):
            return rule.key
    return "default"


def holds(condition: Condition, seen: Seen, salt: str) -> bool:
    """Whether one condition does."""
    match condition:
        case Confidence():
            return _is_confident(condition, seen)
        case HasClass(label=label, present=present):
            return any(name == label for name, _ in seen.objects) == present
        case Number():
            return _is_number(condition, seen)
        case HasAttribute(name=name, value=value, label=label):
            return any(label in {None, one} and given.get(name) == value for one, given in seen.objects)
        case Metadata():
            return _says(condition, seen.metadata)
        case Share(percent=percent):
            return drawn(salt, seen.identity) < percent / 100


def drawn(salt: str, identity: UUID) -> float:
    """A number from 0 to 1 that is the same for an item whenever, and in whatever run, it is asked for."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{identity}".encode()).digest()[:8]) / 2**64


def _is_confident(condition: Confidence, seen: Seen) -> bool:
    scores = [score for label, score in seen.scores if condition.label in {None, label}]
    if not scores:
        return False
    score = {"lowest": min(scores), "highest": max(scores), "mean": sum(scores) / len(scores)}[condition.of]
    return (condition.at_least is None or score >= condition.at_least) and (
        condition.below is None or score < condition.below
    )


def _is_number(condition: Number, seen: Seen) -> bool:
    number = sum(condition.label in {None, label} for label, _ in seen.objects)
    return (condition.at_least is None or number >= condition.at_least) and (
        condition.at_most is None or number <= condition.at_most
    )


def _says(condition: Metadata, metadata: dict[str, Any]) -> bool:
    there = condition.field in metadata
    value = metadata.get(condition.field)
    if condition.op == "exists":
        return there
    if condition.op in {"is", "is_not"}:
        return (there and value == condition.value) == (condition.op == "is")
    if isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(condition.value, int | float):
        return False
    return value >= condition.value if condition.op == "at_least" else value <= condition.value
