"""What the pages about a project's work show: the line of its stages, its figures, its pictures and their states."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.annotation.models import Annotation
from apps.pipelines.models import Stage, StageKind
from apps.projects.models import Item, Project

from .models import PipelineRun, RunState, Task, TaskState, Unit, UnitState
from .selectors import stage_counts

ICONS = {
    StageKind.DATASET: "dataset",
    StageKind.PREDICT: "model",
    StageKind.LABEL: "box",
    StageKind.REVIEW: "review",
    StageKind.DONE: "check",
}
RUN_PILLS = {
    RunState.FILLING: "info",
    RunState.RUNNING: "info",
    RunState.PAUSED: "warn",
    RunState.CANCELLED: "idle",
    RunState.DONE: "good",
}
# Until there is a run the page shows what one would be.
TEMPLATE = (
    (StageKind.DATASET, gettext_lazy("Dataset")),
    (StageKind.PREDICT, gettext_lazy("Pre-label")),
    (StageKind.LABEL, gettext_lazy("Label")),
    (StageKind.REVIEW, gettext_lazy("Review")),
    (StageKind.DONE, gettext_lazy("Done")),
)

Counts = dict[str, dict[str, int]]


def newest_run(project: Project) -> PipelineRun | None:
    """The run that the pages speak of."""
    runs = PipelineRun.objects.filter(project=project).select_related("pipeline_version", "recipe_version", "dataset")
    return runs.order_by("-started_at", "-id").first()


def pill_of(run: PipelineRun | None) -> dict[str, str]:
    """A run's state as pill kind and text."""
    if run is None:
        return {"kind": "idle", "text": _("Not started")}
    return {"kind": RUN_PILLS[RunState(run.state)], "text": str(RunState(run.state).label)}


def counts_of(project: Project) -> Counts:
    """The numbers of the newest run's stages, by stage; the same that the live socket sends."""
    return {row["stage"]: row for row in stage_counts(project)}


def stages_of(run: PipelineRun) -> "QuerySet[Stage]":
    """A run's stages in their order."""
    return Stage.objects.filter(pipeline_version_id=run.pipeline_version_id).order_by("position")


def line_of(run: PipelineRun | None, counts: Counts) -> list[dict[str, Any]]:
    """The stages as `distribution/_line.html` draws them."""
    if run is None:
        return [_node(str(kind), kind, str(title), _big("items", 0, "")) for kind, title in TEMPLATE]
    stages = list(stages_of(run))
    slowest = max((counts[str(stage.id)]["ready"] for stage in stages if stage.is_human), default=0)
    return [_stage_node(stage, counts[str(stage.id)], slowest) for stage in stages]


def units_by_state(run: PipelineRun) -> dict[str, int]:
    """How many of a run's units are open, accepted and cancelled."""
    rows = Unit.objects.filter(pipeline_run=run).values_list("state").annotate(number=Count("id")).order_by()
    return dict.fromkeys(UnitState.values, 0) | dict(rows)


def figures_of(project: Project, run: PipelineRun | None) -> dict[str, int]:
    """The project in numbers: items, accepted, open, returned, objects."""
    units = units_by_state(run) if run else dict.fromkeys(UnitState.values, 0)
    returned = Task.objects.filter(project=project, state=TaskState.RETURNED).count()
    accepted = Unit.objects.filter(project=project, state=UnitState.ACCEPTED).values("item_id")
    return {
        "items": Item.objects.filter(project=project, deleted_at=None, dataset__deleted_at=None).count(),
        "accepted": units[UnitState.ACCEPTED],
        "open": units[UnitState.OPEN],
        "returned": returned,
        "objects": Annotation.objects.filter(project=project, item_id__in=accepted).count(),
    }


def thumb_of(item_id: UUID, org: str, size: str = "thumb") -> str:
    """The address of an item's small picture for the acting organization."""
    return f"/api/v1/orgs/{org}/items/{item_id}/image?size={size}"


def objects_on(items: Iterable[Item]) -> dict[UUID, int]:
    """How many annotations each picture has now."""
    rows = Annotation.objects.filter(item_id__in=[item.pk for item in items]).values_list("item_id")
    return dict(rows.annotate(number=Count("id")).order_by())


def _stage_node(stage: Stage, numbers: dict[str, int], slowest: int) -> dict[str, Any]:
    names = {
        StageKind.DATASET: [("units", _("pictures"))],
        StageKind.DONE: [("accepted", _("accepted"))],
        StageKind.PREDICT: [("open", _("to be read")), ("accepted", _("read"))],
    }.get(StageKind(stage.kind), [("ready", _("waiting")), ("leased", _("in work"))])
    big, *rest = [_big(name, numbers[name], words) for name, words in names]
    node = _node(str(stage.id), stage.kind, stage.title, big, rest)
    return node | {"slow": stage.is_human and 0 < numbers["ready"] == slowest}


def _node(
    id_: str, kind: str, title: str, big: dict[str, Any], rest: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": kind,
        "title": title,
        "icon": ICONS[StageKind(kind)],
        "is_human": kind in {StageKind.LABEL, StageKind.REVIEW},
        "big": big,
        "rest": rest or [],
    }


def _big(name: str, number: int, words: str) -> dict[str, Any]:
    return {"name": name, "number": number, "words": words}
