"""Quality of a project: rates with their intervals, each with a chart, a table, a file and evidence a click away."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core import json as bodies
from apps.core.access import allow
from apps.core.errors import NotFound, Refusal
from apps.core.spreadsheets import Cell, csv_answer
from apps.projects.models import Project
from apps.projects.selectors import project_for
from apps.review import words
from apps.review.charts import axis_of, trend_of
from apps.review.forms import QualityIn, asked_of, goal_of
from apps.review.reports import Line, Report, Share, Table, against, report_on
from apps.review.selectors.sums import Asked


@allow(get="quality.see")
def quality_page(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """For those who answer for quality; a vendor sees its own work, and nobody is named to anybody."""
    project = project_for(request.member.context, "quality.see", project_id)  # type: ignore[attr-defined]
    try:
        query = read(request)
        asked, goal, refusal = asked_of(project, query), goal_of(query), None
    except Refusal as error:
        asked, goal, refusal = asked_of(project, QualityIn()), None, error
    report = report_on(asked)
    place = Place(org, project, asked, goal)
    page = {
        "here": "quality",
        "project": project,
        "report": report,
        "asked": asked,
        "goal": goal,
        "goal_text": f"{100 * goal:g}" if goal else "",
        "refusal": refusal,
        "is_own": project.org_id == request.member.context.org_id,  # type: ignore[attr-defined]
        "chosen": words.chosen(asked, report.names),
        "figures": [place.figure(name, share) for name, share in report.main.items()],
        "tables": [place.table(table) for table in report.tables.values()],
        "trend": trend_of(report.tables["weeks"].lines, goal),
        "ranges": place.ranges(),
        "query": place.query(),
    }
    return render(request, "review/quality.html", page, status=refusal.status if refusal else 200)


@allow(get="quality.see")
def quality_table(request: HttpRequest, org: str, project_id: UUID, table: str) -> HttpResponse:
    """One of the page's tables as a file."""
    project = project_for(request.member.context, "quality.see", project_id)  # type: ignore[attr-defined]
    report = report_on(asked_of(project, read(request)))
    if table not in report.tables:
        raise NotFound
    name = f"quality-{table}-{report.asked.since}-{report.asked.until}"
    return csv_answer(name, *_file(report, report.tables[table]))


def read(request: HttpRequest) -> QualityIn:
    """The filters of a form, in which what is left empty is left out. Raises a Refusal."""
    given = {name: str(value) for name, value in request.GET.items() if value}
    known = {name: value for name, value in given.items() if name in QualityIn.__struct_fields__}
    return bodies.convert(known, QualityIn)


class Place:
    """A report as its page shows it: with the ways to its evidence and its files."""

    def __init__(self, org: str, project: Project, asked: Asked, goal: float | None) -> None:
        self.asked, self.goal, self.project = asked, goal, project
        self._route = {"org": org, "project_id": project.pk}

    def query(self, **more: str) -> str:
        """The filters as an address carries them; empty ones are left out."""
        asked = self.asked
        stated = {
            "since": asked.since.isoformat(),
            "until": asked.until.isoformat(),
            "label": str(asked.label or ""),
            "recipe": str(asked.recipe or ""),
            "goal": f"{self.goal * 100:g}" if self.goal else "",
        }
        return urlencode({name: value for name, value in {**stated, **more}.items() if value})

    def figure(self, name: str, share: Share) -> dict[str, Any]:
        """One of the rates at the top."""
        has_goal = name in words.WITH_GOAL
        stated = words.FIGURES[name]
        return {
            "label": stated.title,
            "of": stated.of,
            "url": self._evidence(stated.evidence, share, {}),
            "one": share.estimate,
            "goal": self.goal if has_goal else None,
            "low": axis_of([share], self.goal if has_goal else None),
        }

    def table(self, table: Table) -> dict[str, Any]:
        """A table with its words, its axis and its addresses."""
        goal = self.goal if table.has_goal else None
        low = axis_of([line.main for line in table.lines], goal)
        return {
            "key": table.key,
            "words": words.TABLES[table.key],
            "heads": table.heads,
            "counts": table.counts,
            "is_empty": table.is_empty,
            "low": low,
            "from": f"{100 * low:.0f}\u00a0%",
            "goal": goal,
            "lines": [self._line(table, line, goal) for line in table.lines],
            "csv": f"{reverse('review:quality_table', kwargs={**self._route, 'table': table.key})}?{self.query()}",
        }

    def ranges(self) -> list[dict[str, Any]]:
        """Ranges that end where the chosen one ends."""
        return words.ranges(self.asked, lambda since: self.query(since=since.isoformat()))

    def _line(self, table: Table, line: Line, goal: float | None) -> dict[str, Any]:
        cells = [
            {
                "head": head,
                "one": share.estimate,
                "url": self._evidence(table.of, share, line.narrow) if share.k else "",
                "is_other": share.estimate.n != line.main.estimate.n,
            }
            for head, share in zip(table.heads, line.shares, strict=True)
        ]
        verdict = against(line.main.estimate, goal)
        return {
            "name": line.name,
            "color": line.color,
            "main": line.main.estimate,
            "k": line.main.k,
            "cells": cells,
            "against": words.pill_of(verdict, goal) if verdict and goal else None,
        }

    def _evidence(self, of: str, share: Share, narrow: dict[str, str]) -> str:
        query = self.query(**narrow, of=of, outcome=share.outcome)
        return f"{reverse('review:quality_evidence', kwargs=self._route)}?{query}"


def _file(report: Report, table: Table) -> tuple[list[str], list[list[Cell]]]:
    """Rates in per cent; too few cases leave value and interval empty."""
    heads = [str(words.TABLES[table.key].subject)]
    for head in table.heads:
        heads += [head, _("%(head)s, per cent") % {"head": head}, _("from"), _("to"), _("n")]
    return heads, [[line.name, *(cell for share in line.shares for cell in _cells(share))] for line in table.lines]


def _cells(share: Share) -> list[Cell]:
    one = share.estimate
    return [
        share.k,
        *(None if number is None else round(100 * number, 2) for number in (one.value, one.low, one.high)),
        one.n,
    ]
