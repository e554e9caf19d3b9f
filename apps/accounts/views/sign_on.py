"""Signing in through an organization's own provider, and the owner's page that names it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts import selectors
from apps.accounts.forms import ProviderForm
from apps.accounts.models import SingleSignOn
from apps.accounts.selectors import OpenProvider
from apps.accounts.services import sign_on
from apps.accounts.sessions import open_session, through_of
from apps.accounts.single_sign_on import claims_brought_back, lead_to
from apps.core.access import PUBLIC, allow
from apps.core.answers import with_headers
from apps.core.errors import NotFound, Refusal
from apps.core.tenancy import active_tenant
from apps.core.throttle import address_of, count_try, network_of

from .sign_in import safe_address


@allow(get=PUBLIC)
def choose(request: HttpRequest) -> HttpResponse:
    """By an organization's short name to its provider; a link, since the policy lets no form lead off the site."""
    slug = request.GET.get("organization", "").strip().lower()
    provider = _provider(slug) if slug.isascii() and slug.isprintable() else None
    unknown = [_("No organization of this name has a single sign-on.")] if slug and provider is None else []
    page = {"slug": slug, "provider": provider, "next": request.GET.get("next", ""), "unknown": unknown}
    return render(request, "accounts/sign_on.html", page, status=404 if unknown else 200)


@allow(get=PUBLIC)
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """On to the provider."""
    provider = _provider_or_404(slug)
    try:
        count_try("sign-on", network_of(address_of(request)))
        return lead_to(request, provider, safe_address(request, request.GET.get("next", "")))
    except Refusal as refusal:
        return _refused(request, provider, refusal)


@allow(get=PUBLIC)
def back(request: HttpRequest, slug: str) -> HttpResponse:
    """From the provider, into a session that is good for its organization."""
    provider = _provider_or_404(slug)
    try:
        claims, wanted = claims_brought_back(request, provider)
        person = sign_on.person_vouched_for(provider=provider, claims=claims)
    except Refusal as refusal:
        return _refused(request, provider, refusal)
    request.session.flush()  # nothing of whoever was signed in here before goes over
    open_session(request, person, through=provider.org_id)
    return redirect(wanted if wanted != "/" else "/?" + f"org={provider.slug}")


# Both ask another server, for seconds perhaps: no transaction waits meanwhile.
begin.own_transaction = back.own_transaction = True  # type: ignore[attr-defined]


@allow(get="single_sign_on.edit", post="single_sign_on.edit")
def provider(request: HttpRequest, org: str) -> HttpResponse:
    """Name the organization's provider, or change it."""
    row = SingleSignOn.objects.first()
    form, status = ProviderForm(request.POST or None, initial=_initial(row)), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                sign_on.set_provider(**form.asked())
                _leave_if_ended(request)
                messages.success(request, _("The single sign-on is kept. Try it before you enforce it."))
                return redirect("accounts:single_sign_on", org=org)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
    way = reverse("single_sign_on", kwargs={"slug": org})
    page = {
        "form": form,
        "provider": row,
        "here": "people",
        "came_through": _came_through(request),
        "entrance": request.build_absolute_uri(way),
        "return_address": request.build_absolute_uri(reverse("single_sign_on_back", kwargs={"slug": org})),
    }
    return render(request, "accounts/single_sign_on.html", page, status=status)


@allow(post="single_sign_on.edit")
def enforcement(request: HttpRequest, org: str) -> HttpResponse:
    """Let nobody in by another way (`enforced`: yes), or let them again."""
    enforced = request.POST.get("enforced") == "yes"
    try:
        sign_on.enforce_provider(enforced=enforced, came_through=_came_through(request))
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        said = _("Nobody gets in by another way any more.") if enforced else _("Passwords let people in again.")
        messages.success(request, said)
    return redirect("accounts:single_sign_on", org=org)


@allow(post="single_sign_on.edit")
def removal(request: HttpRequest, org: str) -> HttpResponse:
    """Remove the provider; who came through it signs in by password."""
    sign_on.remove_provider()
    _leave_if_ended(request)
    messages.success(request, _("The single sign-on is removed. People sign in by their passwords."))
    return redirect("accounts:single_sign_on", org=org)


def _leave_if_ended(request: HttpRequest) -> None:
    """Whoever came through the former provider has ended their own session too; to save it now would fail."""
    if not request.session.exists(request.session.session_key or ""):
        logout(request)


def _came_through(request: HttpRequest) -> bool:
    return through_of(request.session) == active_tenant().org_id


def _initial(row: SingleSignOn | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {"name": row.name, "issuer": row.issuer, "client_id": row.client_id, "domains": ", ".join(row.domains)}


def _provider(slug: str) -> OpenProvider | None:
    return selectors.provider_of(slug) if slug else None


def _provider_or_404(slug: str) -> OpenProvider:
    found = _provider(slug)
    if found is None:
        raise NotFound
    return found


def _refused(request: HttpRequest, provider: OpenProvider, refusal: Refusal) -> HttpResponse:
    page = {"provider": provider, "message": refusal.text, "slug": provider.slug}
    return with_headers(render(request, "accounts/sign_on.html", page, status=refusal.status), refusal)
