"""What managers say that their people can. A skill is a name; stages ask for it by that name."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from apps.accounts.models import Membership
from apps.activity import services as activity
from apps.core.errors import Invalid
from apps.core.etags import require_current
from apps.core.tenancy import active_tenant
from apps.distribution.models import SkillGrant
from apps.distribution.selectors.skills import skills_tag
from apps.projects.models import Project

from .taking_back import take_back_from

LONGEST_NAME = 60
MOST_SKILLS = 50


class InvalidSkills(Invalid):
    code = "invalid_skills"
    message = f"At most {MOST_SKILLS} skills of 1 to {LONGEST_NAME} characters each."


@transaction.atomic
def set_skills(*, membership: Membership, skills: Collection[str], seen: str | None = None) -> list[str]:
    """These are a person's skills from now on; gives them in order.

    What they hold that asks for one they lose goes back to the queue; their draft stays, and they are told. `seen` is
    the ETag that the caller edits, where there is one. Raises InvalidSkills, PreconditionFailed.
    """
    wanted = {" ".join(skill.split()) for skill in skills}
    if len(wanted) > MOST_SKILLS or any(not 1 <= len(skill) <= LONGEST_NAME for skill in wanted):
        raise InvalidSkills(field="skills")
    # The membership's row is the lock: of two who edit one person's skills, the second sees what the first did.
    Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    grants = SkillGrant.objects.filter(user_id=membership.user_id)
    before = set(grants.values_list("skill", flat=True))
    if seen is not None:
        require_current(seen, skills_tag(membership, before))
    if wanted == before:
        return sorted(wanted)
    grants.filter(skill__in=before - wanted).delete()
    context = active_tenant()
    SkillGrant.objects.bulk_create(
        SkillGrant(org_id=context.org_id, user_id=membership.user_id, skill=skill, granted_by=context.user_id)
        for skill in sorted(wanted - before)
    )
    activity.record_audit(
        "skill.edit",
        membership,
        before=sorted(before),
        after=sorted(wanted),
        given=sorted(wanted - before),
        taken=sorted(before - wanted),
    )
    if lost := before - wanted:
        take_back_from(user_id=membership.user_id, org_id=context.org_id, owners=_owners(), skills=lost)
    return sorted(wanted)


def _owners() -> set[UUID]:
    """Whose tasks the organization's people may hold."""
    context = active_tenant()
    shared = Project.objects.filter(pk__in=context.projects).values_list("org_id", flat=True)
    return {context.org_id, *shared}
