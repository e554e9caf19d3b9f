"""Whether shapes may be written: labels and attributes of the pinned recipe, geometry inside the item, ids once, and
nothing that belongs to another unit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from apps.core.errors import Invalid

from .geometry import GeometryRefused, Normal, normal_box, normal_polygon
from .shapes import Box, Shape, Value

MOST_SHAPES = 10_000
LONGEST_TEXT = 1000


class ShapeRefused(Invalid):
    """One shape cannot be kept; `details.index` says which."""

    code = "invalid_geometry"
    message = "This shape cannot be kept."

    def __init__(self, code: str, sentence: str, *, index: int, at: str = "") -> None:
        self.code = code  # type: ignore[misc] # one class for the codes that a shape can earn
        super().__init__(sentence, field=f"annotations[{index}]{at}", index=index)


class TooManyShapes(Invalid):
    code = "too_many_shapes"
    message = f"At most {MOST_SHAPES:,} shapes can be written at once."


class ObjectMissing(Invalid):
    code = "outside_unit"
    message = "This task is about one object, which has to stay. Hand in that object and nothing else."


@dataclass(frozen=True, slots=True)
class Extent:
    """What a unit may hold of its item: shapes centred in `region` (half open), one object, or all."""

    region: Sequence[float] | None = None
    subject: UUID | None = None


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """One attribute of a label in a recipe version."""

    name: str
    kind: str
    options: frozenset[str]
    required: bool


@dataclass(frozen=True, slots=True)
class LabelRule:
    """One label of a recipe version: its id, the types it may take (none: any), its attributes."""

    id: UUID
    types: frozenset[str]
    attributes: Mapping[str, AttributeRule]


Rules = Mapping[str, LabelRule]


def rules_of(labels: Sequence[Mapping[str, Any]]) -> Rules:
    """The rules that a recipe version's `labels` mean."""
    return {
        str(label["name"]): LabelRule(
            id=UUID(str(label["id"])),
            types=frozenset(label.get("geometry") or ()),
            attributes={rule.name: rule for rule in map(_attribute, label.get("attributes") or ())},
        )
        for label in labels
    }


def asking(rules: Rules, attribute: str | None) -> Rules:
    """The same rules where only this attribute must be answered: a task about one object asks nothing else."""
    return {name: replace(label, attributes=_only(label.attributes, attribute)) for name, label in rules.items()}


def checked(shapes: Sequence[Shape], rules: Rules, width: float, height: float) -> list[tuple[LabelRule, Normal]]:
    """Each shape's label and normal geometry, in order. Raises ShapeRefused or TooManyShapes; changes nothing."""
    if len(shapes) > MOST_SHAPES:
        raise TooManyShapes
    seen: set[UUID] = set()
    kept = []
    for index, shape in enumerate(shapes):
        if shape.id in seen:
            raise ShapeRefused("duplicate_shape", "Two shapes have the same id.", index=index, at=".id")
        seen.add(shape.id)
        label = _label_of(shape, rules, index)
        _check_attributes(shape, label, index)
        try:
            normal = (
                normal_box(shape, width, height) if isinstance(shape, Box) else normal_polygon(shape, width, height)
            )
        except GeometryRefused as refused:
            raise ShapeRefused(refused.code, refused.sentence, index=index) from refused
        kept.append((label, normal))
    return kept


def require_within(extent: Extent, shapes: Sequence[Shape], normals: Sequence[Normal]) -> None:
    """Raise ShapeRefused for the first shape that belongs to another unit, ObjectMissing where the object is gone."""
    for index, (shape, normal) in enumerate(zip(shapes, normals, strict=True)):
        if extent.subject and shape.id != extent.subject:
            sentence = f"Shape {index} is not the object that this task is about. Hand in that object and nothing else."
            raise ShapeRefused("outside_unit", sentence, index=index, at=".id")
        if extent.region and not _is_centred(normal.bounds, extent.region):
            sentence = f"Shape {index} has its middle outside of this tile. It belongs to the task beside this one."
            raise ShapeRefused("outside_unit", sentence, index=index)
    if extent.subject and not shapes:
        raise ObjectMissing(field="annotations")


def _is_centred(bounds: Sequence[float], region: Sequence[float]) -> bool:
    """By the rule of `app.owns`."""
    (x1, y1, x2, y2), (left, top, width, height) = bounds, region
    return left <= (x1 + x2) / 2 < left + width and top <= (y1 + y2) / 2 < top + height


def _only(attributes: Mapping[str, AttributeRule], asked: str | None) -> dict[str, AttributeRule]:
    return {name: replace(rule, required=rule.required and name == asked) for name, rule in attributes.items()}


def _attribute(stated: Mapping[str, Any]) -> AttributeRule:
    options = stated.get("options") or ()
    names = frozenset(str(option["name"] if isinstance(option, Mapping) else option) for option in options)
    return AttributeRule(str(stated["name"]), str(stated["type"]), names, bool(stated.get("required")))


def _label_of(shape: Shape, rules: Rules, index: int) -> LabelRule:
    label = rules.get(shape.label)
    if label is None:
        name = shape.label[:60]
        raise ShapeRefused("label_not_in_recipe", f"The recipe has no label {name}.", index=index, at=".label")
    kind = type(shape).__struct_config__.tag
    if label.types and kind not in label.types:
        sentence = f"The label {shape.label} does not take the type {kind}."
        raise ShapeRefused("type_not_in_recipe", sentence, index=index, at=".type")
    return label


def _check_attributes(shape: Shape, label: LabelRule, index: int) -> None:
    for name, value in shape.attributes.items():
        rule = label.attributes.get(name)
        if rule is None:
            sentence = f"The label {shape.label} has no attribute {name[:60]}."
            raise ShapeRefused("invalid_attribute", sentence, index=index, at=f".attributes.{name[:60]}")
        if not _may_be_empty(value, rule) and not _FITS[rule.kind](value, rule):
            sentence = f"The attribute {name} does not take this value."
            raise ShapeRefused("invalid_attribute", sentence, index=index, at=f".attributes.{name}")
    for name, rule in label.attributes.items():
        if rule.required and shape.attributes.get(name) in (None, ""):
            sentence = f"The attribute {name} must be answered."
            raise ShapeRefused("invalid_attribute", sentence, index=index, at=f".attributes.{name}")


def _may_be_empty(value: Value, rule: AttributeRule) -> bool:
    return value is None or (value == "" and rule.kind in {"select", "text"})


_FITS: dict[str, Callable[[Value, AttributeRule], bool]] = {
    "select": lambda value, rule: isinstance(value, str) and value in rule.options,
    "checkbox": lambda value, rule: isinstance(value, bool),
    "text": lambda value, rule: isinstance(value, str) and len(value) <= LONGEST_TEXT,
    "number": lambda value, rule: isinstance(value, int | float) and not isinstance(value, bool),
}
