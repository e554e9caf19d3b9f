"""Figures over HTTP: the same that the pages show. Rates are shares from 0 to 1, times are milliseconds or seconds."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.answers import Result
from apps.core.errors import NotFound
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.statistics import Estimate
from apps.distribution.overviews import newest_run
from apps.projects.selectors import project_for

from .asking import answer_to, question_of
from .ranges import range_of
from .selectors.assistance import StageWorth, worth_of
from .selectors.mine import own_figures, owners_of, today_of
from .selectors.scope import clock_of
from .selectors.status import Waiting, status_of
from .tables import PEOPLE, Column


class FiguresIn(Struct):
    days: str = ""
    first: str = ""
    last: str = ""
    stage: str = ""
    group: str = "person"
    sort: str = "-tasks"


class RangeIn(Struct):
    days: str = ""
    first: str = ""
    last: str = ""


class EstimateOut(Answer):
    """`value`, `low` and `high` are null below `needed` cases; the interval is at 95 %."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    needed: int


class LineOut(Answer):
    name: str
    key: str
    figures: dict[str, EstimateOut | float | int | None]


class FiguresOut(Answer):
    first: datetime.date
    last: datetime.date
    idle_seconds: int
    whole: dict[str, EstimateOut | float | int | None]
    results: list[LineOut]


class OwnOut(Answer):
    first: datetime.date
    last: datetime.date
    whole: dict[str, EstimateOut | float | int | None]
    results: list[LineOut]


class WaitingOut(Answer):
    stage: str
    kind: str
    ready: int
    in_work: int
    waiting: int
    failed: int
    oldest: datetime.datetime | None
    tasks_per_day: float | None
    is_bottleneck: bool


class StatusOut(Answer):
    run: UUID
    made: int
    finished: int
    days: list[tuple[datetime.date, int, int]]
    active_days: int
    finish: datetime.date | None
    finish_early: datetime.date | None
    finish_late: datetime.date | None
    stages: list[WaitingOut]


class WorthOut(Answer):
    """Seconds of active time for each object; `saved` is without less with suggestions."""

    stage: str
    assisted: EstimateOut
    held_out: EstimateOut
    saved: EstimateOut
    simple_seconds: float | None
    simple_share: float | None
    simple_inputs: dict[str, EstimateOut]
    simple_refusal: str


class WorthsOut(Answer):
    first: datetime.date
    last: datetime.date
    results: list[WorthOut]


class Performance(Api):
    @operation("performance.see", "A project's figures by person, stage, class or day.", query=FiguresIn,
               answers={200: FiguresOut})  # fmt: skip
    def get(self, request: Any, org: str, project_id: UUID, query: FiguresIn) -> Result:
        """Of the latest 7, 14, 30 or 90 days, or from `first` to `last`."""
        project = project_for(request.member.context, "performance.see", project_id)
        asked = {name: value for name in FiguresIn.__struct_fields__ if (value := getattr(query, name))}
        question = question_of(project, asked)
        found, table = answer_to(question)
        return 200, FiguresOut(
            first=question.range.first,
            last=question.range.last,
            idle_seconds=project.idle_seconds,
            whole=_shown(found.whole, PEOPLE),
            results=[_line(name, line, table.columns) for name, line in table.lines],
        )


class MyPerformance(Api):
    @operation("figures.own", "One's own figures by project.", query=RangeIn, answers={200: OwnOut})
    def get(self, request: Any, org: str, query: RangeIn) -> Result:
        """The same numbers that managers see."""
        owners = owners_of()
        asked = range_of({"days": query.days, "first": query.first, "last": query.last}, today_of(owners))
        found = own_figures(request.member.id, owners, asked.first, asked.last)
        lines = [_line(name, line, PEOPLE) for name, line in found.projects]
        return 200, OwnOut(first=asked.first, last=asked.last, whole=_shown(found.whole, PEOPLE), results=lines)


class RunStatus(Api):
    @operation("performance.see", "How a project's newest run stands.", answers={200: StatusOut})
    def get(self, request: Any, org: str, project_id: UUID) -> Result:
        """Burn-up by day (made and finished so far), what waits, when it may be done (80 % range)."""
        project = project_for(request.member.context, "performance.see", project_id)
        run = newest_run(project)
        if run is None:
            raise NotFound("This project has no run yet.")
        status = status_of(run, clock_of(project.org_id))
        return 200, StatusOut(
            run=run.pk,
            made=status.made,
            finished=status.finished,
            days=status.days,
            active_days=status.forecast.active_days,
            finish=status.forecast.day,
            finish_early=status.forecast.early,
            finish_late=status.forecast.late,
            stages=[_waiting(one) for one in status.stages],
        )


class Suggestions(Api):
    @operation("performance.see", "What suggestions are worth, by stage.", query=RangeIn, answers={200: WorthsOut})
    def get(self, request: Any, org: str, project_id: UUID, query: RangeIn) -> Result:
        """The two arms, their difference, and the simple estimate with its inputs."""
        project = project_for(request.member.context, "performance.see", project_id)
        question = question_of(project, {"days": query.days, "first": query.first, "last": query.last})
        found = [_worth(one) for one in worth_of(question.scope)]
        return 200, WorthsOut(first=question.range.first, last=question.range.last, results=found)


def _waiting(one: Waiting) -> WaitingOut:
    return WaitingOut(
        stage=one.title,
        kind=one.kind,
        ready=one.ready,
        in_work=one.in_work,
        waiting=one.waiting,
        failed=one.failed,
        oldest=one.oldest,
        tasks_per_day=one.pace,
        is_bottleneck=one.is_bottleneck,
    )


def _worth(one: StageWorth) -> WorthOut:
    simple = one.simple
    inputs = {name: _estimate(value) for name, value in (simple.seconds or {}).items()}
    if simple.right:
        inputs["right"] = _estimate(simple.right)
    return WorthOut(
        stage=one.title,
        assisted=_estimate(one.assisted),
        held_out=_estimate(one.held_out),
        saved=_estimate(one.saved),
        simple_seconds=None if simple.refusal else simple.each,
        simple_share=None if simple.refusal else simple.share,
        simple_inputs=inputs,
        simple_refusal=simple.refusal,
    )


def _line(name: str, line: Any, columns: Any) -> LineOut:
    return LineOut(name=name, key=line.key, figures=_shown(line, columns))


def _shown(line: Any, columns: Any) -> dict[str, Any]:
    return {column.name: _value(column, line) for column in columns}


def _value(column: Column, line: Any) -> Any:
    value = column.value(line)
    return _estimate(value) if isinstance(value, Estimate) else value


def _estimate(one: Estimate) -> EstimateOut:
    return EstimateOut(value=one.value, low=one.low, high=one.high, n=one.n, needed=one.needed)
