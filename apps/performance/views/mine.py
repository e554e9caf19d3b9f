"""My figures: the same numbers that managers see, and the day as a line that managers do not see."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.accounts.selectors import Member
from apps.core.access import allow
from apps.performance.charts import bars_of, strip_of
from apps.performance.ranges import LATEST, range_of
from apps.performance.selectors.mine import own_figures, owners_of, today_of
from apps.performance.selectors.scope import clock_of
from apps.performance.selectors.timeline import timeline_of

EARLIEST = date(2000, 1, 1)  # the calendar has no day before its first


@allow(get="figures.own")
def my_figures(request: HttpRequest, org: str) -> HttpResponse:
    """For everybody who works."""
    member: Member = request.member  # type: ignore[attr-defined]
    clock = clock_of(member.context.org_id)
    owners = owners_of()
    asked = range_of(request.GET.dict(), today_of(owners))
    day = _day(request.GET.get("day"), clock.today)
    found = own_figures(member.id, owners, asked.first, asked.last)
    timeline = timeline_of(member.id, owners, day, clock.zone)
    page: dict[str, Any] = {
        "here": "figures",
        "range": asked,
        "latest": LATEST,
        "whole": found.whole,
        "projects": found.projects,
        "idle": found.idle,
        "chart": bars_of([(one, found.days.get(one, 0)) for one in asked.days]) if found.days else None,
        "days": [(one, found.days.get(one, 0)) for one in asked.days],
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < clock.today else None,
        "timeline": timeline,
        "strip": strip_of(timeline.stretches, clock.zone),
        "zone": clock.zone.key,
    }
    # The clock on the wall is the organization's, as its days are.
    with timezone.override(clock.zone):
        return render(request, "performance/mine.html", page)


def _day(text: str | None, today: date) -> date:
    try:
        return min(today, max(EARLIEST, date.fromisoformat(text or "")))
    except ValueError:
        return today
