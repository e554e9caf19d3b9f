"""Work in flight, for who gives it out: what waits, was given, is held, is to be decided; by stage and by person.

Nothing is counted further than `MOST_COUNTED`; lists come in keyset pages.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import Now

from apps.accounts.access import WORKERS
from apps.accounts.selectors import live_memberships
from apps.core.tenancy import active_tenant
from apps.distribution.models import PipelineRun, RunState, SkillGrant, Task, TaskState
from apps.pipelines.models import HUMAN_KINDS, Stage
from apps.projects.models import Project

from .workforce import MOST_COUNTED, loads_of

GOING = (RunState.FILLING, RunState.RUNNING, RunState.PAUSED, RunState.DRAINING)
MOST_STAGES = 12
A_PAGE = 25

COUNTS = """
SELECT s.id,
  (SELECT count(*) FROM (SELECT FROM task t WHERE t.org_id = %(owner)s AND t.project_id = %(project)s
     AND t.stage_id = s.id AND t.state = 'ready' AND t.preferred_person IS NULL LIMIT %(most)s) waits),
  (SELECT count(*) FROM (SELECT FROM task t WHERE t.org_id = %(owner)s AND t.project_id = %(project)s
     AND t.stage_id = s.id AND t.state = 'ready' AND t.preferred_person IS NOT NULL LIMIT %(most)s) kept),
  (SELECT count(*) FROM (SELECT FROM task t WHERE t.org_id = %(owner)s AND t.project_id = %(project)s
     AND t.stage_id = s.id AND t.state = 'leased' LIMIT %(most)s) held),
  (SELECT count(*) FROM (SELECT FROM task t WHERE t.org_id = %(owner)s AND t.project_id = %(project)s
     AND t.stage_id = s.id AND t.state = 'skipped' LIMIT %(most)s) skipped)
FROM unnest(%(stages)s::uuid[]) AS s(id)
"""


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage of people; `kept` waits for one person each."""

    stage: Stage
    waits: int
    kept: int
    held: int
    skipped: int


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One of the acting organization's people, with the stages where they have something: title, held, kept."""

    id: UUID
    name: str
    skills: list[str]
    held: int
    kept: int
    stages: list[tuple[str, int, int]]


def stages_on_floor(project: Project) -> list[Stage]:
    """Stages of people of the runs that go on, as far as the engagement shares them."""
    runs = PipelineRun.objects.filter(project=project, state__in=GOING).values("pipeline_version_id")
    rows = Stage.objects.filter(project=project, pipeline_version__in=runs, kind__in=HUMAN_KINDS)
    rows = rows.exclude(pk__in=active_tenant().closed)
    return list(rows.order_by("-pipeline_version_id", "position")[:MOST_STAGES])


def stage_lines(project: Project, stages: list[Stage]) -> list[StageLine]:
    """With their numbers, by one statement."""
    values: dict[str, Any] = {
        "owner": project.org_id,
        "project": project.pk,
        "stages": [stage.pk for stage in stages],
        "most": MOST_COUNTED + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, values)
        numbers = {stage: counts for stage, *counts in cursor.fetchall()}
    return [StageLine(stage, *numbers[stage.pk]) for stage in stages]


def people_on_floor(stages: list[Stage], after: UUID | None) -> tuple[list[PersonLine], UUID | None]:
    """A page of people who may hold tasks, in the order in which they joined, and where the next one begins."""
    skills = SkillGrant.objects.filter(user_id=OuterRef("user_id")).order_by("skill").values("skill")
    rows = live_memberships().filter(role__in=WORKERS).annotate(skills=ArraySubquery(skills)).order_by("pk")
    if after:
        rows = rows.filter(pk__gt=after)
    found = list(rows[: A_PAGE + 1])
    shown = found[:A_PAGE]
    loads = loads_of([row.user_id for row in shown], stages)
    lines = []
    for row in shown:
        has = [(stage.title, *loads[row.user_id, stage.pk]) for stage in stages]
        held, kept = sum(one[1] for one in has), sum(one[2] for one in has)
        own = [one for one in has if one[1] or one[2]]
        lines.append(PersonLine(row.user_id, row.user.name, row.skills, held, kept, own))
    return lines, shown[-1].pk if len(found) > A_PAGE else None


def held_on(project: Project) -> "QuerySet[Task]":
    """Tasks that somebody holds, with whether their time is over."""
    rows: QuerySet[Task] = Task.objects.filter(org_id=project.org_id, project=project, state=TaskState.LEASED)
    return rows.select_related("stage", "unit__item").annotate(now=Now())


def skipped_on(project: Project) -> "QuerySet[Task]":
    """Tasks that were laid before a manager."""
    rows: QuerySet[Task] = Task.objects.filter(org_id=project.org_id, project=project, state=TaskState.SKIPPED)
    return rows.select_related("stage", "unit__item")
