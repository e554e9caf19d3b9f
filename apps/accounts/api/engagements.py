"""Engagements over HTTP: what a customer shares with a vendor, seen and ended from either side."""

import datetime
from dataclasses import asdict
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from apps.accounts import engaged, selectors, services
from apps.accounts.models import Engagement
from apps.core.access import gate
from apps.core.answers import Result, answer
from apps.core.etags import etag_of
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.core.tenancy import active_tenant


class EngagementOut(Answer):
    """`vendor` is null to the customer until somebody has accepted; `addressee` is whom the offer names."""

    id: UUID
    project: UUID
    project_name: str
    customer: UUID
    vendor: UUID | None
    addressee: str
    state: str
    stages: list[str]
    roles: list[str]
    run_models: bool
    names_shown: bool
    starts_at: datetime.datetime | None
    ends_at: datetime.datetime | None
    created_at: datetime.datetime
    accepted_at: datetime.datetime | None
    ended_at: datetime.datetime | None


class EngagementsOut(Answer):
    results: list[EngagementOut]
    next: str | None
    previous: str | None


class EngagementsPage(Page):
    """Of one project, or in one state."""

    project: UUID | None = None
    state: str = ""


class EngagementIn(Struct):
    """`vendor` is a slug or the exact name; `stages` are keys, none meaning all of them."""

    project: UUID
    vendor: str
    stages: list[str] = []
    roles: list[str] | None = None
    run_models: bool = False
    names_shown: bool = False
    starts_at: datetime.datetime | None = None
    ends_at: datetime.datetime | None = None


class EngagementEdit(Struct):
    """What is not given stays; null takes a date away."""

    stages: list[str] | UnsetType = UNSET
    roles: list[str] | UnsetType = UNSET
    run_models: bool | UnsetType = UNSET
    names_shown: bool | UnsetType = UNSET
    starts_at: datetime.datetime | None | UnsetType = UNSET
    ends_at: datetime.datetime | None | UnsetType = UNSET


class Engagements(Api):
    @operation(
        "engagement.list",
        "Projects shared with vendors, seen from either side.",
        query=EngagementsPage,
        answers={200: EngagementsOut},
    )
    def get(self, request: Any, org: str, query: EngagementsPage) -> Result:
        """Engagements in which the organization is customer or vendor."""
        wanted = {"project_id": query.project, "state": query.state}
        rows = selectors.engagements_seen().filter(**{name: value for name, value in wanted.items() if value})
        return 200, page_of(rows, query, _engagement)

    @operation("engagement.offer", "Offer a project to a vendor.", body=EngagementIn, answers={201: EngagementOut})
    def post(self, request: Any, org: str, body: EngagementIn) -> Result:
        """The answer is the same whether or not anybody has that name."""
        given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
        project, vendor = given.pop("project"), given.pop("vendor")
        row = services.offer_engagement(project_id=project, vendor=vendor, scope=services.Scope(**given))
        return _answered(201, row)


class OneEngagement(Api):
    @operation("engagement.list", "An engagement.", answers={200: EngagementOut})
    def get(self, request: Any, org: str, engagement_id: UUID) -> Result:
        """With its ETag."""
        return _answered(200, engaged.engagement_for(engagement_id))

    @operation(
        "engagement.edit",
        "Change what is shared; the customer's part. Needs If-Match.",
        body=EngagementEdit,
        answers={200: EngagementOut},
        conditional=True,
    )
    def patch(self, request: Any, org: str, engagement_id: UUID, body: EngagementEdit) -> Result:
        """It holds from the vendor's next request on."""
        row = _allowed("engagement.edit", engagement_id)
        given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
        scope = services.Scope(**asdict(services.scope_of(row)) | given)
        seen = request.headers.get("If-Match")
        return _answered(200, services.change_engagement(engagement=row, seen=seen, scope=scope))

    @operation("engagement.end", "Take an offer back, refuse it, or end what is live.", answers={204: None})
    def delete(self, request: Any, org: str, engagement_id: UUID) -> Result:
        """The vendor's people are out at once; what they did stays."""
        services.end_engagement(engagement=_allowed("engagement.end", engagement_id))
        return 204, None


class EngagementAcceptance(Api):
    @operation(
        "engagement.accept",
        "Accept an offer; the vendor's part. With If-Match, as it was read and no other.",
        answers={201: EngagementOut},
        conditional=True,
    )
    def post(self, request: Any, org: str, engagement_id: UUID) -> Result:
        """The project is there from the next request on."""
        row, seen = engaged.engagement_for(engagement_id), request.headers.get("If-Match")
        return _answered(201, services.accept_engagement(engagement=row, seen=seen))


def _allowed(action: str, engagement_id: UUID) -> Engagement:
    row = engaged.engagement_for(engagement_id)
    gate.require(action, active_tenant(), row.org_id)
    return row


def _answered(status: int, row: Engagement) -> Result:
    return answer(status, _engagement(row), ETag=etag_of(engaged.engagement_state(row)))


def _engagement(row: Engagement) -> EngagementOut:
    return EngagementOut(
        id=row.pk,
        project=row.project_id,
        project_name=row.project_name,
        customer=row.org_id,
        vendor=row.vendor_id if engaged.is_vendor_known(row) else None,
        addressee=row.addressee,
        state=row.state,
        stages=row.stages,
        roles=row.roles,
        run_models=row.run_models,
        names_shown=row.names_shown,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        created_at=row.created_at,
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
    )
