"""Signing in and out, the way home, and the demo's switch."""

from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from apps.accounts import demo
from apps.accounts.forms import SignInForm
from apps.accounts.homes import home_of
from apps.accounts.models import User
from apps.accounts.selectors import UseSingleSignOn, enforcing_places, first_run_waits, member_by_session, places_of
from apps.accounts.services import WrongCredentials, has_second_factor, prove_by_password, require_way_in
from apps.accounts.sessions import open_session, through_of
from apps.core.access import PUBLIC, SIGNED_IN, allow
from apps.core.answers import with_headers
from apps.core.errors import NotFound, Refusal
from apps.core.tenancy import tenant_tx
from apps.core.throttle import address_of

from .second_step import wait_for_code


@allow(get=PUBLIC, post=PUBLIC)
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, and its answer: on to where the person wanted to go."""
    if first_run_waits():
        return redirect("first_run")
    form = SignInForm(request.POST or None)
    wanted, refusal = request.POST.get("next") or request.GET.get("next", ""), None
    if request.method == "POST" and form.is_valid():
        try:
            return _signed_in(request, form, wanted)
        except WrongCredentials:
            form.add_error(None, _("The address or the password is not right. Try again."))
        except Refusal as refused:
            refusal = refused
            form.add_error(None, refused.text)
    way = (refusal.details or {}).get("organization", "") if refusal else ""
    page = {"form": form, "next": wanted, "organization": way}
    status = (refusal.status if refusal else 422) if form.errors else 200
    answer = render(request, "accounts/sign_in.html", page, status=status)
    return with_headers(answer, refusal)


def _signed_in(request: HttpRequest, form: SignInForm, wanted: str) -> HttpResponse:
    values = form.cleaned_data
    person = prove_by_password(email=values["email"], password=values["password"], address=address_of(request))
    require_way_in(person_id=person.pk)
    if has_second_factor(person.pk):
        return wait_for_code(request, person, safe_address(request, wanted))
    open_session(request, person)
    return redirect(safe_address(request, wanted))


@allow(post=PUBLIC)
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, and have the browser forget the drafts that the editor kept in it."""
    logout(request)
    answer = redirect("/sign-in")
    answer["Clear-Site-Data"] = '"storage"'
    return answer


@allow(get=SIGNED_IN)
def home(request: HttpRequest) -> HttpResponse:
    """To where the person's role begins, in the organization that the address names or in their first."""
    person, through = cast(User, request.user).id, through_of(request.session)
    slugs = [place.slug for place in places_of(person, through)]
    closed = set() if through else {place.slug for place in enforcing_places(person)}
    wanted = request.GET.get("org", "")
    if wanted not in slugs:
        wanted = next(iter([slug for slug in slugs if slug not in closed] or slugs), "")
    try:
        member = member_by_session(person, wanted, through)
    except UseSingleSignOn:
        # Not straight on: the policy lets no form that was sent here end at another site.
        return redirect(reverse("choose_single_sign_on") + "?" + urlencode({"organization": wanted}))
    if member is None:
        return render(request, "accounts/nowhere.html", status=403)
    with tenant_tx(member.context):
        return redirect(home_of(member) or reverse("projects:list", kwargs={"org": member.context.org_slug}))


@allow(post=PUBLIC)
def view_as(request: HttpRequest) -> HttpResponse:
    """Become another of the demo's people; not there outside the demo."""
    emails = {person.email for person in demo.SIGN_INS}
    if not settings.DEMO or request.POST.get("email") not in emails:
        raise NotFound
    open_session(request, User.objects.get(email=request.POST["email"]))
    return redirect("/")


def safe_address(request: HttpRequest, address: str) -> str:
    """Where somebody wanted to go, if that is on this site; else home."""
    hosts = {request.get_host()}
    return address if url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure()) else "/"
