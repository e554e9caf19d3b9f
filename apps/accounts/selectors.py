"""Who a caller is, read before there is a context: by the functions of `app_auth`, each one round trip."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.core.errors import NotAllowed, NotFound
from apps.core.tenancy import Context, active_tenant

from . import first_run
from .access import left_by
from .models import Engagement, Invitation, Membership, Organization, Session, Token, User


@dataclass(frozen=True, slots=True)
class Place:
    """An organization that a person can act for."""

    slug: str
    name: str
    role: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Member:
    """A person in their role in the acting organization. `places` are all of theirs, for who came by a session."""

    user: User
    context: Context
    organization_name: str
    places: tuple[Place, ...] = ()

    @property
    def id(self) -> UUID:
        """The person's id."""
        return self.user.pk

    @property
    def role(self) -> str:
        """The role in force."""
        return self.context.role


# In the same round trip: the places, which every page shows, and the password's hash, by which a session is proved.
BY_SESSION = """
SELECT w.*, s.password,
       (SELECT jsonb_agg(jsonb_build_array(p.slug, p.name, p.role, p.org_id)) FROM app.places_of(w.user_id) p),
       app.enforces_single_sign_on(w.org_id), %s::uuid
FROM app.whoami(%s, %s) w JOIN person s ON s.id = w.user_id
"""
BY_DIGEST = """
SELECT w.*, '', NULL, app.enforces_single_sign_on(w.org_id), app.use_token(%s) FROM app.whoami_token(%s, %s) w
"""


class UseSingleSignOn(NotAllowed):
    code = "use_single_sign_on"
    message = "This organization lets people in through its single sign-on alone."


def member_by_session(user_id: UUID, slug: str, through: UUID | None = None) -> Member | None:
    """The member that a signed-in person is in an organization. One who came `through` an organization's provider is
    nobody elsewhere; where an organization enforces its own, who did not is refused with UseSingleSignOn."""
    return _member(BY_SESSION, [through, user_id, slug])


def member_by_token(digest: bytes, slug: str) -> Member | None:
    """The member that a token's owner is in an organization, if the token is good for it. Raises UseSingleSignOn."""
    return _member(BY_DIGEST, [digest, digest, slug])


def person_by_token(digest: bytes) -> User | None:
    """The owner of a live token."""
    row = _row("SELECT user_id, email, name FROM app.person_of_token(%s)", [digest])
    return User(id=row[0], email=row[1], name=row[2]) if row else None


def token_used(digest: bytes) -> UUID | None:
    """Note that a token is in use; gives the one organization that it is good for, where a provider vouched for it."""
    row = _row("SELECT app.use_token(%s)", [digest])
    return row[0] if row else None


def places_of(user_id: UUID, through: UUID | None = None) -> list[Place]:
    """Where a person is a member, by name; to who came `through` an organization's provider, there alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT slug, name, role, org_id FROM app.places_of(%s)", [user_id])
        places = [Place(*row) for row in cursor.fetchall()]
    return [place for place in places if through in (None, place.id)]


def _member(sql: str, values: list[Any]) -> Member | None:
    row = _row(sql, values)
    if row is None:
        return None
    org_id, slug, org_name, role, projects, user_id, email, name, closed, actions, password, places, *way = row
    if not _leads_to(org_id, *way):
        return None
    context = Context(
        org_id=org_id,
        user_id=user_id,
        role=role,
        projects=frozenset(projects),
        org_slug=slug,
        closed=frozenset(closed),
        actions=None if actions is None else left_by(msgspec.json.decode(actions)),
    )
    user = User(id=user_id, email=email, name=name, password=password)
    known = tuple(Place(*one) for one in msgspec.json.decode(places or "[]", type=list[tuple[str, str, str, UUID]]))
    if way[1] is not None:
        known = tuple(place for place in known if place.id == org_id)
    return Member(user=user, context=context, organization_name=org_name, places=known)


def _leads_to(org_id: UUID, enforced: bool, through: UUID | None) -> bool:
    """Whether who came through this organization's provider, or through none, gets into another."""
    if through is not None:
        return through == org_id  # what others enforce is nothing that this one's provider may learn
    if enforced:
        raise UseSingleSignOn
    return True


