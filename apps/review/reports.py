"""Quality as tables of rates: the same for the page, the CSV files and the API. Nobody is named in any of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.core.statistics import Estimate, rate

from .models import VerdictKind, VerdictReason
from .selectors import sums
from .selectors.names import Names, names_in
from .selectors.sums import Asked, Counts, Given
from .words import band_name

Standing = Literal["", "meets", "below", "open", "wait"]
WEEK = timedelta(days=7)
OBJECT_SHARES = ("kept", "changed", "removed", "returned")
SUGGESTION_SHARES = ("accepted", "edited", "rejected")


@dataclass(frozen=True, slots=True)
class Share:
    """`k` of the `n` of its estimate. `outcome` is what evidence of these k is drawn by."""

    k: int
    estimate: Estimate
    outcome: str

    @classmethod
    def of(cls, outcome: str, k: int, n: int) -> "Share":
        """`k` out of `n`."""
        return cls(k, rate(k, n), outcome)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its rates in the order of the table's heads. `narrow` is what evidence is narrowed to."""

    key: str
    name: str
    shares: list[Share]
    narrow: dict[str, str] = field(default_factory=dict)
    color: int = 0

    @property
    def main(self) -> Share:
        """The rate that is drawn and held against the goal."""
        return self.shares[0]


@dataclass(frozen=True, slots=True)
class Table:
    """`of` is what its evidence is: objects, suggestions or verdicts."""

    key: str
    of: str
    heads: list[str]
    lines: list[Line]
    has_goal: bool = False
    counts: str = ""  # what the cases of the main rate are called, where their number is worth a column

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted at all."""
        return not any(share.estimate.n for line in self.lines for share in line.shares)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a project over a range of days; `main` by name, then the tables."""

    asked: Asked
    names: Names
    main: dict[str, Share]
    tables: dict[str, Table]

    @property
    def is_empty(self) -> bool:
        """Whether nobody handed in or judged anything."""
        return all(table.is_empty for table in self.tables.values())


def report_on(asked: Asked) -> Report:
    """Everything of the quality page, from six questions."""
    names = names_in(asked.project)
    objects = sums.objects_by_label(asked)
    suggestions = sums.suggestions_of(asked)
    verdicts = sums.verdicts_of(asked)
    tables = [
        _classes(objects, names),
        _weeks(verdicts, asked),
        _reasons(verdicts),
        _suggestions(sums.by(suggestions, "label"), names),
        _models(sums.by(suggestions, "version"), names),
        _bands(sums.by(suggestions, "band")),
    ]
    main = main_shares(sums.total(objects.values()), sums.total(suggestions.values()), verdicts)
    return Report(asked, names, main, {table.key: table for table in tables})


def main_shares(objects: Counts, suggestions: Counts, verdicts: dict[Given, int]) -> dict[str, Share]:
    """The four rates that stand above everything; the first three also on the organization's page."""
    return {
        "objects_accepted": _object_shares(objects)[0],
        "first_pass": _first_pass(verdicts)[0],
        "suggestions_accepted": _suggestion_shares(suggestions)[0],
        "suggestions_missed": _missed(suggestions),
    }


def against(one: Estimate, goal: float | None) -> Standing:
    """Whether a rate meets its goal, is below it, is open because the interval holds it, or waits for more cases."""
    if goal is None:
        return ""
    if one.low is None or one.high is None:
        return "wait"
    if one.low >= goal:
        return "meets"
    return "below" if one.high < goal else "open"


def _classes(objects: dict[UUID, Counts], names: Names) -> Table:
    lines = [
        Line(str(label), named.title, _object_shares(objects[label]), {"label": str(label)}, named.color)
        for label, named in _in_order(objects, names)
    ]
    heads = [_("Accepted as submitted"), _("Changed"), _("Removed"), _("Returned")]
    return Table("classes", "objects", heads, lines, has_goal=True)


