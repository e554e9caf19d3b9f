"""Evidence behind a rate: a few of its cases, drawn at random by a seed.

Days, and the people of a day, are drawn by how many cases the projections count there. Of each such cell some
submissions are looked at through the index of a project's time, from a random moment of the day on; nothing walks over
more than that. People only narrow the search; no sample tells who they are.
"""

import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from apps.predictions.models import Prediction
from apps.review.models import ObjectDay, VerdictDay, VerdictKind

from .samples_sql import OBJECTS, SUGGESTIONS, VERDICTS
from .sums import Asked, days_of, suggestion_days

SHOWN = 6
OBJECT_OUTCOMES = ("kept", "changed", "removed", "returned")
SUGGESTION_OUTCOMES = ("accepted", "edited", "rejected", "missed")
VERDICT_OUTCOMES = {
    "first_accept": Q(is_first=True, verdict=VerdictKind.ACCEPT),
    "first_fix": Q(is_first=True, verdict=VerdictKind.FIX),
    "first_reject": Q(is_first=True, verdict=VerdictKind.REJECT),
    "wanting": ~Q(verdict=VerdictKind.ACCEPT),
}
OUTCOMES = {
    "objects": OBJECT_OUTCOMES,
    "suggestions": SUGGESTION_OUTCOMES,
    "verdicts": tuple(VERDICT_OUTCOMES),
}
# The verdicts under which an object can have come to an outcome.
VERDICTS_OF = {
    "kept": [VerdictKind.ACCEPT, VerdictKind.FIX],
    "changed": [VerdictKind.FIX],
    "removed": [VerdictKind.FIX],
    "returned": [VerdictKind.REJECT],
    "first_accept": [VerdictKind.ACCEPT],
    "first_fix": [VerdictKind.FIX],
    "first_reject": [VerdictKind.REJECT],
    "wanting": [VerdictKind.FIX, VerdictKind.REJECT],
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Cases of an outcome; `reason` None means any, "" that none was given."""

    asked: Asked
    of: str
    outcome: str
    version: UUID | None = None
    band: int | None = None
    reason: str | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A shape of the evidence; `role` is proposed, handed_in or decided."""

    role: str
    type: str
    geometry: dict[str, Any]
    label: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One case: the picture, its shapes, and what was decided (`verdict` is "" while nobody did)."""

    item_id: UUID
    name: str
    width: int
    height: int
    at: Any
    label: UUID | None
    shapes: list[Shown]
    is_whole: bool = False
    verdict: str = ""
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The samples, and how many cases there are of which they were drawn."""

    samples: list[Sample]
    cases: int


@dataclass(frozen=True, slots=True)
class _Cell:
    day: date
    person: UUID | None
    author: UUID | None


def draw(wanted: Wanted, zone: str) -> Drawn:
    """A few cases, the same for the same seed as long as nothing new comes in."""
    dice = random.Random(f"{wanted.of} {wanted.outcome} {wanted.seed}")
    days = dict(_cases(wanted, "day").values_list("day", "cases"))
    if not days:
        return Drawn([], 0)
    drawn_days = dice.choices(list(days), weights=list(days.values()), k=SHOWN)
    cells = _cells(wanted, drawn_days, dice)
    found = _found(wanted, zone, cells, dice)
    return Drawn(_with_proposals(_chosen(cells, found, dice), wanted.asked.project.org_id), sum(days.values()))


def _cases(wanted: Wanted, *sides: str) -> "QuerySet[Any]":
    """How many cases the projections count, by some of their sides."""
    if wanted.of == "objects":
        rows, counted = days_of(wanted.asked, ObjectDay), wanted.outcome
    elif wanted.of == "suggestions":
        rows, counted = _suggestion_days(wanted), wanted.outcome
    else:
        rows, counted = days_of(wanted.asked, VerdictDay).filter(VERDICT_OUTCOMES[wanted.outcome]), "number"
        rows = rows.filter(reason=wanted.reason) if wanted.reason is not None else rows
    return rows.order_by(*sides).values(*sides).annotate(cases=Sum(counted)).filter(cases__gt=0)  # type: ignore[no-any-return]


def _suggestion_days(wanted: Wanted) -> "QuerySet[Any]":
    rows = suggestion_days(wanted.asked)
    if wanted.version:
        rows = rows.filter(model_version_id=wanted.version)
    return rows.filter(band=wanted.band) if wanted.band is not None else rows


def _cells(wanted: Wanted, days: list[date], dice: random.Random) -> list[_Cell]:
    """For each day that was drawn, one of its cells."""
    sides = ("person",) if wanted.of == "suggestions" else ("reviewer", "author")
    there: defaultdict[date, list[tuple[_Cell, int]]] = defaultdict(list)
    rows = _cases(wanted, "day", *sides).filter(day__in=set(days))
    for day, person, *author, cases in rows.values_list("day", *sides, "cases"):
        there[day].append((_Cell(day, person, author[0] if author else person), cases))
    return [
        dice.choices([cell for cell, _ in there[day]], weights=[cases for _, cases in there[day]])[0]
        for day in days
        if there[day]
    ]


def _found(wanted: Wanted, zone: str, cells: list[_Cell], dice: random.Random) -> dict[_Cell, list[Sample]]:
    distinct = list(dict.fromkeys(cells))
    asked = wanted.asked
    values: dict[str, Any] = {
        "org": asked.project.org_id,
        "project": asked.project.pk,
        "zone": zone,
        "seed": str(wanted.seed),
        "days": [cell.day for cell in distinct],
        "people": [cell.person for cell in distinct],
        "authors": [cell.author for cell in distinct],
        "dice": [dice.random() for _ in distinct],
        "label": asked.label,
        "recipe": asked.recipe,
        "outcome": wanted.outcome,
        "verdicts": [str(kind) for kind in VERDICTS_OF.get(wanted.outcome, [])],
        "first": wanted.outcome.startswith("first_"),
        "reason": wanted.reason,
        "version": wanted.version,
        "band": wanted.band,
        "shown": SHOWN,
    }
    statement = {"objects": OBJECTS, "suggestions": SUGGESTIONS, "verdicts": VERDICTS}[wanted.of]
    found: defaultdict[_Cell, list[Sample]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description]
        for row in cursor.fetchall():
            told = dict(zip(names, row, strict=True))
            found[distinct[told.pop("cell") - 1]].append(_sample(told))
    return found


def _sample(told: dict[str, Any]) -> Sample:
    shapes = [_shown(shape) for shape in json.loads(told.pop("shapes"))]  # Django leaves what is JSON as text
    return Sample(shapes=shapes, **told)


def _shown(shape: dict[str, Any]) -> Shown:
    label = UUID(shape["label"]) if shape.get("label") else None
    return Shown(shape["role"], shape.get("type") or "", shape.get("geometry") or {}, label)


def _chosen(cells: list[_Cell], found: dict[_Cell, list[Sample]], dice: random.Random) -> list[Sample]:
    """As many of each cell as it was drawn, then others while there is room."""
    first: list[Sample] = []
    rest: list[Sample] = []
    for cell, times in Counter(cells).items():
        first += found.get(cell, [])[:times]
        rest += found.get(cell, [])[times:]
    dice.shuffle(rest)
    return (first + rest)[:SHOWN]


def _with_proposals(samples: list[Sample], org_id: UUID) -> list[Sample]:
    """A proposed shape names its prediction; here it gets its outline."""
    named = {shape.geometry["prediction"] for one in samples for shape in one.shapes if "prediction" in shape.geometry}
    if not named:
        return samples
    rows = Prediction.objects.filter(org_id=org_id, pk__in=named).values_list("pk", "type", "geometry", "label_id")
    known = {str(pk): Shown("proposed", kind, geometry, label) for pk, kind, geometry, label in rows}
    for one in samples:
        outlines = [known.get(shape.geometry.get("prediction", ""), shape) for shape in one.shapes]
        one.shapes[:] = [shape for shape in outlines if shape.type]
    return samples
