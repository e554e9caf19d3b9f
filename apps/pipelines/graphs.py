"""A pipeline's graph as people send it, and the rules that make it one that can run (`line.py` walks it)."""

from typing import Any

import msgspec

from apps.core.errors import Invalid
from apps.core.json import Struct
from apps.core.roles import Role

from .models import RESERVED_KINDS, StageKind
from .settings import (
    SETTINGS,
    CompareSettings,
    HumanSettings,
    LabelSettings,
    MergeSettings,
    NearDuplicates,
    PredictSettings,
    ReviewSettings,
    RouteSettings,
    Settings,
    Share,
    TileSettings,
)

MOST_STAGES = 100
MOST_RULES = 20
MOST_OVERLAP = 20
HELD_OUT = 0.05
LEASE_SECONDS = 900
SHORTEST_LEASE, LONGEST_LEASE = 60, 86_400
SMALLEST_TILE, LARGEST_TILE = 64, 16_384
LABEL_ROLES = [Role.ANNOTATOR.value, Role.REVIEWER.value, Role.MANAGER.value, Role.OWNER.value]
REVIEW_ROLES = LABEL_ROLES[1:]


class StageIn(Struct):
    """One stage: `settings` by its kind."""

    key: str
    kind: str
    title: str = ""
    settings: dict[str, Any] = {}


class Edge(Struct, rename={"source": "from", "target": "to"}):
    """Where a unit goes by an outcome: `done` forward, `rework` from a review back to a label stage, and what else the
    kind of the stage knows."""

    source: str
    target: str
    outcome: str = "done"


class Graph(Struct):
    """Stages and the edges between them."""

    stages: list[StageIn]
    edges: list[Edge]


class InvalidGraph(Invalid):
    code = "invalid_graph"
    message = "This pipeline cannot run as it is drawn."


def refuse(stage: str, message: str, field: str | None = None) -> InvalidGraph:
    """A refusal that names the stage."""
    return InvalidGraph(message, field=field, stage=stage)


def outcomes_of(stage: StageIn, settings: Settings) -> tuple[frozenset[str], frozenset[str]]:
    """The outcomes by which a unit must, and by which it may besides, leave a stage."""
    if stage.kind == StageKind.DONE:
        return frozenset(), frozenset()
    if isinstance(settings, RouteSettings):
        return frozenset([*(rule.key for rule in settings.rules), "default"]), frozenset({"failed"})
    if isinstance(settings, CompareSettings):
        return frozenset({"agree", "disagree"}), frozenset({"failed"})
    if isinstance(settings, NearDuplicates):
        return frozenset({"done", "dropped"}), frozenset({"failed"})
    if stage.kind == StageKind.REVIEW:
        return frozenset({"done", "rework"}), frozenset()
    if stage.kind in {StageKind.DATASET, StageKind.LABEL}:
        return frozenset({"done"}), frozenset()
    return frozenset({"done"}), frozenset({"failed"})


def forward(stage: StageIn) -> str:
    """The outcome that leads straight on: where units go that a machine could not decide about."""
    return {StageKind.ROUTE: "default", StageKind.COMPARE: "agree"}.get(StageKind(stage.kind), "done")


def require_stages(stages: list[StageIn]) -> None:
    """Their number, keys and kinds. Raises InvalidGraph."""
    if not 2 <= len(stages) <= MOST_STAGES:
        raise InvalidGraph(f"A pipeline has 2 to {MOST_STAGES} stages.", field="graph.stages")
    seen: set[str] = set()
    for index, stage in enumerate(stages):
        place = f"graph.stages[{index}]"
        if not is_key(stage.key):
            raise refuse(stage.key, "A key is 1 to 60 small letters, digits, - or _.", f"{place}.key")
        if stage.key in seen:
            raise refuse(stage.key, f"Two stages have the key {stage.key}. Give one another key.", f"{place}.key")
        seen.add(stage.key)
        if stage.kind in RESERVED_KINDS:
            comes_with = RESERVED_KINDS[stage.kind]
            sentence = f"A {stage.kind} stage comes with {comes_with}, which is not here yet. Take {stage.key} out."
            raise refuse(stage.key, sentence, f"{place}.kind")
        if stage.kind not in StageKind.values:
            kinds = ", ".join(StageKind.values)
            raise refuse(stage.key, f"The stage {stage.key} has no known kind. Choose of {kinds}.", f"{place}.kind")


def is_key(key: str) -> bool:
    """Whether a stage or a rule may be called so."""
    return (
        0 < len(key) <= 60 and key.isascii() and key == key.lower() and key.replace("-", "").replace("_", "").isalnum()
    )


