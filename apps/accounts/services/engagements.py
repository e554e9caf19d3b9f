"""Share a project with a vendor: the customer offers, the vendor accepts, either ends it."""

import datetime
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.accounts import engaged, sockets
from apps.accounts.models import Engagement, EngagementState
from apps.accounts.sharing import Shareable, shareable
from apps.activity.services import record_audit
from apps.core.errors import Invalid, NotAllowed, Refusal, TransitionRefused
from apps.core.etags import etag_of, require_current
from apps.core.roles import Role
from apps.core.tenancy import active_tenant, tenant_tx
from apps.core.text import clean_name
from apps.core.throttle import count_try
from apps.jobs import topics

from .roles import UnknownRole

CHANGED = "engagement.changed"


class OwnOrganization(Invalid):
    code = "own_organization"
    message = "This is your own organization. Its people see the project as they are."


class AlreadyEngaged(Refusal):
    code = "already_engaged"
    message = "This vendor works on the project already. Change that engagement instead."


class OfferWaits(Refusal):
    code = "offer_waits"
    message = "The project is offered under this name already. Take that offer back first, or change it."


class NoRoles(Invalid):
    code = "no_roles"
    message = "Choose at least one role of the vendor's people."


class UnknownStage(Invalid):
    code = "unknown_stage"
    message = "The project has no such stage of people."


class ReviewAlone(Invalid):
    code = "review_alone"
    message = "A vendor reviews what its own people labeled: share a stage of labeling too."


class InvalidDates(Invalid):
    code = "invalid_dates"
    message = "An engagement ends after it begins, at times that name their zone."


class VendorsOnly(NotAllowed):
    code = "vendors_only"
    message = "The vendor answers an offer, not who made it."


class NamesNeedAcceptance(Refusal):
    code = "names_need_acceptance"
    message = "Names are shown where the vendor has accepted that: end this engagement, and offer it with names."


@dataclass(frozen=True, slots=True)
class Scope:
    """What is shared: keys of stages (none: all), roles of the vendor's people, dates, models, names of both sides."""

    stages: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=lambda: [Role.OWNER, Role.MANAGER, Role.REVIEWER, Role.ANNOTATOR])
    run_models: bool = False
    names_shown: bool = False
    starts_at: datetime.datetime | None = None
    ends_at: datetime.datetime | None = None


@transaction.atomic
def offer_engagement(*, project_id: UUID, vendor: str, scope: Scope) -> Engagement:
    """Offer one of the own projects to whoever has this slug or exact name; the offer is the same where nobody has.

    Raises NotFound, TriedTooOften, InvalidName, OwnOrganization, AlreadyEngaged, OfferWaits, and what a wrong scope is
    refused by.
    """
    context, project = active_tenant(), shareable(project_id)
    count_try("offer", context.org_id)
    addressee = clean_name(vendor, field="vendor")
    _require_right(scope, project)
    found = engaged.organization_called(addressee)
    if found == context.org_id:
        raise OwnOrganization(field="vendor")
    live = Engagement.objects.filter(project_id=project.id)
    if found and live.filter(vendor_id=found, state=EngagementState.ACTIVE).exists():
        raise AlreadyEngaged(field="vendor")
    if live.filter(addressee__iexact=addressee, state=EngagementState.OFFERED).exists():
        raise OfferWaits(field="vendor")
    row: Engagement = Engagement.objects.create(
        org_id=context.org_id,
        vendor_id=found,
        addressee=addressee,
        project_id=project.id,
        project_name=project.name,
        **asdict(scope),
    )
    _record("offer", row, after=engaged.engagement_state(row), now=_told(row))
    return row


@transaction.atomic
def accept_engagement(*, engagement: Engagement, seen: str | None = None) -> Engagement:
    """The vendor's yes; its people see the project from their next request on.

    `seen`, where given, is the ETag of what is accepted: the customer may have changed the offer meanwhile. Raises
    VendorsOnly, AlreadyEngaged, TransitionRefused, PreconditionFailed.
    """
    if engagement.vendor_id != active_tenant().org_id:
        raise VendorsOnly
    try:
        with transaction.atomic():
            _answer(engagement, EngagementState.ACTIVE)
    except IntegrityError as error:
        raise AlreadyEngaged from error
    if seen is not None:
        # Only now does the row stand still: a vendor cannot lock what is the customer's.
        offer = engaged.engagement_state(engagement) | {"state": EngagementState.OFFERED}
        require_current(seen, etag_of(offer))
    _record("accept", engagement, after=engaged.engagement_state(engagement))
    sockets.recheck(engagement.vendor_id)
    return engagement


