"""A pipeline's graph as people send it, and the rules that make it one that can run."""

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

import msgspec

from apps.core.errors import Invalid
from apps.core.json import Struct
from apps.core.roles import Role

from .models import HUMAN_KINDS, StageKind

MOST_STAGES = 100
HELD_OUT = 0.05
LEASE_SECONDS = 900
SHORTEST_LEASE, LONGEST_LEASE = 60, 86_400
LABEL_ROLES = [Role.ANNOTATOR.value, Role.REVIEWER.value, Role.MANAGER.value, Role.OWNER.value]
REVIEW_ROLES = LABEL_ROLES[1:]
Tool = Literal["box", "polygon"]
RoleName = Literal["owner", "manager", "reviewer", "annotator"]


class Nothing(Struct):
    """Settings of a stage that has none."""


class PredictSettings(Struct):
    """Which deployment reads, and the score below which it says nothing."""

    deployment: UUID
    floor: float | None = None


class ReviewSettings(Struct):
    """Who reviews, for how long one holds a task, and what they are told."""

    instructions: str = ""
    roles: list[RoleName] = []
    lease_seconds: int = LEASE_SECONDS


class LabelSettings(ReviewSettings):
    """Besides: which labels and tools, the skill that is asked for, and the share that sees no suggestions."""

    labels: list[str] | None = None
    tools: list[Tool] = []
    skill: str | None = None
    held_out: float | None = None


Settings = Nothing | PredictSettings | ReviewSettings | LabelSettings
SETTINGS: dict[str, type[Settings]] = {
    StageKind.DATASET: Nothing,
    StageKind.PREDICT: PredictSettings,
    StageKind.LABEL: LabelSettings,
    StageKind.REVIEW: ReviewSettings,
    StageKind.DONE: Nothing,
}


class StageIn(Struct):
    """One stage: `settings` by its kind."""

    key: str
    kind: str
    title: str = ""
    settings: dict[str, Any] = {}


class Edge(Struct, rename={"source": "from", "target": "to"}):
    """Where a unit goes: `done` forward, `rework` from a review back to a label stage."""

    source: str
    target: str
    outcome: Literal["done", "rework"] = "done"


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


class Line:
    """A graph that was found to be one line from its dataset to its end, with rework edges back."""

    def __init__(self, graph: Graph) -> None:
        _require_stages(graph.stages)
        self.stages = {stage.key: stage for stage in graph.stages}
        self.settings = {stage.key: _settings(stage, index) for index, stage in enumerate(graph.stages)}
        _require_known_ends(graph.edges, self.stages)
        self.next = _one_each(edge for edge in graph.edges if edge.outcome == "done")
        self.rework = _one_each(edge for edge in graph.edges if edge.outcome == "rework")
        self.order = _walked(self.stages, self.next)
        _require_rework(self)

    def comes_after_predict(self, key: str) -> bool:
        """Whether a stage may have suggestions to show."""
        before = self.order[: self.order.index(key)]
        return any(self.stages[other].kind == StageKind.PREDICT for other in before)


def _require_stages(stages: list[StageIn]) -> None:
    if not 2 <= len(stages) <= MOST_STAGES:
        raise InvalidGraph(f"A pipeline has 2 to {MOST_STAGES} stages.", field="graph.stages")
    seen: set[str] = set()
    for index, stage in enumerate(stages):
        place = f"graph.stages[{index}]"
        if not _is_key(stage.key):
            raise refuse(stage.key, "A key is 1 to 60 small letters, digits, - or _.", f"{place}.key")
        if stage.key in seen:
            raise refuse(stage.key, f"Two stages have the key {stage.key}. Give one another key.", f"{place}.key")
        seen.add(stage.key)
        if stage.kind not in StageKind.values:
            kinds = ", ".join(StageKind.values)
            raise refuse(stage.key, f"The stage {stage.key} has no known kind. Choose of {kinds}.", f"{place}.kind")


