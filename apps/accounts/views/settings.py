"""The page of an organization's own settings."""

from zoneinfo import available_timezones

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import people
from apps.accounts.services import organizations as services
from apps.core.access import allow
from apps.core.errors import Refusal
from apps.core.etags import etag_of


@allow(get="organization.see", post="organization.edit")
def settings_page(request: HttpRequest, org: str) -> HttpResponse:
    """Name and time zone; the slug, which is in every address, stays."""
    row = people.own_organization()
    values, refused = {"name": row.name, "timezone": row.timezone}, ""
    if request.method == "POST":
        values = {name: request.POST.get(name, "") for name in values}
        try:
            with transaction.atomic():
                services.edit_organization(seen=request.POST.get("seen", ""), **values)
            messages.success(request, _("Saved."))
            return redirect("accounts:settings", org=org)
        except Refusal as refusal:
            refused = refusal.text
    page = {
        "here": "settings",
        "organization": row,
        "values": values,
        "zones": sorted(available_timezones()),
        "seen": etag_of(services.organization_state(row)),
        "refused": [refused] if refused else [],
    }
    return render(request, "accounts/settings.html", page, status=422 if refused else 200)
