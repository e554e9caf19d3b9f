"""What a reviewer gave: their verdicts of the last weeks, by week and by project. Their own alone."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.core.access import allow
from apps.review.selectors.loads import WEEKS, Load, loads_of


@allow(get="review.see")
def given(request: HttpRequest, org: str) -> HttpResponse:
    """How long reviews take stands on the page of one's own figures."""
    loads = loads_of(request.member.id, timezone.localdate())  # type: ignore[attr-defined]
    total = Load(*(sum(getattr(load, name) for _, load in loads.weeks) for name in ("accepted", "fixed", "returned")))
    page = {
        "here": "reviews",
        "total": total,
        "number": WEEKS,
        "weeks": _drawn(loads.weeks),
        "projects": _drawn(loads.projects),
    }
    return render(request, "review/given.html", page)


def _drawn(rows: Sequence[tuple[Any, Load]]) -> list[tuple[Any, Load, list[dict[str, Any]]]]:
    """Each with its bar, on one scale."""
    most = max((load.given for _, load in rows), default=0)
    return [(one, load, _bar(load, most)) for one, load in rows]


def _bar(load: Load, most: int) -> list[dict[str, Any]]:
    """The three kinds end to end, on a scale on which the most is the whole width."""
    at, parts = 0, []
    for kind, number in (("b1", load.accepted), ("b3", load.fixed), ("b2", load.returned)):
        if number:
            parts.append({"kind": kind, "x": f"{100 * at / most:.1f}%", "width": f"{100 * number / most:.1f}%"})
            at += number
    return parts
