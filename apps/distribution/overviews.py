"""What the pages about a project's work show: the line of its stages, its figures, its pictures and their states."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.annotation.models import Annotation
from apps.pipelines.models import HUMAN_KINDS, Stage, StageKind, UnitKind
from apps.projects.models import Item, Project

from .models import PipelineRun, RunState, Tally, TaskState, Unit, UnitState
from .selectors import counts_in, numbers_of, stages_shown

ICONS = {
    StageKind.DATASET: "dataset",
    StageKind.TILE: "fit",
    StageKind.PREDICT: "model",
    StageKind.MERGE: "polygon",
    StageKind.TRANSFORM: "filter",
    StageKind.ROUTE: "pipeline",
    StageKind.LABEL: "box",
    StageKind.REVIEW: "review",
    StageKind.COMPARE: "eye",
    StageKind.CONVERT: "rotated",
    StageKind.DONE: "check",
}
RUN_PILLS = {
    RunState.FILLING: "info",
    RunState.RUNNING: "info",
    RunState.PAUSED: "warn",
    RunState.DRAINING: "warn",
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
    runs = PipelineRun.objects.filter(project=project)
    runs = runs.select_related("pipeline_version__pipeline", "recipe_version", "dataset")
    return runs.order_by("-started_at", "-id").first()


def pill_of(run: PipelineRun | None) -> dict[str, str]:
    """A run's state as pill kind and text."""
    if run is None:
        return {"kind": "idle", "text": _("Not started")}
    return {"kind": RUN_PILLS[RunState(run.state)], "text": str(RunState(run.state).label)}


@dataclass(frozen=True, slots=True)
class Board:
    """A project's newest run, if there is one, with its stages in their order and its numbers: read once for a page."""

    run: PipelineRun | None
    stages: Sequence[Stage]
    units: Counter[str]
    counts: Counts

    @property
    def line(self) -> list[dict[str, Any]]:
        """The stages as `distribution/_line.html` draws them; without a run, those that one would have."""
        if self.run is None:
            return [_node(str(kind), kind, str(title), _big("items", 0, "")) for kind, title in TEMPLATE]
        slowest = max((self.counts[str(stage.id)]["ready"] for stage in self.stages if stage.is_human), default=0)
        return [_stage_node(stage, self.counts[str(stage.id)], slowest) for stage in self.stages]


def board_of(project: Project) -> Board:
    """The numbers are by stage, and the same that the live socket sends."""
    run = newest_run(project)
    if run is None:
        return Board(None, [], Counter(), {})
    stages, numbers = stages_shown(run), numbers_of(run)
    return Board(run, stages, numbers.units, {row["stage"]: row for row in counts_in(stages, numbers)})


def figures_of(project: Project, units: Counter[str]) -> dict[str, int]:
    """The project in numbers: items, accepted, open, returned, objects. `units` are the newest run's."""
    owner = {"org_id": OuterRef("org_id"), "project_id": OuterRef("pk")}
    returned = Tally.objects.filter(**owner, state=TaskState.RETURNED).exclude(stage_id=None)
    items = Item.objects.filter(**owner, deleted_at=None, dataset__deleted_at=None)
    accepted = Unit.objects.filter(
        org_id=OuterRef("org_id"), item_id=OuterRef("item_id"), kind=UnitKind.ITEM, state=UnitState.ACCEPTED
    )
    objects = Annotation.objects.filter(Exists(accepted), **owner)
    counted = {"items": _number(items), "returned": _number(returned, Sum("number")), "objects": _number(objects)}
    row = Project.objects.filter(pk=project.pk).values(**counted).get()
    numbers = {name: number or 0 for name, number in row.items()}
    return numbers | {"accepted": units[UnitState.ACCEPTED], "open": units[UnitState.OPEN]}


def thumb_of(item_id: UUID, org: str, size: str = "thumb") -> str:
    """The address of an item's small picture for the acting organization."""
    return f"/api/v1/orgs/{org}/items/{item_id}/image?size={size}"


def objects_on(items: Iterable[Item]) -> dict[UUID, int]:
    """How many annotations each picture has now."""
    rows = Annotation.objects.filter(item_id__in=[item.pk for item in items]).values_list("item_id")
    return dict(rows.annotate(number=Count("id")).order_by())


def _number(rows: "QuerySet[Any]", counted: Count | Sum | None = None) -> Subquery:
    """How many there are, as a column: null for none."""
    return Subquery(rows.order_by().values("project_id").annotate(total=counted or Count("pk")).values("total"))


def _stage_node(stage: Stage, numbers: dict[str, int], slowest: int) -> dict[str, Any]:
    names = {
        StageKind.DATASET: [("units", _("pictures"))],
        StageKind.DONE: [("accepted", _("accepted"))],
        StageKind.PREDICT: [("open", _("to be read")), ("accepted", _("read"))],
        StageKind.LABEL: [("ready", _("waiting")), ("leased", _("in work"))],
        StageKind.REVIEW: [("ready", _("waiting")), ("leased", _("in work"))],
    }.get(StageKind(stage.kind), [("open", _("waiting")), ("passed", _("done"))])
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
        "is_human": kind in HUMAN_KINDS,
        "big": big,
        "rest": rest or [],
    }


def _big(name: str, number: int, words: str) -> dict[str, Any]:
    return {"name": name, "number": number, "words": words}
