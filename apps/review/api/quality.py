"""Quality's figures and their evidence. Nobody is named: neither who made a thing nor who judged it."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer
from apps.core.roles import Role
from apps.core.statistics import MIN_N
from apps.projects.selectors import project_for
from apps.review.evidence import as_shape
from apps.review.forms import EvidenceIn, QualityIn, asked_of, goal_of, wanted_of, zone_of
from apps.review.reports import Line, Share, Standing, Table, against, report_on
from apps.review.selectors.samples import Sample, draw


class QualityRateOut(Answer):
    """`k` of `n`. Value and 95 % interval (Wilson) are shares between 0 and 1, or null below `needed` cases."""

    name: str
    k: int
    n: int
    value: float | None
    low: float | None
    high: float | None
    against_goal: Standing


class QualityLineOut(Answer):
    key: str
    name: str
    rates: list[QualityRateOut]


class QualityTableOut(Answer):
    key: str
    evidence_of: str
    lines: list[QualityLineOut]


class QualityOut(Answer):
    project: UUID
    since: datetime.date
    until: datetime.date
    needed: int
    goal: float | None
    figures: list[QualityRateOut]
    tables: list[QualityTableOut]


class EvidenceCaseOut(Answer):
    """Shapes are in pixels of the picture; `role` is proposed, handed_in or decided."""

    item: UUID
    item_name: str
    width: int
    height: int
    at: datetime.datetime
    label: UUID | None
    verdict: str
    reason: str
    comment: str
    shapes: list[dict[str, Any]]


class EvidenceOut(Answer):
    of: str
    outcome: str
    seed: int
    cases: int
    samples: list[EvidenceCaseOut]


class Quality(Api):
    @operation("quality.see", "Quality of a project.", query=QualityIn, answers={200: QualityOut})
    def get(self, request: Any, org: str, project_id: UUID, query: QualityIn) -> Result:
        """Acceptance, suggestions, reasons and first verdicts; a vendor's own work alone, an owner's whole project."""
        project = project_for(request.member.context, "quality.see", project_id)
        goal = goal_of(query)
        report = report_on(asked_of(project, query))
        return 200, QualityOut(
            project=project.pk,
            since=report.asked.since,
            until=report.asked.until,
            needed=MIN_N,
            goal=query.goal,
            figures=[_rate(name, share, None) for name, share in report.main.items()],
            tables=[_table(table, goal) for table in report.tables.values()],
        )


class QualityEvidence(Api):
    @operation(
        "quality.see", "Some cases behind a rate, drawn at random.", query=EvidenceIn, answers={200: EvidenceOut}
    )
    def get(self, request: Any, org: str, project_id: UUID, query: EvidenceIn) -> Result:
        """At most six. The same seed draws the same ones as long as nothing new comes in."""
        project = project_for(request.member.context, "quality.see", project_id)
        wanted = wanted_of(asked_of(project, query), query)
        drawn = draw(wanted, zone_of(project).key)
        is_auditor = request.member.role == Role.AUDITOR
        return 200, EvidenceOut(
            of=wanted.of,
            outcome=wanted.outcome,
            seed=wanted.seed,
            cases=drawn.cases,
            samples=[_case(one, says_comment=not is_auditor) for one in drawn.samples],
        )


def _rate(name: str, share: Share, goal: float | None) -> QualityRateOut:
    one = share.estimate
    return QualityRateOut(
        name=name, k=share.k, n=one.n, value=one.value, low=one.low, high=one.high, against_goal=against(one, goal)
    )


def _table(table: Table, goal: float | None) -> QualityTableOut:
    goal = goal if table.has_goal else None
    return QualityTableOut(key=table.key, evidence_of=table.of, lines=[_line(line, goal) for line in table.lines])


def _line(line: Line, goal: float | None) -> QualityLineOut:
    rates = [_rate(share.outcome, share, goal if share is line.main else None) for share in line.shares]
    return QualityLineOut(key=line.key, name=line.name, rates=rates)


def _case(one: Sample, *, says_comment: bool) -> EvidenceCaseOut:
    return EvidenceCaseOut(
        item=one.item_id,
        item_name=one.name,
        width=one.width,
        height=one.height,
        at=one.at,
        label=one.label,
        verdict=one.verdict,
        reason=one.reason,
        comment=one.comment if says_comment else "",
        shapes=[{"role": shape.role, **as_shape(shape)} for shape in one.shapes],
    )
