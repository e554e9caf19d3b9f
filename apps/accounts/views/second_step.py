"""The second step of signing in: the password was right, and the account asks for a code.

Until then the session is nobody's: it holds who waits, not who is signed in.
"""

import time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from apps.accounts.forms import CodeForm
from apps.accounts.models import User
from apps.accounts.services import SecondFactorRequired, prove_second_factor
from apps.accounts.sessions import open_session
from apps.core.access import PUBLIC, allow
from apps.core.answers import with_headers
from apps.core.errors import Refusal

WAITING = "waits_for_code"
PATIENCE = 600


def wait_for_code(request: HttpRequest, person: User, wanted: str) -> HttpResponse:
    """Ask somebody whose password was right for a code; whoever was signed in here is signed out."""
    request.session.flush()
    request.session[WAITING] = {
        "person": str(person.pk),
        "since": int(time.time()),
        "proof": person.get_session_auth_hash(),
        "next": wanted,
    }
    return redirect("sign_in_code")


@allow(get=PUBLIC, post=PUBLIC)
def code(request: HttpRequest) -> HttpResponse:
    """A code of the app, or a recovery code, within ten minutes of the password."""
    waiting: dict[str, Any] = request.session.get(WAITING) or {}
    person = _who_waits(waiting) if waiting else None
    if person is None:
        return redirect("sign_in")
    form, refused = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            prove_second_factor(person_id=person.pk, code=form.cleaned_data["code"])
            return _let_in(request, person, waiting["next"])
        except SecondFactorRequired:
            form.add_error("code", _("This code is not right, or was used already. Wait for the next one."))
        except Refusal as refusal:
            refused = refusal
            form.add_error("code", refusal.text)
    status = (refused.status if refused else 422) if form.errors else 200
    answer = render(request, "accounts/sign_in_code.html", {"form": form}, status=status)
    return with_headers(answer, refused)


def _let_in(request: HttpRequest, person: User, wanted: str) -> HttpResponse:
    del request.session[WAITING]
    open_session(request, person)
    return redirect(wanted)


def _who_waits(waiting: dict[str, Any]) -> User | None:
    if time.time() - waiting["since"] > PATIENCE:
        return None
    person = User.objects.filter(pk=UUID(waiting["person"]), is_active=True).first()
    # A password that was changed meanwhile has proved nothing.
    if person is None or not constant_time_compare(waiting["proof"], person.get_session_auth_hash()):
        return None
    return person
