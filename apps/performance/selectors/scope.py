"""What a question about performance is about: a project, its days, its stages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from apps.pipelines.models import HUMAN_KINDS, StageKind
from apps.projects.models import Project

CLOCK = """
SELECT o.timezone, m.at FROM organization o LEFT JOIN figure_mark m ON m.org_id = o.id WHERE o.id = %s
"""
# The newest version's titles come first: keys sort by time.
STAGES = """
SELECT o.timezone, m.at, s.id, s.key, s.kind, s.title
FROM organization o LEFT JOIN figure_mark m ON m.org_id = o.id
LEFT JOIN stage s ON s.org_id = o.id AND s.project_id = %(project)s AND s.kind = ANY(%(kinds)s)
  AND s.id <> ALL(app.closed())
WHERE o.id = %(org)s ORDER BY s.pipeline_version_id DESC, s.position
"""


@dataclass(frozen=True, slots=True)
class Clock:
    """The owner's calendar, and when its figures were last brought up to date (only the owner is told)."""

    zone: ZoneInfo
    folded_at: datetime | None

    @property
    def today(self) -> date:
        """There."""
        return timezone.now().astimezone(self.zone).date()


def clock_of(org_id: UUID) -> Clock:
    """An organization's."""
    with connection.cursor() as cursor:
        cursor.execute(CLOCK, [org_id])
        zone, folded_at = cursor.fetchone() or ("UTC", None)
    return Clock(ZoneInfo(zone), folded_at)


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage through all versions of the pipeline: known by its key, named as in the newest."""

    key: str
    title: str
    reviews: bool
    ids: list[UUID]


def clock_and_stages(project: Project) -> tuple[Clock, list[StageLine]]:
    """The owner's calendar, and the stages at which people work."""
    found: dict[str, StageLine] = {}
    with connection.cursor() as cursor:
        cursor.execute(STAGES, {"org": project.org_id, "project": project.pk, "kinds": list(HUMAN_KINDS)})
        rows = cursor.fetchall()
    for *_clock, pk, key, kind, title in rows:
        if pk is not None:
            line = StageLine(key, title or str(StageKind(kind).label), kind == StageKind.REVIEW, [])
            found.setdefault(key, line).ids.append(pk)
    zone, folded_at, *_rest = rows[0]
    return Clock(ZoneInfo(zone), folded_at), sorted(found.values(), key=lambda line: line.reviews)


@dataclass(frozen=True, slots=True)
class Scope:
    """A project between two days (both belong to it), at some of its stages."""

    project: Project
    first: date
    last: date
    stages: list[StageLine]

    def values(self) -> dict[str, Any]:
        """For the statements of this app."""
        labelling = [line for line in self.stages if not line.reviews] or self.stages
        return {
            "org": self.project.org_id,
            "project": self.project.pk,
            "first": self.first,
            "last": self.last,
            "stages": ids_of(labelling),
            "reviewing": ids_of(line for line in self.stages if line.reviews),
            "ids": ids_of(self.stages),
            "keys": [line.key for line in self.stages for _ in line.ids],
        }


def ids_of(stages: Iterable[StageLine]) -> list[UUID]:
    """All of their ids."""
    return [one for line in stages for one in line.ids]
