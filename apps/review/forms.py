"""What a quality page, a CSV file and the API may be asked: a range of days, a label, a recipe, a goal."""

import datetime
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.utils import timezone

from apps.accounts.models import Organization
from apps.core.errors import Invalid
from apps.core.json import Struct
from apps.projects.models import Project

from .models import VerdictReason
from .selectors.samples import OUTCOMES, Wanted
from .selectors.sums import Asked

NO_REASON = "none"
USUAL = timedelta(days=27)  # with today, four weeks
LONGEST = timedelta(days=366)
EARLIEST = datetime.date(2000, 1, 1)  # before which nobody worked here, nor can every range be reckoned


class RangeRefused(Invalid):
    code = "invalid_range"
    message = f"Ask for a range from {EARLIEST.year} on that begins before it ends, of at most {LONGEST.days} days."


class GoalRefused(Invalid):
    code = "invalid_goal"
    message = "A goal is a share in per cent, above 0 and below 100."


class QualityIn(Struct):
    """Days are those of the owner's zone, both inclusive: by default four weeks until today. `goal` is in per cent."""

    since: datetime.date | None = None
    until: datetime.date | None = None
    label: UUID | None = None
    recipe: UUID | None = None
    goal: float | None = None


def asked_of(project: Project, query: QualityIn) -> Asked:
    """What is asked, with what was left out filled in. Raises RangeRefused."""
    until = query.until or today_of(project)
    if until < EARLIEST:
        raise RangeRefused(field="until")
    since = query.since or until - USUAL
    if since > until or until - since > LONGEST:
        raise RangeRefused(field="since")
    return Asked(project, since, until, query.label, query.recipe)


def goal_of(query: QualityIn) -> float | None:
    """The goal as a share. Raises GoalRefused."""
    if query.goal is not None and not 0 < query.goal < 100:
        raise GoalRefused(field="goal")
    return query.goal / 100 if query.goal is not None else None


def today_of(project: Project) -> datetime.date:
    """The day that it is where the project's owner is."""
    return timezone.localdate(timezone=zone_of(project))


def zone_of(project: Project) -> ZoneInfo:
    """The zone that the days of a project's figures are of."""
    return ZoneInfo(Organization.objects.values_list("timezone", flat=True).get(pk=project.org_id))


class EvidenceIn(QualityIn):
    """Which cases: what of (objects, suggestions or verdicts), their outcome, and what narrows them.

    `reason` is a verdict's, or `none`. The same seed draws the same cases as long as nothing new comes in.
    """

    of: Literal["objects", "suggestions", "verdicts"] = "objects"
    outcome: str = ""
    version: UUID | None = None
    band: Annotated[int, msgspec.Meta(ge=0, le=9)] | None = None
    reason: str = ""
    seed: int = 1


class OutcomeRefused(Invalid):
    code = "invalid_outcome"
    message = "There is no such outcome of what evidence is asked of."


def wanted_of(asked: Asked, query: EvidenceIn) -> Wanted:
    """The cases that are asked for. Raises OutcomeRefused."""
    outcomes = OUTCOMES[query.of]
    outcome = query.outcome or outcomes[0]
    if outcome not in outcomes or (query.reason and query.reason not in {*VerdictReason.values, NO_REASON}):
        raise OutcomeRefused(field="outcome")
    reason = "" if query.reason == NO_REASON else query.reason or None
    return Wanted(asked, query.of, outcome, query.version, query.band, reason, query.seed)
