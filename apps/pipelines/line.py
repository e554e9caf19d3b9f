"""A graph walked from its dataset: in what order its stages come, what each works on, and where units leave it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from .graphs import Graph, InvalidGraph, StageIn, forward, outcomes_of, refuse, require_stages, settings_in
from .models import HUMAN_KINDS, StageKind, UnitKind
from .settings import CompareSettings, HumanSettings

Edges = dict[str, dict[str, str]]


class Line:
    """A graph that can run. Raises InvalidGraph, which names the stage and what to do."""

    def __init__(self, graph: Graph) -> None:
        require_stages(graph.stages)
        self.stages = {stage.key: stage for stage in graph.stages}
        self.settings: dict[str, Any] = {
            stage.key: settings_in(stage, index) for index, stage in enumerate(graph.stages)
        }
        self.edges = _edges_of(graph, self.stages, self.settings)
        self.order = _ordered(self.stages, self.edges)
        self.units = _units(self)
        _require_sense(self)

    def next_of(self, key: str) -> str | None:
        """Where units go straight on from a stage."""
        return self.edges[key].get(forward(self.stages[key]))

    def before(self, key: str) -> set[str]:
        """Every stage from which units come to this one, without the ways back."""
        found: set[str] = set()
        for other in reversed(self.order):
            if any(target == key or target in found for target in _onward(self.edges[other])):
                found.add(other)
        return found - {key}

    def comes_after_predict(self, key: str) -> bool:
        """Whether a stage may have suggestions to show."""
        return any(self.stages[other].kind == StageKind.PREDICT for other in self.before(key))


def faults_of(graph: Graph) -> list[InvalidGraph]:
    """What keeps a graph from running: of several faults in settings and edges each, then the first of the whole."""
    try:
        require_stages(graph.stages)
    except InvalidGraph as fault:
        return [fault]
    found = []
    settings: dict[str, Any] = {}
    for index, stage in enumerate(graph.stages):
        try:
            settings[stage.key] = settings_in(stage, index)
        except InvalidGraph as fault:
            found.append(fault)
    stages = {stage.key: stage for stage in graph.stages}
    found += _wrong_edges(graph, stages, settings)
    if not found:
        try:
            Line(graph)
        except InvalidGraph as fault:
            found.append(fault)
    return found


def _edges_of(graph: Graph, stages: dict[str, StageIn], settings: dict[str, Any]) -> Edges:
    for fault in _wrong_edges(graph, stages, settings):
        raise fault
    edges: Edges = {key: {} for key in stages}
    for edge in graph.edges:
        edges[edge.source][edge.outcome] = edge.target
    return edges


def _wrong_edges(graph: Graph, stages: dict[str, StageIn], settings: dict[str, Any]) -> Iterator[InvalidGraph]:
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for index, edge in enumerate(graph.edges):
        for end in (edge.source, edge.target):
            if end not in stages:
                sentence = f"An edge names the stage {end[:60]}, which is not there."
                yield refuse(end[:60], sentence, f"graph.edges[{index}]")
        if edge.source in settings:
            yield from _wrong_outcome(edge.outcome, index, stages[edge.source], settings, seen[edge.source])
        seen[edge.source].add(edge.outcome)
    for key, stage in stages.items():
        if key in settings:
            yield from _missing(stage, outcomes_of(stage, settings[key])[0] - seen[key])


def _wrong_outcome(
    outcome: str, index: int, stage: StageIn, settings: dict[str, Any], seen: set[str]
) -> Iterator[InvalidGraph]:
    key, place = stage.key, f"graph.edges[{index}]"
    if outcome in seen:
        yield refuse(key, f"The stage {key} has two edges for {outcome}. Keep one of them.", place)
        return
    needed, allowed = outcomes_of(stage, settings[key])
    if outcome in needed | allowed:
        return
    if stage.kind == StageKind.DONE:
        yield refuse(key, f"The stage {key} is the end; take away the edge that leaves it.", place)
    elif outcome == "rework":
        yield refuse(key, f"Only a review sends work back; {key} is none. Take its rework edge away.", place)
    else:
        known = ", ".join(sorted(needed | allowed))
        yield refuse(key, f"Units leave {key} by {known}, not by {outcome[:60]}. Change or remove that edge.", place)


def _missing(stage: StageIn, outcomes: frozenset[str]) -> Iterator[InvalidGraph]:
    for outcome in sorted(outcomes):
        if outcome == "rework":
            sentence = f"The review {stage.key} has nowhere to return work to. Draw a rework edge to a label stage."
        elif outcome == "done":
            sentence = f"Nothing follows {stage.key}. Draw an edge to the next stage, or to a done stage."
        else:
            sentence = f"Units that leave {stage.key} by {outcome} have nowhere to go. Draw that edge."
        yield refuse(stage.key, sentence)


def _onward(edges: dict[str, str]) -> list[str]:
    return [target for outcome, target in edges.items() if outcome != "rework"]


def _ordered(stages: dict[str, StageIn], edges: Edges) -> list[str]:
    """Stages such that every way but the ways back leads on; those of one rank as they were sent."""
    sources = [key for key, stage in stages.items() if stage.kind == StageKind.DATASET]
    if len(sources) != 1:
        raise InvalidGraph(f"A pipeline has one dataset stage; this one has {len(sources)}.", field="graph.stages")
    order = _sorted(stages, edges)
    # What only a rework edge leads to may stand anywhere behind the dataset.
    order.remove(sources[0])
    order.insert(0, sources[0])
    reached, waiting = {sources[0]}, [sources[0]]
    while waiting:
        for target in edges[waiting.pop()].values():
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    for key in order:
        if key not in reached:
            raise refuse(key, f"The stage {key} is never reached. Draw an edge to it, or take it out.")
    return order


def _sorted(stages: dict[str, StageIn], edges: Edges) -> list[str]:
    order: list[str] = []
    left = list(stages)
    while left:
        pointed_at = {target for key in left for target in _onward(edges[key])}
        free = next((key for key in left if key not in pointed_at), None)
        if free is None:
            here = _on_a_circle(left, edges)
            raise refuse(here, f"The line comes back to {here}. Only a review may send work back, by a rework edge.")
        order.append(free)
        left.remove(free)
    return order


def _on_a_circle(left: list[str], edges: Edges) -> str:
    """Each of these has another before it: going back, one comes twice."""
    seen: list[str] = []
    here = left[0]
    while here not in seen:
        seen.append(here)
        here = next(key for key in left if here in _onward(edges[key]))
    return min(seen[seen.index(here) :], key=left.index)


def _units(line: Line) -> dict[str, UnitKind]:
    """What each stage works on. What comes in is an item or a tile, whole or taken apart into objects; tiles are merged
    before a stage that works on items."""
    source = line.order[0]
    whole: dict[str, tuple[UnitKind, str]] = {source: (UnitKind.ITEM, source)}  # what comes in, and from where
    waiting = [source]
    while waiting:
        key = waiting.pop(0)
        out = _out_of(line, key, *whole[key])
        for target in line.edges[key].values():
            if target not in whole:
                whole[target] = out, key
                waiting.append(target)
            elif whole[target][0] != out:
                known, sender = whole[target]
                raise refuse(
                    target,
                    f"The stage {target} gets {known}s from {sender} and {out}s from {key}."
                    " Merge tiles before they meet whole items.",
                )
    return {key: _unit_of(line, key, whole[key][0]) for key in line.order}


def _out_of(line: Line, key: str, base: UnitKind, sender: str) -> UnitKind:
    """The whole unit that leaves a stage. Raises InvalidGraph where it cannot work on what comes in."""
    kind = line.stages[key].kind
    if kind == StageKind.TILE and base != UnitKind.ITEM:
        raise refuse(key, f"The stage {key} gets tiles from {sender} and cannot cut them again. Merge them first.")
    if kind == StageKind.MERGE and base != UnitKind.TILE:
        raise refuse(key, f"The stage {key} merges tiles, but {sender} sends none. Put a tile stage before it.")
    if kind in {StageKind.DONE, StageKind.COMPARE} and base == UnitKind.TILE:
        raise refuse(key, f"The stage {key} works on whole items, but {sender} sends tiles. Put a merge before it.")
    return {StageKind.TILE: UnitKind.TILE, StageKind.MERGE: UnitKind.ITEM}.get(StageKind(kind), base)


def _unit_of(line: Line, key: str, base: UnitKind) -> UnitKind:
    settings = line.settings[key]
    if isinstance(settings, HumanSettings) and settings.unit == "object":
        return UnitKind.OBJECT
    return UnitKind.ITEM if line.stages[key].kind == StageKind.MERGE else base


def _require_sense(line: Line) -> None:
    if not any(stage.kind in HUMAN_KINDS for stage in line.stages.values()):
        raise InvalidGraph("No person works in this pipeline. Add a label stage.", field="graph.stages")
    for key in line.order:
        _require_rework(line, key)
        _require_one_merge(line, key)
        _require_comparable(line, key)


def _require_rework(line: Line, key: str) -> None:
    target = line.edges[key].get("rework")
    if target is None:
        return
    if line.stages[target].kind != StageKind.LABEL or target not in line.before(key):
        sentence = f"The rework edge of {key} must lead to a label stage from which work comes to it, not to {target}."
        raise refuse(key, sentence)
    same = line.units[target] == line.units[key]
    if not same and not (line.units[target] == UnitKind.OBJECT and line.units[key] == UnitKind.ITEM):
        raise refuse(
            key,
            f"{key} reviews each {line.units[key]}, but {target} labels each {line.units[target]}."
            f" Send work back to a label stage that works on the same.",
        )


def _require_one_merge(line: Line, key: str) -> None:
    """All tiles of an item must meet again in one place, or the last to come would decide where it goes."""
    if line.stages[key].kind != StageKind.TILE:
        return
    merges: set[str] = set()
    waiting, seen = [key], {key}
    while waiting:
        for target in _onward(line.edges[waiting.pop()]):
            if line.stages[target].kind == StageKind.MERGE:
                merges.add(target)
            elif target not in seen:
                seen.add(target)
                waiting.append(target)
    if len(merges) > 1:
        raise refuse(key, f"Tiles of {key} end in {' and '.join(sorted(merges))}. Lead them all to one merge stage.")


def _require_comparable(line: Line, key: str) -> None:
    settings = line.settings[key]
    if not isinstance(settings, CompareSettings):
        return
    other = line.stages.get(settings.reads)
    if other is None or other.kind != StageKind.PREDICT or settings.reads not in line.before(key):
        sentence = f"The stage {key} compares with {settings.reads[:60]}, which is no predict stage before it."
        raise refuse(key, sentence, f"graph.stages[{list(line.stages).index(key)}].settings.with")
