"""Quality in sums: what reviewers left of objects, what people decided about suggestions, and verdicts by week."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncWeek

from apps.pipelines.models import Stage
from apps.projects.models import Project
from apps.review.models import ObjectDay, SuggestionDay, VerdictDay

OBJECTS = ("kept", "changed", "removed", "added", "returned")
SUGGESTIONS = ("accepted", "edited", "rejected", "missed")

Counts = Counter[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which work a figure is about. Days are those of the owner's zone, both inclusive; `recipe` is a version."""

    project: Project
    since: date
    until: date
    label: UUID | None = None
    recipe: UUID | None = None


@dataclass(frozen=True, slots=True)
class Suggested:
    """Whose suggestion it was and how sure the model was of it, in tenths; both None where no model had spoken."""

    label: UUID
    version: UUID | None
    band: int | None


@dataclass(frozen=True, slots=True)
class Given:
    """Verdicts of one kind in the week that begins on a Monday."""

    week: date
    verdict: str
    reason: str
    is_first: bool


def days_of(asked: Asked, model: Any) -> "QuerySet[Any]":
    """The projection's rows that a figure is made of."""
    rows = model.objects.filter(org_id=asked.project.org_id, project=asked.project)
    rows = rows.filter(day__range=(asked.since, asked.until))
    if asked.recipe:
        stages = Stage.objects.filter(org_id=asked.project.org_id, pipeline_version__recipe_version=asked.recipe)
        rows = rows.filter(stage_id__in=stages.values("id"))
    if asked.label and model is not VerdictDay:
        rows = rows.filter(label_id=asked.label)
    return rows  # type: ignore[no-any-return]


def objects_by_label(asked: Asked) -> dict[UUID, Counts]:
    """What became of judged objects, by label."""
    rows = days_of(asked, ObjectDay).order_by().values_list("label_id").annotate(*_sums(OBJECTS))
    return {label: _counts(OBJECTS, numbers) for label, *numbers in rows}


def suggestion_days(asked: Asked) -> "QuerySet[Any]":
    """Work that had suggestions: not that of the held-out arm, nor of a stage where in these days no model spoke."""
    at_all = days_of(replace(asked, label=None), SuggestionDay).exclude(model_version_id=None)
    return days_of(asked, SuggestionDay).filter(held_out=False, stage_id__in=at_all.values("stage_id"))


def suggestions_of(asked: Asked) -> dict[Suggested, Counts]:
    """What people decided about suggestions, and what they drew beside them."""
    rows = suggestion_days(asked).order_by()
    rows = rows.values_list("label_id", "model_version_id", "band").annotate(*_sums(SUGGESTIONS))
    return {Suggested(label, version, band): _counts(SUGGESTIONS, numbers) for label, version, band, *numbers in rows}


def verdicts_of(asked: Asked) -> dict[Given, int]:
    """How many verdicts of each kind were given in each week."""
    rows = days_of(asked, VerdictDay).order_by().annotate(week=TruncWeek("day"))
    rows = rows.values_list("week", "verdict", "reason", "is_first").annotate(Sum("number"))
    return {Given(week, verdict, reason, is_first): number for week, verdict, reason, is_first, number in rows}


def by(sums: dict[Suggested, Counts], name: str) -> dict[Any, Counts]:
    """Sums of suggestions added up over all but one of their sides."""
    added: defaultdict[Any, Counts] = defaultdict(Counter)
    for suggested, counts in sums.items():
        added[getattr(suggested, name)] += counts
    return dict(added)


def total(sums: Iterable[Counts]) -> Counts:
    """All of it."""
    return sum(sums, Counter())


def judged(counts: Counts) -> int:
    """Objects that were handed in and judged: a returned submission's count as judged and not accepted."""
    return counts["kept"] + counts["changed"] + counts["removed"] + counts["returned"]


def decided(counts: Counts) -> int:
    """Suggestions that somebody decided about."""
    return counts["accepted"] + counts["edited"] + counts["rejected"]


def handed_in(counts: Counts) -> int:
    """Objects that were handed in, from a suggestion or by hand."""
    return counts["accepted"] + counts["edited"] + counts["missed"]


def _sums(names: tuple[str, ...]) -> list[Sum]:
    return [Sum(name) for name in names]


def _counts(names: tuple[str, ...], numbers: Iterable[int]) -> Counts:
    return Counter(dict(zip(names, numbers, strict=True)))
