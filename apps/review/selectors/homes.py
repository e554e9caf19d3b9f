"""Quality over all projects that the acting organization may look at, and how it went lately."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncWeek

from apps.projects.models import Project
from apps.review.models import ObjectDay, SuggestionDay, VerdictDay

from .sums import Counts, Given

MOST_PROJECTS = 100


@dataclass(frozen=True, slots=True)
class Week:
    """A project's week, as far as the three figures need it."""

    objects: Counts
    suggestions: Counts
    verdicts: dict[Given, int]


def weeks_of(projects: list[Project], since: date, until: date) -> dict[UUID, dict[date, Week]]:
    """By project and Monday; three questions for all of them."""
    found: defaultdict[UUID, defaultdict[date, Week]] = defaultdict(
        lambda: defaultdict(lambda: Week(Counter(), Counter(), {}))
    )

    def rows(model: Any) -> "QuerySet[Any]":
        there = model.objects.filter(project__in=projects, day__range=(since, until))
        return there.order_by().annotate(week=TruncWeek("day")).values_list("project_id", "week")  # type: ignore[no-any-return]

    objects = ("kept", "changed", "removed", "returned")
    for project, week, *numbers in rows(ObjectDay).annotate(*map(Sum, objects)):
        found[project][week].objects.update(dict(zip(objects, numbers, strict=True)))
    suggestions = ("accepted", "edited", "rejected", "missed")
    for project, week, *numbers in rows(SuggestionDay).filter(held_out=False).annotate(*map(Sum, suggestions)):
        found[project][week].suggestions.update(dict(zip(suggestions, numbers, strict=True)))
    first = rows(VerdictDay).filter(is_first=True).values_list("project_id", "week", "verdict")
    for project, week, verdict, number in first.annotate(Sum("number")):
        found[project][week].verdicts[Given(week, verdict, "", is_first=True)] = number
    return {project: dict(weeks) for project, weeks in found.items()}
