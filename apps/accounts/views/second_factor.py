"""Setting up a second factor, its recovery codes, and turning it off."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import qr
from apps.accounts.authentication import require_free
from apps.accounts.forms import ProofForm
from apps.accounts.models import User
from apps.accounts.services import (
    SecondFactorRequired,
    WrongCredentials,
    prove_by_password,
    prove_second_factor,
    second_factors,
)
from apps.core.access import SIGNED_IN, allow
from apps.core.answers import with_headers
from apps.core.errors import Refusal
from apps.core.sealing import seal, unseal
from apps.core.throttle import address_of

# The key that is being set up, sealed: it must be the same from one try of a code to the next.
KEY = "second_factor_key"


@allow(get=SIGNED_IN, post=SIGNED_IN)
def second_factor(request: HttpRequest) -> HttpResponse:
    """Where there is none: a key and its picture, confirmed by password and code. Where there is one: its state."""
    require_free(request)
    person = cast(User, request.user)
    if second_factors.has_second_factor(person.pk):
        return _state(request, person)
    form, refused = ProofForm(request.POST or None), None
    secret = _key(request)
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            prove_by_password(email=person.email, password=given["password"], address=address_of(request))
            codes = second_factors.begin_second_factor(person_id=person.pk, secret=secret, code=given["code"])
            del request.session[KEY]
            return _codes(request, codes)
        except WrongCredentials as refusal:
            form.add_error("password", refusal.text)
        except Refusal as refusal:
            refused = refusal
            form.add_error("code", refusal.text)
    address = second_factors.address_of_key(person, secret)
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    page = {"form": form, "key": grouped, "picture": qr.path_of(address)}
    status = (refused.status if refused else 422) if form.errors else 200
    answer = render(request, "accounts/second_factor_new.html", page, status=status)
    return with_headers(answer, refused)


@allow(post=SIGNED_IN)
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new ones, for who proves to be the person."""
    return _proved(request, lambda person: _codes(request, second_factors.renew_recovery_codes(person_id=person.pk)))


@allow(post=SIGNED_IN)
def end(request: HttpRequest) -> HttpResponse:
    """Turn it off, for who proves to be the person."""

    def turn_off(person: User) -> HttpResponse:
        second_factors.end_second_factor(person_id=person.pk)
        messages.success(request, _("Your second factor is off. Your password alone lets you in."))
        return redirect("account")

    return _proved(request, turn_off)


def _proved(request: HttpRequest, act: Callable[[User], HttpResponse]) -> HttpResponse:
    require_free(request)
    person, form, refused = cast(User, request.user), ProofForm(request.POST), None
    if not second_factors.has_second_factor(person.pk):
        return redirect("second_factor")
    try:
        if form.is_valid():
            given = form.cleaned_data
            prove_by_password(email=person.email, password=given["password"], address=address_of(request))
            prove_second_factor(person_id=person.pk, code=given["code"])
            return act(person)
    except SecondFactorRequired as refusal:
        form.add_error("code", refusal.text)
    except WrongCredentials as refusal:
        form.add_error("password", refusal.text)
    except Refusal as refusal:
        refused = refusal
        form.add_error("code", refusal.text)
    answer = _state(request, person, form=form, status=refused.status if refused else 422)
    return with_headers(answer, refused)


def _state(request: HttpRequest, person: User, *, form: ProofForm | None = None, status: int = 200) -> HttpResponse:
    page = {"form": form or ProofForm(), "left": second_factors.recovery_codes_left(person.pk)}
    return render(request, "accounts/second_factor.html", page, status=status)


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Shown once, on an answer that no browser keeps."""
    pairs = [f"{code[:4]} {code[4:]}" for code in codes]
    answer = render(request, "accounts/recovery_codes.html", {"codes": pairs})
    answer["Cache-Control"] = "no-store"
    return answer


def _key(request: HttpRequest) -> str:
    if KEY not in request.session:
        request.session[KEY] = seal(second_factors.new_secret())
    return unseal(request.session[KEY])
