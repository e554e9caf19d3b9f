"""The page of an organization's people: who is here as what, who is invited, and who was taken out."""

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts import people, selectors, services
from apps.accounts.forms import InvitationForm
from apps.accounts.models import Invitation, Membership
from apps.accounts.selectors import Member
from apps.accounts.services import Invited
from apps.core.access import allow, gate
from apps.core.errors import NotFound, Refusal
from apps.core.http import origin_of
from apps.core.roles import Role

MOST = 500


@allow(get="member.list", post="member.invite")
def members(request: HttpRequest, org: str) -> HttpResponse:
    """Who is here; a POST invites somebody, and the answer shows the link where no mail carries it."""
    form = InvitationForm(request.POST or None, initial={"role": Role.ANNOTATOR})
    invited: Invited | None = None
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                role = people.given_role(form.cleaned_data["role"])
                invited = services.invite(email=form.cleaned_data["email"], origin=origin_of(request), **role)
            form = InvitationForm(initial={"role": form.cleaned_data["role"]})
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
    page = _people(request) | {"form": form, "invited": _shown(invited)}
    return render(request, "accounts/members.html", page, status=422 if form.errors else 200)


@allow(post="member.edit")
def member(request: HttpRequest, org: str, membership_id: UUID) -> HttpResponse:
    """Give another role (`role`), or take access away and give it back (`active`: yes or no)."""
    role, active = request.POST.get("role"), {"yes": True, "no": False}.get(request.POST.get("active", ""))
    try:
        with transaction.atomic():
            given = {} if role is None else people.given_role(role)
            changed = services.change_member(membership_id=membership_id, active=active, **given)
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _said(changed))
    return redirect("accounts:members", org=org)


@allow(post="member.invite")
def invitation(request: HttpRequest, org: str, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    row = selectors.invitation_for(invitation_id)
    try:
        with transaction.atomic():
            services.revoke_invitation(invitation=row)
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("The invitation of %(email)s is taken back.") % {"email": row.email})
    return redirect("accounts:members", org=org)


def _shown(invited: Invited | None) -> dict[str, Any] | None:
    """Where a mail went out the link is the mail's alone, except in the demo, whose mails nobody reads."""
    if invited is None:
        return None
    link = invited.link if settings.DEMO or not invited.mailed else ""
    return {"email": invited.row.email, "link": link, "mailed": invited.mailed}


def _people(request: HttpRequest) -> dict[str, Any]:
    acting = cast(Member, request.member)  # type: ignore[attr-defined]
    teams = list(people.teams().order_by("name")[:MOST])
    team = next((one for one in teams if str(one.pk) == request.GET.get("team")), None)
    found = selectors.all_memberships().select_related("custom_role").order_by("user__name", "pk")
    rows = list((found.filter(pk__in=people.members_of(team.pk)) if team else found)[:MOST])
    now = timezone.now()
    pending = [] if team else selectors.open_invitations().select_related("custom_role").order_by("-id")[:MOST]
    may_edit = gate.admits("member.edit", acting.context)
    theirs = _names_by_member(teams)
    return {
        "here": "people",
        "teams": teams,
        "team": team,
        "members": [_row(row, acting, may_edit, theirs.get(row.pk, [])) for row in rows if row.deactivated_at is None],
        "former": [
            _row(row, acting, may_edit, theirs.get(row.pk, [])) for row in rows if row.deactivated_at is not None
        ],
        "invitations": [_invitation(row, acting, row.expires_at <= now) for row in pending],
        "roles": people.grantable_roles(acting.role),
        "mail": settings.MAIL_REACHES_PEOPLE,
    }


def _names_by_member(teams: list[Any]) -> dict[UUID, list[str]]:
    names: dict[UUID, list[str]] = {}
    for team in teams:
        for membership_id in team.member_ids or ():
            names.setdefault(membership_id, []).append(team.name)
    return names


def _row(row: Membership, acting: Member, may_edit: bool, teams: list[str]) -> dict[str, Any]:
    owners_matter = row.role == Role.OWNER and acting.role != Role.OWNER
    return {
        "id": row.pk,
        "name": row.user.name,
        "email": "" if row.user.is_erased else row.user.email,
        "initials": row.user.initials,
        "role": str(row.custom_role_id or row.role),
        "role_name": row.custom_role.name if row.custom_role else Role(row.role).label,
        "teams": teams,
        "is_me": row.user_id == acting.id,
        "may_edit": may_edit and not owners_matter and not row.user.is_erased,
        "is_erased": row.user.is_erased,
        "since": row.deactivated_at or row.created_at,
    }


def _invitation(row: Invitation, acting: Member, is_expired: bool) -> dict[str, Any]:
    return {
        "id": row.pk,
        "email": row.email,
        "name": row.name,
        "role": str(row.custom_role_id or row.role),
        "role_name": row.custom_role.name if row.custom_role else Role(row.role).label,
        "by": row.invited_by.name if row.invited_by else "",
        "at": row.created_at,
        "expires": row.expires_at,
        "expired": is_expired,
        "may_edit": row.role != Role.OWNER or acting.role == Role.OWNER,
    }


def _said(row: Membership) -> str:
    name = {"name": row.user.name}
    if row.deactivated_at is not None:
        return _("%(name)s has no access any more. What they did stays.") % name
    role = row.custom_role.name if row.custom_role else str(Role(row.role).label).lower()
    return _("%(name)s is %(role)s.") % (name | {"role": role})
