"""The ways in for who is no member yet: the first-run page of an empty installation, and an invitation's link."""

from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.accounts import first_run as codes
from apps.accounts import selectors, services
from apps.accounts.authentication import digest_of, require_free
from apps.accounts.forms import FirstRunForm, JoinForm
from apps.accounts.models import User
from apps.accounts.selectors import OpenInvitation
from apps.accounts.sessions import open_session
from apps.core.access import PUBLIC, allow
from apps.core.answers import with_headers
from apps.core.errors import NotFound, Refusal
from apps.core.roles import Role
from apps.core.throttle import address_of, count_try, forget_tries

from .second_step import wait_for_code


@allow(get=PUBLIC, post=PUBLIC)
def first_run(request: HttpRequest) -> HttpResponse:
    """Make the first organization and its owner, who is then signed in. Not there once there is an organization."""
    if not selectors.first_run_waits():
        raise NotFound
    form = FirstRunForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    refused = None
    if request.method == "POST" and form.is_valid():
        try:
            return _found(request, form)
        except Refusal as refusal:
            refused = refusal
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
    status = (refused.status if refused else 422) if form.errors else 200
    answer = render(request, "accounts/first_run.html", {"form": form}, status=status)
    return with_headers(answer, refused)


def _found(request: HttpRequest, form: FirstRunForm) -> HttpResponse:
    values, folder = dict(form.cleaned_data), Path(settings.VAR)
    count_try("first-run")
    if not codes.is_right(values.pop("code"), folder):
        raise WrongCode(field="code")
    forget_tries("first-run")
    founded = services.found_first_organization(
        name=values["organization"],
        owner_email=values["email"],
        owner_name=values["name"],
        password=values["password"],
    )
    transaction.on_commit(lambda: codes.end_code(folder))
    open_session(request, cast(User, founded.owner))
    messages.success(request, _("%(name)s is founded, and you are its owner.") % {"name": founded.organization.name})
    return redirect("projects:list", org=founded.organization.slug)


class WrongCode(Refusal):
    status = 422
    code = "wrong_code"
    message = "This is not the code. It stands in the terminal or log in which Tessera was started."


@allow(get=PUBLIC, post=PUBLIC)
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """An invitation's page: who is new gives a name and a password, who has an account signs in or only agrees."""
    found = selectors.invitation_by_digest(digest_of(secret))
    if found is None:
        return render(request, "accounts/invitation_gone.html", status=404)
    page, refused = _standing(request, found), None
    form = JoinForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            return _joined(request, secret, form, page["case"])
        except Refusal as refusal:
            refused = refusal
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
    status = 422 if form.errors else 200
    if refused and refused.status in {429, 503}:  # what may be tried again says so
        status = refused.status
    answer = render(request, "accounts/join.html", page | {"form": form}, status=status)
    return with_headers(answer, refused)


def _joined(request: HttpRequest, secret: str, form: JoinForm, case: str) -> HttpResponse:
    require_free(request)
    person = cast(User, request.user) if case in {"mine", "other"} else None
    joined = services.join(secret=secret, person=person, address=address_of(request), **form.cleaned_data)
    slug = next(one.slug for one in selectors.places_of(joined.person.pk) if one.id == joined.membership.org_id)
    onward = "/?" + urlencode({"org": slug})
    if person is None:
        if services.has_second_factor(joined.person.pk):
            return wait_for_code(request, joined.person, onward)
        open_session(request, joined.person)
    messages.success(request, _("Welcome, %(name)s.") % {"name": joined.person.name})
    return redirect(onward)


def _standing(request: HttpRequest, found: OpenInvitation) -> dict[str, Any]:
    """Whose link this is, seen from who opened it: `mine`, `other` (signed in as), `known` (an account), `new`."""
    if request.user.is_authenticated:
        case = "mine" if request.user.email == found.email else "other"
    else:
        case = "known" if User.objects.filter(email=found.email, is_active=True).exists() else "new"
    return {"invitation": found, "role": Role(found.role).label, "case": case}
