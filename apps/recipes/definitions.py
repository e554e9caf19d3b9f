"""What a label may be: its words as people send them, and the rules that a version must keep."""

import math
import unicodedata
from typing import Any, Literal
from uuid import UUID

import msgspec

from apps.core.errors import Invalid
from apps.core.json import Struct
from apps.core.text import clean_name

MOST_LABELS = 500
MOST_ATTRIBUTES = 50
MOST_OPTIONS = 200
LONGEST_LABEL = 100
LONGEST_TEXT = 1000
COLORS = 20
KEYS = frozenset("123456789")


class Attribute(Struct):
    """One question about a shape."""

    name: str
    type: Literal["select", "checkbox", "text", "number"]
    title: str = ""
    options: list[str] = []
    required: bool = False
    default: str | bool | int | float | None = None


class LabelDefinition(Struct):
    """A label as a version has it. `id` may be sent back; the name decides which label it is."""

    name: str
    title: str = ""
    color: int = 1
    key: str = ""
    geometry: list[Literal["box", "polygon"]] = msgspec.field(default_factory=lambda: ["box", "polygon"])
    attributes: list[Attribute] = []
    id: UUID | None = None


class TooManyLabels(Invalid):
    code = "too_many_labels"
    message = f"A recipe has 1 to {MOST_LABELS} labels."


class DuplicateLabel(Invalid):
    code = "duplicate_label"
    message = "Two labels have the same name, or differ only in case or accents' spelling."


class DuplicateLabelKey(Invalid):
    code = "duplicate_key"
    message = "Two labels have the same key."


class InvalidLabel(Invalid):
    code = "invalid_label"
    message = "A label is not right."


class InvalidAttribute(Invalid):
    code = "invalid_attribute"
    message = "An attribute is not right."


def folded(name: str) -> str:
    """What makes two names the same to people."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def checked_labels(labels: list[LabelDefinition]) -> list[dict[str, Any]]:
    """The labels as a version keeps them, less their ids. Raises a refusal that names the label's place."""
    if not 1 <= len(labels) <= MOST_LABELS:
        raise TooManyLabels(field="labels")
    checked = [_label(label, f"labels[{index}]") for index, label in enumerate(labels)]
    _require_different([folded(label["name"]) for label in checked], "name", DuplicateLabel)
    _require_different([label["key"] for label in checked], "key", DuplicateLabelKey)
    return checked


def _label(label: LabelDefinition, place: str) -> dict[str, Any]:
    name = clean_name(label.name, field=f"{place}.name", length=LONGEST_LABEL)
    if not 1 <= label.color <= COLORS:
        raise InvalidLabel(f"A colour is a number from 1 to {COLORS}.", field=f"{place}.color")
    if label.key and label.key not in KEYS:
        raise InvalidLabel("A key is one digit from 1 to 9.", field=f"{place}.key")
    if not label.geometry:
        raise InvalidLabel("Choose at least one shape.", field=f"{place}.geometry")
    if len(label.attributes) > MOST_ATTRIBUTES:
        raise InvalidLabel(f"A label has at most {MOST_ATTRIBUTES} attributes.", field=f"{place}.attributes")
    attributes = [_attribute(one, f"{place}.attributes[{index}]") for index, one in enumerate(label.attributes)]
    names = [folded(attribute["name"]) for attribute in attributes]
    for index, attribute_name in enumerate(names):
        if attribute_name in names[:index]:
            raise InvalidAttribute(
                "Another attribute of this label has this name.", field=f"{place}.attributes[{index}].name"
            )
    return {
        "name": name,
        "title": clean_name(label.title or name, field=f"{place}.title", length=LONGEST_LABEL),
        "color": label.color,
        "key": label.key,
        "geometry": sorted(set(label.geometry)),
        "attributes": attributes,
    }


def _require_different(values: list[str], field: str, refusal: type[Invalid]) -> None:
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        if value and value in seen:
            raise refusal(field=f"labels[{index}].{field}", same_as=f"labels[{seen[value]}].{field}")
        seen[value] = index


def _attribute(attribute: Attribute, place: str) -> dict[str, Any]:
    name = clean_name(attribute.name, field=f"{place}.name", length=LONGEST_LABEL)
    options = [clean_name(option, field=f"{place}.options[{index}]") for index, option in enumerate(attribute.options)]
    _require_options(attribute.type, options, place)
    if not _fits(attribute.default, attribute.type, options):
        raise InvalidAttribute("The default is not a value that this attribute takes.", field=f"{place}.default")
    return {
        "name": name,
        "title": clean_name(attribute.title or name, field=f"{place}.title", length=LONGEST_LABEL),
        "type": attribute.type,
        "options": options,
        "required": attribute.required,
        "default": attribute.default,
    }


def _require_options(kind: str, options: list[str], place: str) -> None:
    if kind != "select" and options:
        raise InvalidAttribute("Only a select has options.", field=f"{place}.options")
    if kind == "select" and not 2 <= len(options) <= MOST_OPTIONS:
        raise InvalidAttribute(f"A select has 2 to {MOST_OPTIONS} options.", field=f"{place}.options")
    if len({folded(option) for option in options}) != len(options):
        raise InvalidAttribute("Two options are the same.", field=f"{place}.options")


def _fits(value: Any, kind: str, options: list[str]) -> bool:
    if value is None:
        return True
    if kind == "select":
        return value in options
    if kind == "checkbox":
        return isinstance(value, bool)
    if kind == "number":
        return not isinstance(value, bool | str) and math.isfinite(value)
    return isinstance(value, str) and len(value) <= LONGEST_TEXT
