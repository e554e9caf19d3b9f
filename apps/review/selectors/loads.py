"""A reviewer's own load: how many verdicts they gave, of which kind, week by week and project by project."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import TruncWeek

from apps.projects.models import Project
from apps.projects.selectors import projects_seen
from apps.review.models import VerdictDay, VerdictKind

WEEKS = 8


@dataclass(frozen=True, slots=True)
class Load:
    """Verdicts of one week or on one project."""

    accepted: int = 0
    fixed: int = 0
    returned: int = 0

    @property
    def given(self) -> int:
        """All of them."""
        return self.accepted + self.fixed + self.returned


@dataclass(frozen=True, slots=True)
class Loads:
    """The last eight weeks, newest first, also those without a verdict; and the projects, by name."""

    weeks: list[tuple[date, Load]]
    projects: list[tuple[Project, Load]]


def loads_of(reviewer: UUID, today: date) -> Loads:
    """Over all projects that the reviewer sees. What they judged of another vendor's work is that vendor's to see."""
    projects = {project.pk: project for project in projects_seen().order_by("name", "id")}
    newest = today - timedelta(days=today.weekday())
    mondays = [newest - timedelta(weeks=number) for number in range(WEEKS)]
    rows = VerdictDay.objects.filter(
        org_id__in={project.org_id for project in projects.values()}, reviewer=reviewer, day__gte=mondays[-1]
    )
    counted = rows.order_by().annotate(week=TruncWeek("day")).values_list("week", "project_id", "verdict")
    by_week: Counter[tuple[date, str]] = Counter()
    by_project: Counter[tuple[UUID, str]] = Counter()
    for week, project, verdict, number in counted.annotate(Sum("number")):
        by_week[week, verdict] += number
        by_project[project, verdict] += number
    return Loads(
        weeks=[(monday, Load(*(by_week[monday, kind] for kind in VerdictKind))) for monday in mondays],
        projects=[
            (project, load)
            for project in projects.values()
            if (load := Load(*(by_project[project.pk, kind] for kind in VerdictKind))).given
        ],
    )
