"""Signing in and out, the way home, and the demo's switch."""

from typing import cast

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from apps.core.access import PUBLIC, SIGNED_IN, allow
from apps.core.errors import NotFound

from . import demo
from .access import WORKERS
from .forms import SignInForm
from .models import User
from .selectors import places_of

BACKEND = "apps.accounts.sign_in.EmailBackend"


@allow(get=PUBLIC, post=PUBLIC)
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, and its answer: on to where the person wanted to go."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.user:
        login(request, form.user, backend=BACKEND)
        return redirect(_safe(request, request.POST.get("next", "")))
    status = 422 if form.errors else 200
    return render(request, "accounts/sign_in.html", {"form": form, "next": request.GET.get("next", "")}, status=status)


@allow(post=PUBLIC)
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and have the browser forget the drafts that the editor kept in it."""
    logout(request)
    answer = redirect("/sign-in")
    answer["Clear-Site-Data"] = '"storage"'
    return answer


@allow(get=SIGNED_IN)
def home(request: HttpRequest) -> HttpResponse:
    """To the person's first organization: to their work, or to the projects where their role takes no tasks."""
    places = places_of(cast(User, request.user).id)
    if not places:
        return render(request, "accounts/nowhere.html", status=403)
    page = "distribution:my_work" if places[0].role in WORKERS else "projects:list"
    return redirect(page, org=places[0].slug)


@allow(post=PUBLIC)
def view_as(request: HttpRequest) -> HttpResponse:
    """Become another of the demo's people; not there outside the demo."""
    emails = {person.email for person in demo.SIGN_INS}
    if not settings.DEMO or request.POST.get("email") not in emails:
        raise NotFound
    login(request, User.objects.get(email=request.POST["email"]), backend=BACKEND)
    return redirect("/")


def _safe(request: HttpRequest, address: str) -> str:
    hosts = {request.get_host()}
    return address if url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure()) else "/"
