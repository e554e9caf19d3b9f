"""Figures as tables: one statement of columns serves the page, the CSV and the API."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.spreadsheets import Cell
from apps.core.statistics import Estimate

Value = Estimate | float | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `kind` is how the page writes it (number, duration, or a unit of `estimates`)."""

    name: str
    title: str | Promise
    kind: str
    value: Callable[[Any], Value]

    @property
    def is_estimate(self) -> bool:
        """Whether its cells have interval and n."""
        return self.kind not in {"number", "duration"}


PEOPLE = (
    Column("tasks", _("Tasks"), "number", lambda line: line.tasks),
    Column("tasks_per_hour", _("Tasks per active hour"), "plain", lambda line: line.tasks_per_hour),
    Column("objects_per_hour", _("Objects per active hour"), "plain", lambda line: line.objects_per_hour),
    Column("median_ms", _("Median"), "duration", lambda line: line.median_ms),
    Column("p90_ms", _("90 % below"), "duration", lambda line: line.p90_ms),
    Column("first_pass", _("Accepted at first"), "percent", lambda line: line.first_pass),
    Column("rework", _("Rework"), "percent", lambda line: line.rework),
    Column("skips", _("Skipped"), "percent", lambda line: line.skips),
    Column("active_ms", _("Active"), "duration", lambda line: line.active_ms),
    Column("reviews", _("Verdicts"), "number", lambda line: line.reviews),
    Column("review_ms", _("Review time"), "duration", lambda line: line.review_ms),
    Column("wait_each_ms", _("Waited"), "duration", lambda line: line.wait_each_ms),
)
CLASSES = (
    Column("objects", _("Objects"), "number", lambda line: line.objects),
    Column("by_model", _("Began as a suggestion"), "percent", lambda line: line.by_model),
    Column("taken", _("Suggestions accepted as they were"), "percent", lambda line: line.taken),
    Column("accepted", _("Accepted"), "number", lambda line: line.accepted),
    Column("edited", _("Edited"), "number", lambda line: line.edited),
    Column("rejected", _("Rejected"), "number", lambda line: line.rejected),
    Column("drawn", _("Drawn by hand"), "number", lambda line: line.drawn),
)


@dataclass(frozen=True, slots=True)
class Table:
    """Lines under a heading, in the order of one column."""

    first: str | Promise
    columns: Sequence[Column]
    lines: list[tuple[str, Any]]
    sort: str

    @property
    def head(self) -> list[dict[str, Any]]:
        """What the page writes above the columns, with the sort that a press asks for."""
        columns = [("name", self.first, "text"), *((one.name, one.title, one.kind) for one in self.columns)]
        return [{"title": title, "kind": kind} | self._sort_of(name) for name, title, kind in columns]

    def _sort_of(self, name: str) -> dict[str, str]:
        state = {name: "ascending", f"-{name}": "descending"}.get(self.sort, "")
        return {"sort": name if state == "descending" else f"-{name}" if state else _first_sort(name), "state": state}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Names with their cells."""
        return [
            {"name": name, "key": line.key, "cells": [(column, column.value(line)) for column in self.columns]}
            for name, line in self.lines
        ]


def table_of(first: str | Promise, columns: Sequence[Column], lines: Iterable[tuple[str, Any]], sort: str) -> Table:
    """Sorted by a column's name, from the largest with a minus; what has no value comes last."""
    found = sorted(lines, key=lambda one: one[0].casefold())
    wanted = next((column for column in columns if column.name == sort.removeprefix("-")), None)
    if wanted:
        known = [one for one in found if _plain(wanted.value(one[1])) is not None]
        known.sort(key=lambda one: _plain(wanted.value(one[1])) or 0, reverse=sort.startswith("-"))
        found = known + [one for one in found if _plain(wanted.value(one[1])) is None]
    elif sort == "-name":
        found.reverse()
    else:
        sort = "name"
    return Table(first, columns, found, sort)


def file_of(table: Table) -> tuple[list[str], list[list[Cell]]]:
    """Heads and rows of raw numbers, so that a spreadsheet can go on; an estimate takes four columns."""
    heads = ["name", *(name for column in table.columns for name in _names(column))]
    return heads, [
        [name, *(cell for column in table.columns for cell in _cells(column.value(line)))] for name, line in table.lines
    ]


def _first_sort(name: str) -> str:
    return name if name == "name" else f"-{name}"


def _plain(value: Value) -> float | None:
    return value.value if isinstance(value, Estimate) else value


def _names(column: Column) -> list[str]:
    return (
        [column.name, *(f"{column.name}_{end}" for end in ("low", "high", "n"))]
        if column.is_estimate
        else [column.name]
    )


def _cells(value: Value) -> list[Cell]:
    if isinstance(value, Estimate):
        return [*(None if one is None else round(one, 6) for one in (value.value, value.low, value.high)), value.n]
    return [None if value is None else round(value)]
