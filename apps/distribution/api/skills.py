"""Skills of the organization's people."""

from typing import Any
from uuid import UUID

from apps.accounts.models import Membership
from apps.accounts.selectors import live_memberships
from apps.core.answers import Result, answer
from apps.core.errors import NotFound
from apps.core.etags import require_current
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.distribution.selectors.skills import skills_of_member, skills_tag
from apps.distribution.services.skills import set_skills


class SkillsIn(Struct):
    skills: list[str]


class SkillsOut(Answer):
    skills: list[str]


class MemberSkills(Api):
    @operation("member.list", "A person's skills.", answers={200: SkillsOut})
    def get(self, request: Any, org: str, membership_id: UUID) -> Result:
        """With their ETag."""
        member = _member(membership_id)
        return _answer(member, skills_of_member(member))

    @operation(
        "skill.grant",
        "Say what a person can; needs If-Match.",
        body=SkillsIn,
        answers={200: SkillsOut},
        conditional=True,
    )
    def put(self, request: Any, org: str, membership_id: UUID, body: SkillsIn) -> Result:
        """What the person holds that asks for a skill they lose goes back to the queue."""
        member = _member(membership_id)
        seen = request._request.headers.get("If-Match")
        if seen is None:
            require_current(seen, "")
        return _answer(member, set_skills(membership=member, skills=body.skills, seen=seen))


def _member(membership_id: UUID) -> Membership:
    row = live_memberships().filter(pk=membership_id).first()
    if row is None:
        raise NotFound
    return row


def _answer(member: Membership, skills: list[str]) -> Result:
    return answer(200, SkillsOut(skills=skills), ETag=skills_tag(member, skills))