def _is_key(key: str) -> bool:
    return (
        0 < len(key) <= 60 and key.isascii() and key == key.lower() and key.replace("-", "").replace("_", "").isalnum()
    )


def _settings(stage: StageIn, index: int) -> Settings:
    place = f"graph.stages[{index}].settings"
    try:
        settings = msgspec.convert(stage.settings, SETTINGS[stage.kind])
    except msgspec.ValidationError as error:
        raise refuse(stage.key, f"The settings of {stage.key} are not right: {error}.", place) from error
    if isinstance(settings, PredictSettings) and not 0 <= (settings.floor or 0) <= 1:
        raise refuse(stage.key, f"The floor of {stage.key} is a score from 0 to 1.", f"{place}.floor")
    if isinstance(settings, ReviewSettings) and not SHORTEST_LEASE <= settings.lease_seconds <= LONGEST_LEASE:
        raise refuse(
            stage.key,
            f"A lease of {stage.key} lasts {SHORTEST_LEASE} to {LONGEST_LEASE} seconds.",
            f"{place}.lease_seconds",
        )
    if stage.kind == StageKind.REVIEW and isinstance(settings, ReviewSettings) and Role.ANNOTATOR in settings.roles:
        raise refuse(stage.key, f"Annotators decide on nothing; leave them out of {stage.key}.", f"{place}.roles")
    if isinstance(settings, LabelSettings) and not 0 <= (settings.held_out or 0) <= 1:
        raise refuse(stage.key, f"The held-out share of {stage.key} is from 0 to 1.", f"{place}.held_out")
    return settings


def _require_known_ends(edges: list[Edge], stages: dict[str, StageIn]) -> None:
    for index, edge in enumerate(edges):
        for end in (edge.source, edge.target):
            if end not in stages:
                raise refuse(
                    end[:60], f"An edge names the stage {end[:60]}, which is not there.", f"graph.edges[{index}]"
                )


def _one_each(edges: Iterable[Edge]) -> dict[str, str]:
    found: dict[str, str] = {}
    for edge in edges:
        if edge.source in found:
            raise refuse(edge.source, f"The stage {edge.source} has two edges for {edge.outcome}. Keep one of them.")
        found[edge.source] = edge.target
    return found


def _walked(stages: dict[str, StageIn], following: dict[str, str]) -> list[str]:
    sources = [key for key, stage in stages.items() if stage.kind == StageKind.DATASET]
    if len(sources) != 1:
        raise InvalidGraph(f"A pipeline has one dataset stage; this one has {len(sources)}.", field="graph.stages")
    order, here = [], sources[0]
    while True:
        if here in order:
            raise refuse(here, f"The line comes back to {here}. Only a review may send work back, by a rework edge.")
        order.append(here)
        if stages[here].kind == StageKind.DONE:
            break
        if here not in following:
            raise refuse(here, f"Nothing follows {here}. Draw an edge to the next stage, or to a done stage.")
        here = following[here]
    if here in following:
        raise refuse(here, f"The stage {here} is the end; take away the edge that leaves it.")
    for key in stages:
        if key not in order:
            raise refuse(key, f"The stage {key} is never reached. Draw an edge to it, or take it out.")
    if not any(stages[key].kind in HUMAN_KINDS for key in order):
        raise InvalidGraph("No person works in this pipeline. Add a label stage.", field="graph.stages")
    return order


def _require_rework(line: Line) -> None:
    for source, target in line.rework.items():
        if line.stages[source].kind != StageKind.REVIEW:
            raise refuse(source, f"Only a review sends work back; {source} is none. Take its rework edge away.")
        earlier = line.order.index(target) < line.order.index(source)
        if line.stages[target].kind != StageKind.LABEL or not earlier:
            raise refuse(source, f"The rework edge of {source} must lead to a label stage before it, not to {target}.")
    for key, stage in line.stages.items():
        if stage.kind != StageKind.REVIEW:
            continue
        if key not in line.rework:
            raise refuse(key, f"The review {key} has nowhere to return work to. Draw a rework edge to a label stage.")
