"""Pages of engagements: what is shared with vendors, what customers share with us, and one of them with its history."""

import datetime
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import engaged, selectors, services
from apps.accounts.forms import OfferForm, ScopeForm
from apps.accounts.models import Engagement, EngagementState
from apps.accounts.services import Scope
from apps.accounts.sharing import Shareable, shareable
from apps.accounts.told import card_of, steps_of
from apps.core.access import allow, gate
from apps.core.errors import NotFound, Refusal
from apps.core.etags import etag_of
from apps.core.roles import Role
from apps.core.tenancy import active_tenant

MOST = 200
ORDER: list[str] = [EngagementState.OFFERED, EngagementState.ACTIVE, EngagementState.ENDED]
A_DAY = datetime.timedelta(days=1)


@allow(get="engagement.list")
def engagements(request: HttpRequest, org: str) -> HttpResponse:
    """Both sides, what waits for an answer first."""
    rows = sorted(selectors.engagements_seen().order_by("-id")[:MOST], key=lambda row: ORDER.index(row.state))
    names = selectors.organization_names(one for row in rows for one in (row.org_id, row.vendor_id) if one)
    zone = engaged.own_zone()
    cards = [card_of(row, names, zone) for row in rows]
    page = {
        "here": "engagements",
        "shared": [card for card in cards if card["is_ours"]],
        "received": [card for card in cards if not card["is_ours"]],
    }
    return render(request, "accounts/engagements.html", page)


@allow(get="engagement.list", post="engagement.edit")
def engagement(request: HttpRequest, org: str, engagement_id: UUID) -> HttpResponse:
    """What is shared, what became of it, and, for the customer, the form that changes it."""
    row = engaged.engagement_for(engagement_id)
    form = _form_of(request, row)
    if request.method == "POST":
        gate.require("engagement.edit", active_tenant(), row.org_id)
        if form is None:
            raise NotFound
        if form.is_valid() and _changed(request, row, form):
            return redirect("accounts:engagement", org=org, engagement_id=row.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/engagement.html", _page(row, form), status=status)


@allow(get="engagement.offer", post="engagement.offer")
def share(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """Offer a project to a vendor by its name; the answer is the same whoever has it, or nobody."""
    project = shareable(project_id)
    first = {"roles": Scope().roles}
    form = OfferForm(request.POST or None, initial=first, stages=_stages(project))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                offered = services.offer_engagement(
                    project_id=project.id, vendor=form.cleaned_data["vendor"], scope=_scope(form)
                )
            messages.success(request, _("The project is offered to %(name)s.") % {"name": offered.addressee})
            return redirect("accounts:engagement", org=org, engagement_id=offered.pk)
        except Refusal as refusal:
            _put(form, refusal)
    page = {"here": "engagements", "shared": project, "form": form} | _choices(form)
    return render(request, "accounts/share.html", page, status=422 if form.errors else 200)


@allow(post="engagement.accept")
def acceptance(request: HttpRequest, org: str, engagement_id: UUID) -> HttpResponse:
    """The vendor's yes to the offer as its page showed it."""
    row = engaged.engagement_for(engagement_id)
    accept = partial(services.accept_engagement, seen=request.POST.get("seen"))
    return _done(request, row, accept, _("You work on %(name)s now.") % {"name": row.project_name})


@allow(post="engagement.end")
def ending(request: HttpRequest, org: str, engagement_id: UUID) -> HttpResponse:
    """Either side's no."""
    row = engaged.engagement_for(engagement_id)
    gate.require("engagement.end", active_tenant(), row.org_id)
    return _done(request, row, services.end_engagement, _("This has ended. What was done stays."))


def _done(request: HttpRequest, row: Engagement, act: Callable[..., Engagement], said: str) -> HttpResponse:
    try:
        with transaction.atomic():
            act(engagement=row)
        messages.success(request, said)
    except Refusal as refusal:
        messages.error(request, refusal.text)
    slug = active_tenant().org_slug
    return redirect("accounts:engagement", org=slug, engagement_id=row.pk)


def _form_of(request: HttpRequest, row: Engagement) -> ScopeForm | None:
    """The customer's, while there is something to change: the engagement and its project."""
    if row.org_id != active_tenant().org_id or row.state == EngagementState.ENDED:
        return None
    try:
        return ScopeForm(request.POST or _initial(row), stages=_stages(shareable(row.project_id), row))
    except NotFound:
        return None


def _changed(request: HttpRequest, row: Engagement, form: ScopeForm) -> bool:
    try:
        with transaction.atomic():
            services.change_engagement(engagement=row, seen=request.POST.get("seen", ""), scope=_scope(form))
    except Refusal as refusal:
        _put(form, refusal)
        return False
    messages.success(request, _("Saved. It holds from now on."))
    return True


def _page(row: Engagement, form: ScopeForm | None) -> dict[str, Any]:
    names = selectors.organization_names(one for one in (row.org_id, row.vendor_id) if one)
    page = {
        "here": "engagements",
        "engagement": row,
        "one": card_of(row, names, engaged.own_zone()),
        "steps": steps_of(row, names),
        "form": form,
    }
    return page | {"seen": etag_of(engaged.engagement_state(row))} | (_choices(form) if form else {})


def _choices(form: ScopeForm) -> dict[str, Any]:
    """The form's choices with what is chosen."""
    chosen = {name: set(form[name].value() or []) for name in ("stages", "roles")}
    return {
        "stage_choices": [(key, title, key in chosen["stages"]) for key, title in form.offered],
        "role_choices": [(role.value, role.label, role.value in chosen["roles"]) for role in Role],
    }


def _stages(project: Shareable, row: Engagement | None = None) -> list[tuple[str, str]]:
    """Those of the project, and those that are shared though the newest versions have them no more."""
    kept = {key: key for key in row.stages} if row else {}
    return list((kept | {stage.key: stage.title for stage in project.stages}).items())


def _initial(row: Engagement) -> dict[str, Any]:
    zone = engaged.own_zone()
    last = row.ends_at - datetime.timedelta(microseconds=1) if row.ends_at else None
    return asdict(services.scope_of(row)) | {
        "first_day": row.starts_at.astimezone(zone).date() if row.starts_at else None,
        "last_day": last.astimezone(zone).date() if last else None,
    }


def _scope(form: ScopeForm) -> Scope:
    values, zone = form.cleaned_data, engaged.own_zone()
    first, last = (
        datetime.datetime.combine(day, datetime.time(), zone) if day else None
        for day in (values["first_day"], values["last_day"])
    )
    return Scope(
        stages=values["stages"],
        roles=values["roles"],
        run_models=values["run_models"],
        names_shown=values["names_shown"],
        starts_at=first,
        ends_at=last + A_DAY if last else None,
    )


def _put(form: ScopeForm, refusal: Refusal) -> None:
    named = {"starts_at": "first_day", "ends_at": "last_day"}.get(refusal.field or "", refusal.field)
    form.add_error(named if named in form.fields else None, refusal.text)
