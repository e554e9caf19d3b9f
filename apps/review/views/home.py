"""Quality of an organization: its projects with three figures each and how they went; where auditors begin."""

import datetime
from collections import Counter
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.accounts.selectors import organization_names
from apps.core.access import allow, gate
from apps.core.errors import NotAllowed
from apps.projects.models import Project
from apps.projects.selectors import projects_seen
from apps.review import words
from apps.review.charts import spark_of
from apps.review.reports import Line, main_shares
from apps.review.selectors import sums
from apps.review.selectors.homes import MOST_PROJECTS, Week, weeks_of

WEEKS = 12
SHOWN = ("objects_accepted", "first_pass", "suggestions_accepted")


@allow(get="quality.see")
def quality_home(request: HttpRequest, org: str) -> HttpResponse:
    """The newest projects; the figures are of the last twelve weeks."""
    context = request.member.context  # type: ignore[attr-defined]
    newest = projects_seen().order_by("-created_at", "-id")[:MOST_PROJECTS]
    projects = [project for project in newest if _may(context, project)]
    today = timezone.localdate()
    since = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    weeks = weeks_of(projects, since, today)
    owners = organization_names(project.org_id for project in projects if project.org_id != context.org_id)
    rows = [_row(project, weeks.get(project.pk, {}), since, owners.get(project.org_id, "")) for project in projects]
    page = {
        "here": "quality_home",
        "heads": [words.FIGURES[name].title for name in SHOWN],
        "rows": rows,
        "weeks": WEEKS,
        "is_empty": not weeks,
    }
    return render(request, "review/quality_home.html", page)


def _may(context: Any, project: Project) -> bool:
    try:
        gate.require("quality.see", context, project.org_id)
    except NotAllowed:
        return False
    return True


def _row(project: Project, weeks: dict[datetime.date, Week], since: datetime.date, owner: str) -> dict[str, Any]:
    objects = sums.total(week.objects for week in weeks.values())
    suggestions = sums.total(week.suggestions for week in weeks.values())
    verdicts = {given: number for week in weeks.values() for given, number in week.verdicts.items()}
    whole = main_shares(objects, suggestions, verdicts)
    by_week = [_shares(weeks.get(since + timedelta(weeks=number))) for number in range(WEEKS)]
    figures = [
        {
            "head": words.FIGURES[name].title,
            "one": whole[name].estimate,
            "spark": spark_of([Line("", "", [shares[name]]) for shares in by_week]),
        }
        for name in SHOWN
    ]
    return {"project": project, "owner": owner, "figures": figures}


def _shares(week: Week | None) -> dict[str, Any]:
    return main_shares(week.objects, week.suggestions, week.verdicts) if week else main_shares(Counter(), Counter(), {})
