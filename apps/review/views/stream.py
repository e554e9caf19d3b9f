"""A reviewer's day over all projects: the next review, what they returned, what they decided."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.access import allow
from apps.distribution import queues
from apps.pipelines.models import StageKind
from apps.review.selectors.stream import stream_of


@allow(get="review.see")
def stream(request: HttpRequest, org: str) -> HttpResponse:
    """HTMX asks for the lists alone."""
    member = request.member  # type: ignore[attr-defined]
    offers = queues.offers_for(member, queues.owners_of(member), StageKind.REVIEW)
    total = sum(offer.ready for offer in offers)
    page = {
        "here": "reviews",
        "first": offers[0] if offers else None,
        "offers": offers,
        "total": total,
        "shown": queues.counted(total),
        "held": queues.held_by(member, kind=StageKind.REVIEW),
        "given": stream_of(member),
        "nav_counts": {"reviews": queues.counted(total) if total else ""},
    }
    template = "review/_stream.html" if request.htmx else "review/stream.html"  # type: ignore[attr-defined]
    return render(request, template, page)