def _row(sql: str, values: list[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def enforcing_places(user_id: UUID) -> list[Place]:
    """Those of a person's places that take nobody who did not come through their own provider."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slug, name, role, org_id FROM app.places_of(%s) WHERE app.enforces_single_sign_on(org_id)",
            [user_id],
        )
        return [Place(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class OpenProvider:
    """An organization's own provider, as it is needed before anybody is known; the secret is sealed."""

    id: UUID
    org_id: UUID
    slug: str
    organization: str
    name: str
    issuer: str
    client_id: str
    secret: str
    domains: list[str]
    enforced: bool


def provider_of(slug: str) -> OpenProvider | None:
    """The provider through which an organization's people sign in, if it has one."""
    row = _row("SELECT * FROM app.single_sign_on_of(%s)", [slug])
    if row is None:
        return None
    provider, org_id, slug, organization, name, issuer, client_id, secret, domains, enforced = row
    known = msgspec.json.decode(domains, type=list[str])
    return OpenProvider(provider, org_id, slug, organization, name, issuer, client_id, secret, known, enforced)


def speak_as(user_id: UUID) -> None:
    """For the rest of the transaction, see and write what is a person's own: tokens, second factors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user', %s, true)", [str(user_id)])


def tokens_of(user_id: UUID, through: UUID | None = None) -> list[Token]:
    """A person's live tokens, newest first; to who came through a provider, those that came through it."""
    speak_as(user_id)
    rows = Token.objects.filter(user_id=user_id, revoked_at=None).order_by("-created_at")
    return list(rows.filter(through=through) if through else rows)


def organizations_of_token(user_id: UUID, digest: bytes) -> frozenset[str]:
    """The slugs that a person's token is limited to; none: it is good for all."""
    speak_as(user_id)
    return frozenset(Token.objects.values_list("organizations", flat=True).get(digest=digest))


def sessions_of(user_id: UUID, through: UUID | None = None) -> list[Session]:
    """Where a person is signed in, latest use first; who came through a provider sees what came through it."""
    rows = Session.objects.filter(user_id=user_id, expire_date__gt=timezone.now())
    if through:
        rows = rows.filter(through=through)
    return list(rows.order_by("-seen", "session_key"))


def live_memberships() -> QuerySet[Membership]:
    """The acting organization's members with their people."""
    return Membership.objects.filter(deactivated_at=None).select_related("user")


def engagements_seen() -> QuerySet[Engagement]:
    """Engagements of the acting organization: as customer by ownership, as vendor by being named."""
    org_id = active_tenant().org_id
    return Engagement.across_tenants.filter(Q(org_id=org_id) | Q(vendor_id=org_id))


def organization_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of organizations that the acting one works with."""
    return dict(Organization.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """What a link is for."""

    id: UUID
    org_id: UUID
    organization: str
    email: str
    name: str
    role: str


def invitation_by_digest(digest: bytes) -> OpenInvitation | None:
    """The invitation that a link's token opens, if it is still good."""
    row = _row("SELECT id, org_id, org_name, email, name, role FROM app.invitation_of(%s)", [digest])
    return OpenInvitation(*row) if row else None


def is_founded() -> bool:
    """Whether this installation has any organization."""
    row = _row("SELECT app.is_founded()", [])
    return bool(row and row[0])


def first_run_waits() -> bool:
    """Whether this installation is empty and a one-time code waits: else it costs a look at a file."""
    return first_run.is_open(Path(settings.VAR)) and not is_founded()


def open_invitations() -> QuerySet[Invitation]:
    """The acting organization's invitations that nobody used yet, the expired ones too."""
    return Invitation.objects.filter(accepted_at=None, revoked_at=None).select_related("invited_by")


def invitation_for(invitation_id: UUID) -> Invitation:
    """One of them. Raises NotFound."""
    row: Invitation | None = open_invitations().filter(pk=invitation_id).first()
    if row is None:
        raise NotFound
    return row


def all_memberships() -> QuerySet[Membership]:
    """The acting organization's members, also those whose access was taken away."""
    return Membership.objects.select_related("user")
