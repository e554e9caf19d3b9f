"""Skills of people, skills that stages ask for, and what somebody lacks."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from apps.accounts.models import Membership
from apps.accounts.selectors import Member
from apps.core.etags import etag_of
from apps.distribution.models import PipelineRun, RunState, SkillGrant
from apps.pipelines.models import HUMAN_KINDS, Stage

MOST_STAGES = 200
AT_WORK = (RunState.FILLING, RunState.RUNNING, RunState.PAUSED, RunState.DRAINING)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A stage that is closed to somebody until they have a skill."""

    project: str
    stage: str
    skill: str


def skills_of_member(membership: Membership) -> list[str]:
    """By name."""
    grants = SkillGrant.objects.filter(user_id=membership.user_id)
    return list(grants.order_by("skill").values_list("skill", flat=True))


def skills_tag(membership: Membership, skills: Iterable[str]) -> str:
    """The ETag of a person's skills."""
    return etag_of({"id": str(membership.pk), "skills": sorted(skills)})


def skills_asked_for() -> list[str]:
    """The names that stages at work ask for, by name."""
    rows = stages_asking().values_list("settings__skill", flat=True)
    return sorted(set(rows[:MOST_STAGES]))


def lacking_of(member: Member, kinds: Iterable[str]) -> list[Lacking]:
    """Stages at work that take the person's role and ask for a skill that they have not."""
    has = SkillGrant.objects.filter(user_id=member.id).values("skill")
    rows = stages_asking().filter(kind__in=list(kinds)).annotate(asked=KT("settings__skill")).exclude(asked__in=has)
    found = rows.select_related("project").order_by("-pk")[:MOST_STAGES]
    return [
        Lacking(stage.project.name, stage.title, stage.settings["skill"])
        for stage in found
        if not stage.roles or member.role in stage.roles
    ]


def stages_asking() -> "QuerySet[Stage]":
    """Stages of people of runs at work that ask for a skill."""
    runs = PipelineRun.objects.filter(state__in=AT_WORK).values("pipeline_version_id")
    stages: QuerySet[Stage] = Stage.objects.filter(
        kind__in=HUMAN_KINDS, pipeline_version__in=runs, project__deleted_at=None, settings__skill__isnull=False
    )
    return stages.exclude(settings__skill=None)
