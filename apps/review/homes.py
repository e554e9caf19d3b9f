"""Where reviewers and auditors begin."""

from django.urls import reverse

from apps.accounts.selectors import Member


def stream(member: Member) -> str:
    """What waits for a verdict, over all projects."""
    return reverse("review:stream", kwargs={"org": member.context.org_slug})


def quality(member: Member) -> str:
    """How good the work is, over all projects."""
    return reverse("review:quality_home", kwargs={"org": member.context.org_slug})
