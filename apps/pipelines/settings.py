"""What each kind of stage may be told, as people send it; strict, so that a misspelt setting is refused."""

from typing import Any, Literal
from uuid import UUID

import msgspec

from apps.core.json import Struct

from .models import StageKind

Tool = Literal["box", "polygon"]
RoleName = Literal["owner", "manager", "reviewer", "annotator"]
SkipMode = Literal["others", "later", "manager"]
SKIP_MODES: tuple[SkipMode, ...] = ("others", "later", "manager")


class DatasetSettings(Struct):
    """Which items come onto the line: `filter` in the catalog's language; with `feed` also those that arrive later."""

    filter: str = ""
    feed: bool = False


class TileSettings(Struct):
    """Side of a tile in pixels (none: advised from known object sizes); `overlap` is the share of it that the model
    reads, and the editor shows, beyond each border."""

    size: int | None = None
    overlap: float = 0.2


class PredictSettings(Struct):
    """Which deployment reads, and the score below which it says nothing."""

    deployment: UUID
    floor: float | None = None


class MergeSettings(Struct):
    """`greedy` joins the pieces of an object that tiles cut, `nms` only leaves out doubles; two shapes are one when
    they share this part of the smaller."""

    method: Literal["greedy", "nms"] = "greedy"
    threshold: float = 0.5


class NearDuplicates(Struct, tag_field="does", tag="near_duplicates"):
    """Sends an item by the edge `dropped` when one before it differs in at most this many of 64 bits."""

    distance: int = 4


class Crop(Struct, tag_field="does", tag="crop"):
    """Narrows the view to the objects on it, with this margin as a share of their extent."""

    margin: float = 0.1


class FilterShapes(Struct, tag_field="does", tag="filter_shapes"):
    """Leaves out predictions by the sides of their boxes in pixels and by width over height."""

    min_side: float = 0.0
    max_side: float | None = None
    min_aspect: float = 0.0
    max_aspect: float | None = None


class MapClasses(Struct, tag_field="does", tag="map_classes"):
    """Gives predictions of one label another label; null leaves them out."""

    classes: dict[str, str | None]


TransformSettings = NearDuplicates | Crop | FilterShapes | MapClasses


class Confidence(Struct, tag_field="test", tag="confidence"):
    """Of the current predictions (of one label), the lowest, mean or highest score; none at all holds never."""

    of: Literal["lowest", "mean", "highest"] = "lowest"
    at_least: float | None = None
    below: float | None = None
    label: str | None = None


class HasClass(Struct, tag_field="test", tag="class"):
    """Whether an object of the label is there."""

    label: str
    present: bool = True


class Number(Struct, tag_field="test", tag="count"):
    """How many objects (of one label) are there."""

    label: str | None = None
    at_least: int | None = None
    at_most: int | None = None


class HasAttribute(Struct, tag_field="test", tag="attribute"):
    """Whether an object (of one label) has this value of an attribute."""

    name: str
    value: str | float | bool | None = None
    label: str | None = None


class Metadata(Struct, tag_field="test", tag="metadata"):
    """What the item's metadata says."""

    field: str
    op: Literal["is", "is_not", "at_least", "at_most", "exists"] = "is"
    value: str | float | bool | None = None


class Share(Struct, tag_field="test", tag="share"):
    """This many per cent of the units, the same ones whoever asks and however often."""

    percent: float


Condition = Confidence | HasClass | Number | HasAttribute | Metadata | Share


class Rule(Struct):
    """All conditions hold: the unit leaves by the edge named as the rule's key."""

    key: str
    when: list[Condition]
    title: str = ""


class RouteSettings(Struct):
    """The first rule that holds decides; otherwise the edge `default`. Objects are the annotations, or, where there
    are none yet, the current predictions of at least `floor`."""

    rules: list[Rule]
    floor: float = 0.0


class Objects(Struct):
    """Which annotations an object stage asks about: of these labels (all), and without this attribute."""

    labels: list[str] | None = None
    without: str | None = None


class Question(Struct):
    """What an object task asks: its label, or the value of one attribute."""

    attribute: str | None = None
    label: bool = False


class HumanSettings(Struct):
    """What stages of people share. `lease_seconds` none: from how long the stage's tasks took. `hand_out` push: only
    tasks that a manager gave to a person. `most_held` at once, `most_per_person` in the whole run."""

    instructions: str = ""
    roles: list[RoleName] = []
    skill: str | None = None
    lease_seconds: int | None = None
    skip: list[SkipMode] = msgspec.field(default_factory=lambda: list(SKIP_MODES))
    hand_out: Literal["pull", "push"] = "pull"
    most_held: int | None = None
    most_per_person: int | None = None
    unit: Literal["whole", "object"] = "whole"
    objects: Objects = msgspec.field(default_factory=Objects)


class ReviewSettings(HumanSettings):
    """Besides: the share of units that is reviewed; the others pass."""

    sample: float = 1.0


class LabelSettings(HumanSettings):
    """Besides: which labels and tools, the question about an object, how many different people work on each unit, and
    the share that sees no suggestions (`suggestions` false: nobody sees any)."""

    labels: list[str] | None = None
    tools: list[Tool] = []
    question: Question | None = None
    overlap: int = 1
    held_out: float | None = None
    suggestions: bool = True


class CompareSettings(Struct, rename={"reads": "with"}):
    """Holds the predictions of a predict stage against the annotations; units that disagree are kept as a subset."""

    reads: str
    iou: float = 0.5
    floor: float = 0.25
    keep: str = ""


class ConvertSettings(Struct):
    """The form that annotations are given."""

    to: Literal["box", "polygon"]


class DoneSettings(Struct):
    """How a unit ends. With `accept_predictions` predictions become annotations where no person has decided; that is
    marked as not certified."""

    accept_predictions: bool = False
    final: Literal["accepted", "set_aside"] = "accepted"


Settings = (
    DatasetSettings
    | TileSettings
    | PredictSettings
    | MergeSettings
    | TransformSettings
    | RouteSettings
    | LabelSettings
    | ReviewSettings
    | CompareSettings
    | ConvertSettings
    | DoneSettings
)
SETTINGS: dict[str, Any] = {
    StageKind.DATASET: DatasetSettings,
    StageKind.TILE: TileSettings,
    StageKind.PREDICT: PredictSettings,
    StageKind.MERGE: MergeSettings,
    StageKind.TRANSFORM: TransformSettings,
    StageKind.ROUTE: RouteSettings,
    StageKind.LABEL: LabelSettings,
    StageKind.REVIEW: ReviewSettings,
    StageKind.COMPARE: CompareSettings,
    StageKind.CONVERT: ConvertSettings,
    StageKind.DONE: DoneSettings,
}


def settings_of(kind: str, stated: dict[str, Any]) -> Any:
    """The settings that a published stage states, with what it leaves out. Raises msgspec.ValidationError."""
    return msgspec.convert(stated, SETTINGS[kind])
