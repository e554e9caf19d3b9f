"""What the quality pages call their figures, and how each is counted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from .models import VerdictReason
from .selectors.names import Names
from .selectors.samples import Sample, Wanted
from .selectors.sums import Asked

WITH_GOAL = {"objects_accepted", "first_pass"}
PILLS = {"meets": "good", "open": "warn", "below": "bad", "wait": "idle"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate at the top of the page; `evidence` is what it is sampled from."""

    title: Any
    of: Any
    evidence: str


@dataclass(frozen=True, slots=True)
class TableWords:
    """`subject` heads the first column, `about` says how the table is counted."""

    title: Any
    subject: Any
    meta: Any
    about: Any


FIGURES = {
    "objects_accepted": Figure(lazy("Objects accepted as submitted"), lazy("objects judged"), "objects"),
    "first_pass": Figure(lazy("Accepted at first"), lazy("first verdicts"), "verdicts"),
    "suggestions_accepted": Figure(lazy("Suggestions accepted"), lazy("suggestions decided"), "suggestions"),
    "suggestions_missed": Figure(lazy("Missed by suggestions"), lazy("objects submitted"), "suggestions"),
}
TABLES = {
    "classes": TableWords(
        lazy("Acceptance by class"),
        lazy("Class"),
        lazy("objects that reviewers judged"),
        lazy(
            "An object is accepted when a reviewer let it stand as it was submitted. Of a returned submission every "
            "object counts as judged and none as accepted, right ones too, until it is submitted anew. Objects that a "
            "reviewer added are in no rate: nobody had submitted them."
        ),
    ),
    "suggestions": TableWords(
        lazy("Suggestions by class"),
        lazy("Class"),
        lazy("what annotators decided"),
        lazy(
            "Accepted, edited and rejected are shares of the suggestions that somebody decided about. Missed is the "
            "share of submitted objects that were drawn by hand. Work without suggestions counts in none of them."
        ),
    ),
    "models": TableWords(
        lazy("Suggestions by model version"),
        lazy("Model version"),
        lazy("what annotators decided"),
        lazy("Two versions compare only where they were asked about the same kind of pictures."),
    ),
    "bands": TableWords(
        lazy("Suggestions by confidence"),
        lazy("Confidence"),
        lazy("what annotators decided, by the model's own score"),
        lazy("A model whose scores can be trusted is accepted more often the surer it is."),
    ),
    "reasons": TableWords(
        lazy("What was wrong"),
        lazy("Reason"),
        lazy("of submissions that were fixed or returned"),
        lazy("Reviewers choose one reason or none. A label chosen above does not narrow this table."),
    ),
    "weeks": TableWords(
        lazy("Accepted at first, by week"),
        lazy("Week from"),
        lazy("first verdict on a unit"),
        lazy("Of the submissions judged for the first time. A label chosen above does not narrow this table."),
    ),
}
EVIDENCE = {
    "kept": lazy("Objects accepted as submitted"),
    "changed": lazy("Objects that a reviewer changed"),
    "removed": lazy("Objects that a reviewer removed"),
    "returned": lazy("Objects of returned submissions"),
    "accepted": lazy("Suggestions accepted as they were"),
    "edited": lazy("Suggestions edited"),
    "rejected": lazy("Suggestions rejected"),
    "missed": lazy("Objects drawn by hand"),
    "first_accept": lazy("Submissions accepted at first"),
    "first_fix": lazy("Submissions fixed at first"),
    "first_reject": lazy("Submissions returned at first"),
    "wanting": lazy("Submissions fixed or returned"),
}
ROLES = {"proposed": lazy("Proposed by the model"), "handed_in": lazy("Submitted"), "decided": lazy("After review")}
RANGES = ((7, lazy("7 days")), (28, lazy("4 weeks")), (91, lazy("13 weeks")), (364, lazy("52 weeks")))


def pill_of(verdict: str, goal: float) -> dict[str, str]:
    """How a rate stands to its goal, as a pill."""
    shown = f"{goal * 100:g}\u00a0%"
    texts = {
        "meets": _("Meets %(goal)s") % {"goal": shown},
        "below": _("Below %(goal)s") % {"goal": shown},
        "open": _("Open"),
        "wait": _("Wait"),
    }
    return {"kind": PILLS[verdict], "text": texts[verdict]}


def chosen(asked: Asked, names: Names) -> list[str]:
    """The filters in words, for the head of the page and for paper."""
    recipe = dict(names.recipes).get(asked.recipe) if asked.recipe else ""
    label = names.label(asked.label).title if asked.label else ""
    return [one for one in (recipe, label, dated(asked)) if one]


def dated(asked: Asked) -> str:
    """A range as text."""
    ends = {"since": date_format(asked.since, "j M Y"), "until": date_format(asked.until, "j M Y")}
    return _("%(since)s to %(until)s") % ends


def ranges(asked: Asked, address: Callable[[date], str]) -> list[dict[str, Any]]:
    """Ranges that end where the chosen one ends: words, address, and whether it is the chosen one."""
    since = {days: asked.until - timedelta(days=days - 1) for days, _text in RANGES}
    return [
        {"text": text, "query": address(since[days]), "is_chosen": since[days] == asked.since} for days, text in RANGES
    ]


def evidence_title(outcome: str) -> str:
    """What the samples are samples of."""
    return str(EVIDENCE[outcome])


def narrowed(wanted: Wanted, names: Names) -> list[str]:
    """What else the samples were narrowed to, in words."""
    said = [names.model(wanted.version)] if wanted.version else []
    if wanted.band is not None:
        said.append(_("confidence %(band)s") % {"band": band_name(wanted.band)})
    if wanted.reason is not None:
        said.append(str(VerdictReason(wanted.reason).label) if wanted.reason else _("No reason given"))
    return said


def band_name(band: int) -> str:
    """A tenth of the confidence."""
    return _("%(low)s to %(high)s\u00a0%%") % {"low": band * 10, "high": band * 10 + 10}


def roles_in(samples: Iterable[Sample]) -> list[tuple[str, str]]:
    """The outlines that the drawings have, for their legend."""
    there = {shape.role for one in samples for shape in one.shapes}
    return [(role, str(text)) for role, text in ROLES.items() if role in there]
