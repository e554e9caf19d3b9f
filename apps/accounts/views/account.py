"""One's own account, outside any organization: name, password, second factor, sessions and tokens.

A session that an organization's provider vouched for shows and ends only what came through the same provider, and
changes nothing of the person: the provider speaks for them in its own organization alone.
"""

import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import selectors, services
from apps.accounts.authentication import Confined, require_free
from apps.accounts.browsers import browser_named
from apps.accounts.forms import NameForm, PasswordForm, TokenForm
from apps.accounts.models import Session, Token, User
from apps.accounts.selectors import Place
from apps.accounts.services import passwords, second_factors
from apps.accounts.sessions import handle_of, through_of
from apps.core.access import SIGNED_IN, allow
from apps.core.answers import with_headers
from apps.core.errors import Refusal
from apps.core.throttle import address_of


@allow(get=SIGNED_IN)
def account(request: HttpRequest) -> HttpResponse:
    """All of it on one page."""
    return _page(request)


@allow(post=SIGNED_IN)
def profile(request: HttpRequest) -> HttpResponse:
    """Another name."""
    require_free(request)
    form = NameForm(request.POST)
    try:
        if form.is_valid():
            services.rename_person(person_id=_person(request).pk, name=form.cleaned_data["name"])
            messages.success(request, _("Your name is changed."))
            return redirect("account")
    except Refusal as refusal:
        form.add_error("name", refusal.text)
    return _page(request, name_form=form, status=422)


@allow(post=SIGNED_IN)
def password(request: HttpRequest) -> HttpResponse:
    """Another password; this session stays, all others end."""
    require_free(request)
    form, refused = PasswordForm(request.POST), None
    try:
        if form.is_valid():
            person = passwords.change_password(
                person_id=_person(request).pk,
                address=address_of(request),
                kept=request.session.session_key or "",
                **form.cleaned_data,
            )
            update_session_auth_hash(request, person)
            messages.success(request, _("Your password is changed. You are signed out everywhere else."))
            return redirect("account")
    except Refusal as refusal:
        refused = refusal
        form.add_error("old" if refusal.field == "old" else "new", refusal.text)
    status = refused.status if refused and refused.field is None else 422
    answer = _page(request, password_form=form, status=status)
    return with_headers(answer, refused)


@allow(post=SIGNED_IN)
def other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    ended = services.end_other_sessions(
        person_id=_person(request).pk, kept=request.session.session_key or "", through=through_of(request.session)
    )
    words = ngettext("%(n)s session is ended.", "%(n)s sessions are ended.", ended) % {"n": ended}
    messages.success(request, words if ended else _("There is no other session."))
    return redirect("account")


@allow(post=SIGNED_IN)
def session(request: HttpRequest, handle: str) -> HttpResponse:
    """Sign out there; of the session that asks, as by Sign out."""
    services.end_session(person_id=_person(request).pk, handle=handle, through=through_of(request.session))
    messages.success(request, _("The session is ended."))
    return redirect("account")


@allow(post=SIGNED_IN)
def tokens(request: HttpRequest) -> HttpResponse:
    """Make a token; the answer shows it, this once."""
    form, issued, place = TokenForm(request.POST), None, _confined_to(request)
    try:
        if form.is_valid():
            issued = services.issue_token(person_id=_person(request).pk, through=place, **_asked(form))
    except Refusal as refusal:
        form.add_error("name", refusal.text)
    if issued is None:
        return _page(request, token_form=form, status=422)
    answer = _page(request, issued={"name": issued.row.name, "secret": issued.secret})
    answer["Cache-Control"] = "no-store"
    return answer


@allow(post=SIGNED_IN)
def token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Revoke it, at once."""
    services.revoke_token(person_id=_person(request).pk, token_id=token_id, through=through_of(request.session))
    messages.success(request, _("The token is revoked."))
    return redirect("account")


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _asked(form: TokenForm) -> dict[str, Any]:
    asked = form.cleaned_data
    days = int(asked["days"])
    ends = timezone.now() + datetime.timedelta(days=days) if days else None
    organizations = [asked["organization"]] if asked["organization"] else []
    return {"name": asked["name"], "organizations": organizations, "expires_at": ends}


def _confined_to(request: HttpRequest) -> Place | None:
    """The one place that the session is good for, or None for all. Raises Confined where the person has lost it."""
    through = through_of(request.session)
    if through is None:
        return None
    place = next(iter(selectors.places_of(_person(request).pk, through)), None)
    if place is None:
        raise Confined
    return place


def _page(request: HttpRequest, *, status: int = 200, **shown: Any) -> HttpResponse:
    person, through = _person(request), through_of(request.session)
    places = selectors.places_of(person.pk, through)
    names = {place.slug: place.name for place in places}
    context = {
        "confined": _words_of(places) if through else "",
        "places": places,
        "name_form": NameForm(initial={"name": person.name}),
        "password_form": PasswordForm(),
        "token_form": TokenForm(),
        "second_factor": second_factors.has_second_factor(person.pk),
        "sessions": [_session(row, request) for row in selectors.sessions_of(person.pk, through)],
        "tokens": [_token(row, names) for row in selectors.tokens_of(person.pk, through)],
    }
    return render(request, "accounts/account.html", context | shown, status=status)


def _words_of(places: list[Place]) -> str:
    return places[0].name if places else _("an organization that you have left")


def _session(row: Session, request: HttpRequest) -> dict[str, Any]:
    browser, system = browser_named(row.agent)
    return {
        "handle": handle_of(row.session_key),
        "browser": browser,
        "system": system,
        "address": row.address,
        "since": row.since,
        "seen": row.seen,
        "is_here": row.session_key == request.session.session_key,
    }


def _token(row: Token, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "places": [names.get(slug, slug) for slug in row.organizations],
        "made": row.created_at,
        "used": row.last_used_at,
        "ends": row.expires_at,
        "is_over": row.expires_at is not None and row.expires_at <= timezone.now(),
    }
