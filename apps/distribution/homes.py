"""Where annotators and engineers begin."""

from django.urls import reverse

from apps.accounts.selectors import Member
from apps.projects.selectors import projects_seen


def my_work(member: Member) -> str:
    """What an annotator can do now."""
    return reverse("distribution:my_work", kwargs={"org": member.context.org_slug})


def only_project(member: Member) -> str:
    """The project of an engineer who has one, else their list."""
    found = list(projects_seen().values_list("pk", flat=True)[:2])
    if len(found) == 1:
        return reverse("distribution:overview", kwargs={"org": member.context.org_slug, "project_id": found[0]})
    return reverse("projects:list", kwargs={"org": member.context.org_slug})
