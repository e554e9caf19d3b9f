"""An owner erases somebody who belongs to no other organization."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.selectors import all_memberships
from apps.core.access import allow
from apps.core.errors import NotFound, Refusal
from apps.records import services


@allow(get="member.erase", post="member.erase")
def member_erasure(request: HttpRequest, org: str, membership_id: UUID) -> HttpResponse:
    """What it means; a POST does it."""
    member = all_memberships().filter(pk=membership_id).first()
    if member is None:
        raise NotFound
    if request.method != "POST":
        return render(request, "records/member_erasure.html", {"member": member, "here": "people"})
    try:
        with transaction.atomic():
            erased = services.erase_member(membership_id=membership_id)
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("%(name)s is erased. What they did stays, as nobody's.") % {"name": erased.name})
    return redirect("accounts:members", org=org)