@transaction.atomic
def end_engagement(*, engagement: Engagement) -> Engagement:
    """Take an offer back, refuse it, or end what is live; the vendor's people are out at once.

    Raises TransitionRefused.
    """
    was = engagement.state
    is_vendor = engagement.vendor_id == active_tenant().org_id
    if is_vendor:
        _answer(engagement, EngagementState.ENDED)
    else:
        engagement.move_to(EngagementState.ENDED, ended_at=timezone.now())
    unanswered = "refuse" if is_vendor else "withdraw"
    verb = unanswered if was == EngagementState.OFFERED else "end"
    _record(verb, engagement, after=engaged.engagement_state(engagement))
    if engagement.vendor_id:
        sockets.recheck(engagement.vendor_id)
    return engagement


@transaction.atomic
def change_engagement(*, engagement: Engagement, seen: str | None, scope: Scope) -> Engagement:
    """The customer's other scope; it holds from the vendor's next request on.

    `seen` is the ETag that the editor read. Raises PreconditionFailed, TransitionRefused, NamesNeedAcceptance, and what
    a wrong scope is refused by.
    """
    row: Engagement = Engagement.objects.select_for_update().get(pk=engagement.pk)
    before, was = engaged.engagement_state(row), _told(row)
    require_current(seen, etag_of(before))
    if row.state == EngagementState.ENDED:
        raise TransitionRefused("This engagement has ended. Offer the project again.")
    _require_right(scope, shareable(row.project_id), known=row.stages)
    if scope.names_shown and not row.names_shown and row.state == EngagementState.ACTIVE:
        raise NamesNeedAcceptance(field="names_shown")
    for name, value in asdict(scope).items():
        setattr(row, name, value)
    row.save(update_fields=list(asdict(scope)))
    _record("edit", row, before=before, after=engaged.engagement_state(row), was=was, now=_told(row))
    if row.vendor_id:
        sockets.recheck(row.vendor_id)
    return row


def scope_of(row: Engagement) -> Scope:
    """What is shared now."""
    return Scope(row.stages, row.roles, row.run_models, row.names_shown, row.starts_at, row.ends_at)


def _require_right(scope: Scope, project: Shareable, known: list[str] | None = None) -> None:
    if not scope.roles:
        raise NoRoles(field="roles")
    if not set(scope.roles) <= set(Role.values):
        raise UnknownRole(field="roles")
    reviews = {stage.key: stage.reviews for stage in project.stages}
    # A stage that was shared may have gone from the newest versions; it can stay named.
    if not set(scope.stages) <= reviews.keys() | set(known or ()):
        raise UnknownStage(field="stages")
    if scope.stages and all(reviews.get(key, False) for key in scope.stages):
        raise ReviewAlone(field="stages")
    dates = [one for one in (scope.starts_at, scope.ends_at) if one]
    if any(one.tzinfo is None for one in dates) or dates != sorted(set(dates)):
        raise InvalidDates(field="ends_at")


def _answer(engagement: Engagement, state: EngagementState) -> None:
    """The vendor cannot write a customer's row: the database does, the state alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.answer_engagement(%s, %s)", [engagement.pk, state])
        (moved,) = cursor.fetchone()
    if not moved:
        raise TransitionRefused("This engagement was changed meanwhile. Look at it again.")
    engagement.refresh_from_db()


def _record(verb: str, row: Engagement, **details: Any) -> None:
    """Audit row and news, both of them the customer's; a vendor writes them as who is engaged in the project."""
    context = active_tenant()
    with tenant_tx(replace(context, projects=context.projects | {row.project_id})):
        record_audit(f"engagement.{verb}", row, **details)
        news = {"engagement": row.pk, "verb": verb, "by": context.org_id}
        topics.publish(CHANGED, news, row.org_id, row.project_id)


def _told(row: Engagement) -> dict[str, Any]:
    """The scope as the history shows it."""
    dates = {"starts_at": row.starts_at, "ends_at": row.ends_at}
    scope = {name: getattr(row, name) for name in ("stages", "roles", "run_models", "names_shown")}
    return scope | {name: day.isoformat() if day else None for name, day in dates.items()}
