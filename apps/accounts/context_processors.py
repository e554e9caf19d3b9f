"""What every page's frame shows: where the person is and can go, and, in the demo, as whom to look."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.core.roles import Role

from . import demo
from .selectors import places_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """`org` (slug, name), `organizations`, `role_name`, and `view_as` where the demo runs; empty for strangers."""
    context: dict[str, Any] = {"org": None, "organizations": [], "role_name": ""}
    if settings.DEMO:
        context["view_as"] = demo.SIGN_INS
    member = getattr(request, "member", None)
    if member is None:
        return context
    slug = member.context.org_slug
    # By a token: it may be for this one alone, and leads by its pages to no other.
    places = list(member.places) or [place for place in places_of(member.id) if place.slug == slug]
    here = next(place for place in places if place.slug == slug)
    return context | {"org": here, "organizations": places, "role_name": Role(member.role).label}
