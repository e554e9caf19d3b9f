"""How far a project is set up: its pictures, labels, line and run are the only record of that."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from apps.accounts.models import Engagement, EngagementState, Membership
from apps.core.roles import Role
from apps.pipelines.graphs import LABEL_ROLES, REVIEW_ROLES
from apps.pipelines.models import PipelineVersion
from apps.projects.models import Item, Project
from apps.recipes.models import RecipeVersion
from apps.recipes.selectors import newest_version_of_project

from .models import PipelineRun
from .overviews import newest_run

PICTURES, LABELS, LINE, START = "pictures", "labels", "line", "start"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and whether it is done."""

    key: str
    done: bool
    title: str
    text: str


class SetUp:
    """A project between nothing and its first task."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def has_pictures(self) -> bool:
        return Item.objects.filter(project=self.project, deleted_at=None, dataset__deleted_at=None).exists()

    @cached_property
    def recipe(self) -> RecipeVersion | None:
        return newest_version_of_project(self.project)

    @cached_property
    def line(self) -> PipelineVersion | None:
        """The version that a start would run: published last, in whichever of the project's pipelines."""
        rows = PipelineVersion.objects.filter(org_id=self.project.org_id, project=self.project)
        return rows.select_related("pipeline").order_by("-published_at", "-id").first()

    @cached_property
    def run(self) -> PipelineRun | None:
        return newest_run(self.project)

    @property
    def steps(self) -> list[Step]:
        """In their order."""
        return [
            Step(PICTURES, self.has_pictures, _("Pictures"), _("What is to be labeled")),
            Step(LABELS, self.recipe is not None, _("Labels"), _("What people should find")),
            Step(LINE, self.line is not None, _("Line"), _("Who works, and in which order")),
            Step(START, self.run is not None, _("Start"), _("Hand out the first task")),
        ]

    @property
    def next(self) -> str:
        """The step to take now; the last one once all are done."""
        return next((step.key for step in self.steps if not step.done), START)


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
    members = Membership.objects.filter(org_id=project.org_id, deactivated_at=None)
    for role, name in members.order_by("user__name").values_list("role", "user__name"):
        names[role].append(name)
    engaged = Engagement.objects.filter(project_id=project.pk, state=EngagementState.ACTIVE)
    return Crew(names, engaged.exists())
