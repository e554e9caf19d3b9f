"""A project's performance: figures by person, stage, class and day; how its run stands; what suggestions are worth."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.access import allow
from apps.core.spreadsheets import csv_answer
from apps.distribution.overviews import newest_run, pill_of
from apps.performance.asking import GROUPS, Question, answer_to, question_of
from apps.performance.charts import bars_of, lines_of
from apps.performance.ranges import LATEST
from apps.performance.selectors.assistance import worth_of
from apps.performance.selectors.figures import Line
from apps.performance.selectors.status import status_of
from apps.performance.tables import file_of
from apps.projects.selectors import project_for


@allow(get="performance.see")
def figures(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """For managers of both sides and the owner's engineers."""
    question = _question(request, project_id)
    found, table = answer_to(question)
    days = [(day, found.days.get(day, Line()).tasks) for day in question.range.days]
    page = _page(request, question, "figures") | {
        "whole": found.whole,
        "table": table,
        "days": days,
        "chart": bars_of(days) if found.days else None,
    }
    return render(request, "performance/figures.html", page)


@allow(get="performance.see")
def table_file(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """The page's table as CSV."""
    question = _question(request, project_id)
    _found, table = answer_to(question)
    name = f"performance-by-{question.group}-{question.range.first}-to-{question.range.last}"
    return csv_answer(name, *file_of(table))


@allow(get="performance.see")
def run_status(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """How the newest run stands."""
    question = _question(request, project_id)
    run = newest_run(question.project)
    status = status_of(run, question.clock) if run else None
    page = _page(request, question, "run") | {"run": run, "status": status, "state": pill_of(run)}
    if status and len(status.days) > 1:
        days, made, finished = zip(*status.days, strict=True)
        page["chart"] = lines_of(days, made, finished)
    return render(request, "performance/run.html", page)


@allow(get="performance.see")
def suggestions(request: HttpRequest, org: str, project_id: UUID) -> HttpResponse:
    """What suggestions are worth, stage by stage."""
    question = _question(request, project_id)
    page = _page(request, question, "suggestions") | {"stages": worth_of(question.scope)}
    return render(request, "performance/suggestions.html", page)


def _question(request: HttpRequest, project_id: UUID) -> Question:
    member = request.member  # type: ignore[attr-defined]
    return question_of(project_for(member.context, "performance.see", project_id), request.GET.dict())


def _page(request: HttpRequest, question: Question, tab: str) -> dict[str, Any]:
    query = request.GET.copy()
    query.pop("sort", None)
    rest = query.copy()
    for name in ("days", "first", "last"):
        rest.pop(name, None)
    return {
        "project": question.project,
        "here": "performance",
        "tab": tab,
        "question": question,
        "groups": GROUPS,
        "latest": LATEST,
        "query": query.urlencode(),
        "rest": f"&{rest.urlencode()}" if rest else "",
    }
