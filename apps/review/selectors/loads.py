"""A reviewer's own load: how many verdicts they gave, of which kind."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import TruncWeek

from apps.projects.models import Project
from apps.review.models import VerdictDay, VerdictKind

WEEKS = 8


@dataclass(frozen=True, slots=True)
class LoadWeek:
    """The verdicts of a week that begins on a Monday."""

    monday: date
    accepted: int
    fixed: int
    returned: int

    @property
    def given(self) -> int:
        """All of them."""
        return self.accepted + self.fixed + self.returned


def load_of(reviewer: UUID, project: Project, today: date) -> list[LoadWeek]:
    """The last eight weeks, newest first, also those in which nothing was given."""
    newest = today - timedelta(days=today.weekday())
    mondays = [newest - timedelta(weeks=number) for number in range(WEEKS)]
    rows = VerdictDay.objects.filter(org_id=project.org_id, project=project, reviewer=reviewer, day__gte=mondays[-1])
    counted = rows.order_by().annotate(week=TruncWeek("day")).values_list("week", "verdict").annotate(Sum("number"))
    given = Counter({(week, verdict): number for week, verdict, number in counted})
    return [LoadWeek(monday, *(given[monday, kind] for kind in VerdictKind)) for monday in mondays]
