"""The page of one person's skills, reached from the people of the organization."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.selectors import live_memberships
from apps.core.access import allow
from apps.core.errors import NotFound, Refusal
from apps.distribution.selectors.skills import skills_asked_for, skills_of_member, skills_tag
from apps.distribution.services.skills import LONGEST_NAME, set_skills


@allow(get="member.list", post="skill.grant")
def member_skills(request: HttpRequest, org: str, membership_id: UUID) -> HttpResponse:
    """What the person can, and what stages at work ask for; a POST sets it."""
    member = live_memberships().filter(pk=membership_id).first()
    if member is None:
        raise NotFound
    refused = ""
    if request.method == "POST":
        wanted = [*request.POST.getlist("skills"), *filter(str.strip, [request.POST.get("another", "")])]
        try:
            with transaction.atomic():
                set_skills(membership=member, skills=wanted, seen=request.POST.get("seen", ""))
        except Refusal as refusal:
            refused = refusal.text
        else:
            messages.success(request, _("Saved."))
            return redirect("distribution:skills", org=org, membership_id=membership_id)
    has, asked = skills_of_member(member), skills_asked_for()
    page = {
        "here": "people",
        "member": member,
        "choices": [(skill, skill in has, skill in asked) for skill in sorted({*has, *asked})],
        "seen": skills_tag(member, has),
        "another": request.POST.get("another", "") if refused else "",
        "longest": LONGEST_NAME,
        "refused": [refused] if refused else [],
    }
    return render(request, "distribution/skills.html", page, status=422 if refused else 200)