def settings_in(stage: StageIn, index: int) -> Any:
    """A stage's settings, checked by themselves. Raises InvalidGraph."""
    place = f"graph.stages[{index}].settings"
    try:
        settings: Settings = msgspec.convert(stage.settings, SETTINGS[stage.kind])
    except msgspec.ValidationError as error:
        raise refuse(stage.key, f"The settings of {stage.key} are not right: {error}.", place) from error
    for name, message in _wrong(stage, settings):
        raise refuse(stage.key, message, f"{place}.{name}")
    return settings


def _wrong(stage: StageIn, settings: Settings) -> list[tuple[str, str]]:
    """What is out of bounds, as (setting, sentence)."""
    key = stage.key
    if isinstance(settings, HumanSettings):
        return _wrong_for_people(stage, settings)
    if isinstance(settings, RouteSettings):
        return _wrong_rules(key, settings)
    found = []
    if isinstance(settings, PredictSettings) and not 0 <= (settings.floor or 0) <= 1:
        found.append(("floor", f"The floor of {key} is a score from 0 to 1."))
    if isinstance(settings, TileSettings):
        if settings.size is not None and not SMALLEST_TILE <= settings.size <= LARGEST_TILE:
            found.append(("size", f"A tile of {key} has {SMALLEST_TILE} to {LARGEST_TILE:,} pixels a side."))
        if not 0 <= settings.overlap <= 0.5:
            found.append(("overlap", f"The overlap of {key} is a share from 0 to 0.5."))
    if isinstance(settings, MergeSettings) and not 0 < settings.threshold <= 1:
        found.append(("threshold", f"The threshold of {key} is a share above 0, up to 1."))
    if isinstance(settings, NearDuplicates) and not 0 <= settings.distance <= 32:
        found.append(("distance", f"The distance of {key} is 0 to 32 of 64 bits."))
    if isinstance(settings, CompareSettings) and not (0 < settings.iou <= 1 and 0 <= settings.floor <= 1):
        found.append(("iou", f"The overlap and the floor of {key} are shares from 0 to 1."))
    return found


def _wrong_for_people(stage: StageIn, settings: HumanSettings) -> list[tuple[str, str]]:
    key, found = stage.key, []
    if settings.lease_seconds is not None and not SHORTEST_LEASE <= settings.lease_seconds <= LONGEST_LEASE:
        found.append(("lease_seconds", f"A lease of {key} lasts {SHORTEST_LEASE} to {LONGEST_LEASE} seconds."))
    for name, number in (("most_held", settings.most_held), ("most_per_person", settings.most_per_person)):
        if number is not None and number < 1:
            found.append((name, f"Leave {name} of {key} empty, or give a number of at least 1."))
    if not settings.skip:
        found.append(("skip", f"Say at least one way in which people may pass on a task of {key}."))
    if settings.skill is not None and not 0 < len(settings.skill.strip()) <= 100:
        found.append(("skill", f"Name the skill of {key} in 1 to 100 characters, or leave it out."))
    if isinstance(settings, ReviewSettings):
        if Role.ANNOTATOR in settings.roles:
            found.append(("roles", f"Annotators decide on nothing; leave them out of {key}."))
        if not 0 <= settings.sample <= 1:
            found.append(("sample", f"The share that {key} reviews is from 0 to 1."))
    if isinstance(settings, LabelSettings):
        found += _wrong_to_label(key, settings)
    return found


def _wrong_to_label(key: str, settings: LabelSettings) -> list[tuple[str, str]]:
    found = []
    if not 0 <= (settings.held_out or 0) <= 1:
        found.append(("held_out", f"The held-out share of {key} is from 0 to 1."))
    if not 1 <= settings.overlap <= MOST_OVERLAP:
        found.append(("overlap", f"From 1 to {MOST_OVERLAP} people work on a unit of {key}."))
    asks = settings.question is not None and (settings.question.label or settings.question.attribute)
    if settings.unit == "object" and not asks:
        found.append(("question", f"Say what {key} asks about each object: its label, or one attribute."))
    return found


def _wrong_rules(key: str, settings: RouteSettings) -> list[tuple[str, str]]:
    if not 1 <= len(settings.rules) <= MOST_RULES:
        return [("rules", f"The route {key} has 1 to {MOST_RULES} rules; all else goes by its default.")]
    names = [rule.key for rule in settings.rules]
    for index, rule in enumerate(settings.rules):
        place = f"rules[{index}]"
        if not is_key(rule.key) or rule.key in {"default", "failed"} or names.count(rule.key) > 1:
            return [(f"{place}.key", f"Give rule {index + 1} of {key} a key of its own of small letters and digits.")]
        if not rule.when:
            return [(f"{place}.when", f"The rule {rule.key} of {key} has no condition. Add one, or take it out.")]
        if any(isinstance(one, Share) and not 0 <= one.percent <= 100 for one in rule.when):
            return [(f"{place}.when", f"A share in the rule {rule.key} of {key} is from 0 to 100 per cent.")]
    return []
