"""How far a project is set up: its pictures, labels, line and run are the only record of that."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import Engagement, EngagementState, Membership
from apps.core.access import gate
from apps.core.errors import NotFound
from apps.core.roles import Role
from apps.core.tenancy import Context
from apps.pipelines.graphs import LABEL_ROLES, REVIEW_ROLES
from apps.pipelines.models import PipelineVersion
from apps.projects.models import Item, Project
from apps.projects.selectors import projects_seen
from apps.recipes.models import RecipeVersion

from .models import PipelineRun

PICTURES, LABELS, LINE, START = "pictures", "labels", "line", "start"
NEWEST = ("-published_at", "-id")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and whether it is done."""

    key: str
    done: bool
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """A project between nothing and its first task. `labels` are those of its newest recipe version, whose `number` is
    0 while there is none; `line` is the name of the pipeline that a start would run, with its `stages` as drawn."""

    project: Project
    has_pictures: bool
    number: int
    labels: list[dict[str, Any]]
    line: str
    stages: list[dict[str, Any]]
    has_run: bool

    @property
    def steps(self) -> list[Step]:
        """In their order."""
        return [
            Step(PICTURES, self.has_pictures, _("Pictures"), _("What is to be labeled")),
            Step(LABELS, self.number > 0, _("Labels"), _("What people should find")),
            Step(LINE, bool(self.line), _("Line"), _("Who works, and in which order")),
            Step(START, self.has_run, _("Start"), _("Hand out the first task")),
        ]

    @property
    def next(self) -> str:
        """The step to take now; the last one once all are done."""
        return next((step.key for step in self.steps if not step.done), START)


def set_up_of(project: Project) -> SetUp:
    """How far a project is, by one query."""
    return _set_up(_annotated(Project.objects.filter(pk=project.pk)).get())


def set_up_for(context: Context, action: str, project_id: UUID) -> SetUp:
    """The same, by the rules of `project_for`."""
    row = _annotated(projects_seen().filter(pk=project_id)).first()
    if row is None:
        raise NotFound
    gate.require(action, context, row.org_id)
    return _set_up(row)


def newest_line(project: Project) -> PipelineVersion | None:
    """The version that a start would run: published last, in whichever of the project's pipelines."""
    rows = PipelineVersion.objects.filter(org_id=project.org_id, project=project)
    version: PipelineVersion | None = rows.select_related("pipeline").order_by(*NEWEST).first()
    return version


def _annotated(projects: "QuerySet[Project]") -> "QuerySet[Project]":
    recipes = RecipeVersion.objects.filter(project_id=OuterRef("pk")).order_by(*NEWEST)
    lines = PipelineVersion.objects.filter(project_id=OuterRef("pk")).order_by(*NEWEST)
    items = Item.objects.filter(project_id=OuterRef("pk"), deleted_at=None, dataset__deleted_at=None)
    return projects.annotate(
        has_pictures=Exists(items),
        recipe_number=recipes.values("number")[:1],
        recipe_labels=recipes.values("labels")[:1],
        line_name=lines.values(name=F("pipeline__name"))[:1],
        line_graph=lines.values("graph")[:1],
        has_run=Exists(PipelineRun.objects.filter(project_id=OuterRef("pk"))),
    )


def _set_up(row: Any) -> SetUp:
    return SetUp(
        project=row,
        has_pictures=row.has_pictures,
        number=row.recipe_number or 0,
        labels=row.recipe_labels or [],
        line=row.line_name or "",
        stages=row.line_graph["stages"] if row.line_graph else [],
        has_run=row.has_run,
    )


@dataclass(frozen=True, slots=True)
class Crew:
    """Who of the acting organization can work on a project."""

    names: dict[str, list[str]]
    has_vendor: bool

    @property
    def labelers(self) -> int:
        return sum(len(self.names[role]) for role in LABEL_ROLES)

    @property
    def reviewers(self) -> int:
        return sum(len(self.names[role]) for role in REVIEW_ROLES)

    @property
    def can_review(self) -> bool:
        """Whether somebody can review what another labeled: nobody reviews their own work."""
        return self.has_vendor or (self.reviewers >= 1 and self.labelers >= 2)


def crew_of(project: Project) -> Crew:
    """The owner's active members by role, and whether a vendor works on the project too."""
    names: dict[str, list[str]] = {role: [] for role in Role.values}
    engaged = Exists(Engagement.objects.filter(project_id=project.pk, state=EngagementState.ACTIVE))
    members = Membership.objects.filter(org_id=project.org_id, deactivated_at=None).annotate(engaged=engaged)
    rows = list(members.order_by("user__name").values_list("role", "user__name", "engaged"))
    for role, name, _engaged in rows:
        names[role].append(name)
    return Crew(names, has_vendor=any(engaged for _role, _name, engaged in rows))
