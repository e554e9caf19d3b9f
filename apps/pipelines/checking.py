"""What a graph that is being drawn is told: its faults, where its stages stand, and what each works on."""

from apps.core.json import Answer
from apps.projects.models import Project
from apps.recipes.selectors import newest_version_of_project

from .graphs import MOST_STAGES, Graph, InvalidGraph
from .layout import Layout, layout_of
from .line import Line, faults_of
from .references import unknown_in


class Fault(Answer):
    """What keeps a graph from running; `field` as in a body that holds the graph, `stage` is a key or null."""

    stage: str | None
    message: str
    field: str | None


class Check(Answer):
    """`units` in the order of the stages; null each while the graph has faults."""

    faults: list[Fault]
    units: list[str | None]
    layout: Layout


def check_of(graph: Graph, project: Project) -> Check:
    """Of any graph of up to a hundred stages; raises InvalidGraph past those."""
    if len(graph.stages) > MOST_STAGES:
        raise InvalidGraph(f"A pipeline has 2 to {MOST_STAGES} stages.", field="graph.stages")
    faults = faults_of(graph)
    units: dict[str, str] = {}
    if not faults:
        line, recipe = Line(graph), newest_version_of_project(project)
        units = {key: str(unit) for key, unit in line.units.items()}
        faults = list(unknown_in(line.settings, project.pk, recipe)) if recipe else []
    return Check(
        faults=[_told(fault) for fault in faults],
        units=[units.get(stage.key) for stage in graph.stages],
        layout=layout_of(graph),
    )


def _told(fault: InvalidGraph) -> Fault:
    stage = (fault.details or {}).get("stage")
    return Fault(stage=stage, message=fault.text, field=fault.field)
