"""Pages of custom roles: the list, a new one, and what one of them leaves."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import people
from apps.accounts.access import actions_of
from apps.accounts.action_words import WORDS
from apps.accounts.models import CustomRole, Membership
from apps.accounts.services import roles as services
from apps.core.access import allow
from apps.core.errors import Refusal
from apps.core.etags import etag_of
from apps.core.roles import Role


@allow(get="custom_role.list", post="custom_role.edit")
def roles(request: HttpRequest, org: str) -> HttpResponse:
    """All of them; a POST makes one that leaves everything yet, and opens it."""
    refused = ""
    if request.method == "POST":
        base = request.POST.get("base", "")
        try:
            with transaction.atomic():
                name = request.POST.get("name", "")
                made = services.create_custom_role(name=name, base=base, actions=actions_of(base))
            return redirect("accounts:role", org=org, role_id=made.pk)
        except Refusal as refusal:
            refused = refusal.text
    held = dict(Membership.objects.exclude(custom_role=None).values_list("custom_role").annotate(number=Count("pk")))
    rows = CustomRole.objects.order_by("name")
    page = {
        "here": "people",
        "roles": [{"row": row, "base": Role(row.base).label, "held": held.get(row.pk, 0)} for row in rows],
        "bases": [(role.value, role.label) for role in Role if role != Role.OWNER],
        "refused": [refused] if refused else [],
        "given": request.POST,
    }
    return render(request, "accounts/roles.html", page, status=422 if refused else 200)


@allow(get="custom_role.list", post="custom_role.edit")
def role(request: HttpRequest, org: str, role_id: UUID) -> HttpResponse:
    """What it leaves of its base, group by group."""
    row = people.custom_role_for(role_id)
    name, chosen, refused = row.name, set(row.actions), ""
    if request.method == "POST":
        name, chosen = request.POST.get("name", ""), set(request.POST.getlist("actions"))
        try:
            with transaction.atomic():
                seen = request.POST.get("seen", "")
                services.edit_custom_role(role=row, seen=seen, name=name, actions=chosen)
            messages.success(request, _("Saved. It holds from now on."))
            return redirect("accounts:role", org=org, role_id=row.pk)
        except Refusal as refusal:
            refused = refusal.text
    page = {
        "here": "people",
        "role": row,
        "name": name,
        "base": Role(row.base).label,
        "groups": _groups(row, chosen),
        "seen": etag_of(services.custom_role_state(row)),
        "refused": [refused] if refused else [],
    }
    return render(request, "accounts/role.html", page, status=422 if refused else 200)


@allow(post="custom_role.edit")
def role_deletion(request: HttpRequest, org: str, role_id: UUID) -> HttpResponse:
    """Of one that nobody has."""
    row = people.custom_role_for(role_id)
    try:
        with transaction.atomic():
            services.delete_custom_role(role=row)
        messages.success(request, _("%(name)s is deleted.") % {"name": row.name})
    except Refusal as refusal:
        messages.error(request, refusal.text)
        return redirect("accounts:role", org=org, role_id=row.pk)
    return redirect("accounts:roles", org=org)


def _groups(row: CustomRole, chosen: set[str]) -> list[dict[str, Any]]:
    theirs = actions_of(row.base)
    groups = [
        {"title": title, "actions": [(key, text, key in chosen) for key, text in words.items() if key in theirs]}
        for title, words in WORDS
    ]
    return [group for group in groups if group["actions"]]