def _suggestions(counts: dict[UUID, Counts], names: Names) -> Table:
    lines = [
        Line(
            str(label),
            named.title,
            [*_suggestion_shares(counts[label]), _missed(counts[label])],
            {"label": str(label)},
            named.color,
        )
        for label, named in _in_order(counts, names)
    ]
    return Table("suggestions", "suggestions", [*_suggestion_heads(), _("Missed")], lines)


def _models(counts: dict[UUID | None, Counts], names: Names) -> Table:
    known = sorted((names.model(version), version) for version in counts if version is not None)
    lines = [
        Line(str(version), name, _suggestion_shares(counts[version]), {"version": str(version)})
        for name, version in known
    ]
    return Table("models", "suggestions", _suggestion_heads(), lines)


def _bands(counts: dict[int | None, Counts]) -> Table:
    bands = range(9, -1, -1) if any(band is not None for band in counts) else ()
    lines = [
        Line(
            str(band),
            band_name(band),
            _suggestion_shares(counts.get(band, Counts())),
            {"band": str(band)},
        )
        for band in bands
    ]
    return Table("bands", "suggestions", _suggestion_heads(), lines)


def _reasons(verdicts: dict[Given, int]) -> Table:
    wanting = {given: number for given, number in verdicts.items() if given.verdict != VerdictKind.ACCEPT}
    n = sum(wanting.values())
    names = {**{value: str(label) for value, label in VerdictReason.choices}, "": _("No reason given")}
    counted = {key: sum(number for given, number in wanting.items() if given.reason == key) for key in names}
    lines = [
        Line(key or "none", names[key], [Share.of("wanting", k, n)], {"reason": key or "none"})
        for key, k in sorted(counted.items(), key=lambda one: (one[0] == "", -one[1]))
        if n
    ]
    return Table("reasons", "verdicts", [_("Share of fixed and returned")], lines, counts=_("Verdicts"))


def _weeks(verdicts: dict[Given, int], asked: Asked) -> Table:
    known = [given.week for given in verdicts if given.is_first]
    lines = []
    for monday in _mondays(min(known), asked.until) if known else ():
        here = {given: number for given, number in verdicts.items() if given.week == monday}
        since, until = max(monday, asked.since), min(monday + WEEK - timedelta(days=1), asked.until)
        narrow = {"since": since.isoformat(), "until": until.isoformat()}
        lines.append(Line(monday.isoformat(), date_format(monday, "j M"), _first_pass(here), narrow))
    heads = [_("Accepted at first"), _("Accepted with fixes"), _("Returned")]
    return Table("weeks", "verdicts", heads, lines, has_goal=True)


def _mondays(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += WEEK


def _first_pass(verdicts: dict[Given, int]) -> list[Share]:
    first = {
        kind: sum(number for given, number in verdicts.items() if given.is_first and given.verdict == kind)
        for kind in VerdictKind
    }
    n = sum(first.values())
    return [Share.of(f"first_{kind}", first[kind], n) for kind in VerdictKind]


def _object_shares(counts: Counts) -> list[Share]:
    return [Share.of(name, counts[name], sums.judged(counts)) for name in OBJECT_SHARES]


def _suggestion_shares(counts: Counts) -> list[Share]:
    return [Share.of(name, counts[name], sums.decided(counts)) for name in SUGGESTION_SHARES]


def _missed(counts: Counts) -> Share:
    return Share.of("missed", counts["missed"], sums.handed_in(counts))


def _suggestion_heads() -> list[str]:
    return [_("Accepted as suggested"), _("Edited"), _("Rejected")]


def _in_order(counts: Iterable[UUID], names: Names) -> list[tuple[UUID, Any]]:
    """Labels of which there are counts, as the recipe orders them."""
    place = {label: number for number, label in enumerate(names.labels)}
    found = sorted(counts, key=lambda label: (place.get(label, len(place)), str(label)))
    return [(label, names.label(label)) for label in found]
