"""Where owners and managers begin."""

from django.urls import reverse

from apps.accounts.selectors import Member


def team(member: Member) -> str:
    """Who is at work, on what, and how it goes."""
    return reverse("performance:team", kwargs={"org": member.context.org_slug})
