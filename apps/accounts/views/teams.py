"""Pages of teams: the list with a form for a new one, and who belongs to one of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import people, selectors
from apps.accounts.services import teams as services
from apps.core.access import allow
from apps.core.errors import Invalid, Refusal
from apps.core.etags import etag_of

MOST = 500


@allow(get="member.list", post="team.edit")
def teams(request: HttpRequest, org: str) -> HttpResponse:
    """All of them; a POST makes one and opens it."""
    refused = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                made = services.create_team(name=request.POST.get("name", ""))
            return redirect("accounts:team", org=org, team_id=made.pk)
        except Refusal as refusal:
            refused = refusal.text
    page = {
        "here": "people",
        "teams": people.teams().order_by("name")[:MOST],
        "refused": [refused] if refused else [],
        "name": request.POST.get("name", ""),
    }
    return render(request, "accounts/teams.html", page, status=422 if refused else 200)


@allow(get="member.list", post="team.edit")
def team(request: HttpRequest, org: str, team_id: UUID) -> HttpResponse:
    """Its name and its people."""
    row: Any = people.team_for(team_id)
    rows = list(selectors.live_memberships().order_by("user__name", "pk")[:MOST])
    name, chosen, refused = row.name, set(row.member_ids or ()), ""
    unseen = chosen - {one.pk for one in rows}  # beyond the page's most, or without access: the form cannot name them
    if request.method == "POST":
        name = request.POST.get("name", "")
        try:
            with transaction.atomic():
                chosen = {_id(value) for value in request.POST.getlist("members")}
                seen = request.POST.get("seen", "")
                services.edit_team(team=row, seen=seen, name=name, members=chosen | unseen)
            messages.success(request, _("Saved."))
            return redirect("accounts:team", org=org, team_id=row.pk)
        except Refusal as refusal:
            refused = refusal.text
    page = {
        "here": "people",
        "team": row,
        "name": name,
        "members": [(one.pk, one.user.name, one.user.email, one.pk in chosen) for one in rows],
        "seen": etag_of(services.team_state(row)),
        "refused": [refused] if refused else [],
    }
    return render(request, "accounts/team.html", page, status=422 if refused else 200)


@allow(post="team.edit")
def team_deletion(request: HttpRequest, org: str, team_id: UUID) -> HttpResponse:
    """Its people stay."""
    row = people.team_for(team_id)
    services.delete_team(team=row)
    messages.success(request, _("%(name)s is deleted. Its people stay.") % {"name": row.name})
    return redirect("accounts:teams", org=org)


def _id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise Invalid from error
