"""The acting organization's people as hands for a stage: who may work there, what they can, how much they have."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from apps.accounts.access import left_by
from apps.accounts.models import Engagement, EngagementState, Membership
from apps.accounts.selectors import engagements_seen, live_memberships
from apps.core.access import gate
from apps.core.roles import Role
from apps.core.tenancy import active_tenant
from apps.distribution.models import SkillGrant
from apps.pipelines.models import Stage, StageKind

MOST_PEOPLE = 500
# Nobody's load is counted further: beyond it one has enough.
MOST_COUNTED = 1000
ACTS = {StageKind.LABEL: ("task.claim", "task.work"), StageKind.REVIEW: ("task.claim", "review.decide")}
TAKERS = {
    StageKind.LABEL: frozenset({Role.ANNOTATOR, Role.REVIEWER, Role.MANAGER, Role.OWNER}),
    StageKind.REVIEW: frozenset({Role.REVIEWER, Role.MANAGER, Role.OWNER}),
}

LOADS = """
SELECT p.id, s.id,
  (SELECT count(*) FROM (SELECT FROM task t WHERE t.org_id = %(owner)s AND t.holder = p.id AND t.state = 'leased'
     AND t.stage_id = s.id LIMIT %(most)s) held),
  (SELECT count(*) FROM (SELECT FROM task t WHERE t.org_id = %(owner)s AND t.preferred_person = p.id
     AND t.stage_id = s.id AND t.state = 'ready' LIMIT %(most)s) kept)
FROM unnest(%(people)s::uuid[]) AS p(id), unnest(%(stages)s::uuid[]) AS s(id)
"""
# Read through each person's own line of the record.
ACTIVE = """
SELECT p.id FROM unnest(%(people)s::uuid[]) AS p(id)
WHERE EXISTS (SELECT FROM activity_event e WHERE e.org_id = %(owner)s AND e.actor_id = p.id
  AND e.at > clock_timestamp() - interval '24 hours' AND e.project_id = %(project)s)
"""


@dataclass(slots=True)
class Worker:
    """One person: their skills, how many tasks of the stage they hold, and how many wait for them alone."""

    id: UUID
    name: str
    role: str
    skills: frozenset[str] = frozenset()
    held: int = 0
    kept: int = 0

    @property
    def load(self) -> int:
        """Both together."""
        return self.held + self.kept


@dataclass(frozen=True, slots=True)
class Workforce:
    """Everybody who is a member, and of them who may work at the stage, whatever skill it asks for."""

    members: dict[UUID, str] = field(default_factory=dict)
    workers: dict[UUID, Worker] = field(default_factory=dict)

    def with_skill(self, skill: str | None) -> list[Worker]:
        """Those who have it; all where none is needed."""
        return [one for one in self.workers.values() if skill is None or skill in one.skills]


def workforce_for(stage: Stage, only: Collection[UUID] | None = None) -> Workforce:
    """Of the acting organization; `only` narrows it to some people."""
    rows = live_memberships().select_related("custom_role").order_by("user__name", "pk")
    if only is not None:
        rows = rows.filter(user_id__in=only)
    found = list(rows[:MOST_PEOPLE])
    roles = _roles_at(stage)
    able = [one for one in found if one.role in roles and _may_act(one, stage)]
    people = [one.user_id for one in able]
    skills, loads = skills_of(people), loads_of(people, [stage])
    workers = {
        one.user_id: Worker(
            one.user_id, one.user.name, one.role, skills.get(one.user_id, frozenset()), *loads[one.user_id, stage.pk]
        )
        for one in able
    }
    return Workforce({one.user_id: one.user.name for one in found}, workers)


def skills_of(people: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """What people of the acting organization can."""
    grants: dict[UUID, set[str]] = {}
    rows = SkillGrant.objects.filter(user_id__in=list(people)).values_list("user_id", "skill")
    for person, skill in rows:
        grants.setdefault(person, set()).add(skill)
    return {person: frozenset(skills) for person, skills in grants.items()}


def loads_of(people: list[UUID], stages: list[Stage]) -> dict[tuple[UUID, UUID], tuple[int, int]]:
    """How many tasks of each stage each person holds, and how many wait for them, counted to a bound."""
    if not people or not stages:
        return {}
    values: dict[str, Any] = {
        "owner": stages[0].org_id,
        "people": people,
        "stages": [stage.pk for stage in stages],
        "most": MOST_COUNTED,
    }
    with connection.cursor() as cursor:
        cursor.execute(LOADS, values)
        return {(person, stage): (held, kept) for person, stage, held, kept in cursor.fetchall()}


def active_lately(people: list[UUID], stage: Stage) -> set[UUID]:
    """Who of them did anything in the stage's project in the last 24 hours."""
    values: dict[str, Any] = {"people": people, "owner": stage.org_id, "project": stage.project_id}
    with connection.cursor() as cursor:
        cursor.execute(ACTIVE, values)
        return {person for (person,) in cursor.fetchall()}


def _roles_at(stage: Stage) -> frozenset[str]:
    """The roles that a stage takes of the acting organization; as `app.stage_takes` has it, within the engagement."""
    roles = frozenset(stage.roles) or TAKERS[StageKind(stage.kind)]
    if stage.org_id == active_tenant().org_id:
        return roles
    engaged = _engagement(stage)
    return roles & frozenset(engaged.roles) if engaged else frozenset()


def _engagement(stage: Stage) -> Engagement | None:
    rows = engagements_seen().filter(
        Q(starts_at=None) | Q(starts_at__lte=Now()),
        Q(ends_at=None) | Q(ends_at__gt=Now()),
        vendor_id=active_tenant().org_id,
        project_id=stage.project_id,
        state=EngagementState.ACTIVE,
    )
    row: Engagement | None = rows.first()
    return row if row and (not row.stages or stage.key in row.stages) else None


def _may_act(member: Membership, stage: Stage) -> bool:
    """What the table grants the role, and the custom role leaves of it."""
    leaves = None if member.custom_role is None else left_by(member.custom_role.actions)
    owns = stage.org_id == active_tenant().org_id
    for action in ACTS[StageKind(stage.kind)]:
        grant = gate.table[action]
        if member.role not in (grant.own if owns else grant.engaged) or (leaves is not None and action not in leaves):
            return False
    return True
