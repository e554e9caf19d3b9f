"""Who am I, tokens, members and invitations."""

import datetime
from typing import Any
from uuid import UUID

from apps.accounts import people, selectors, services
from apps.accounts.authentication import NarrowToken, reach_of, require_free
from apps.accounts.models import Invitation, Membership, Token
from apps.accounts.services import passwords
from apps.core.access import PUBLIC, SIGNED_IN
from apps.core.answers import Result
from apps.core.errors import NotFound
from apps.core.http import Api, operation, origin_of
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.core.throttle import address_of


class PlaceOut(Answer):
    org: str
    name: str
    role: str


class MeOut(Answer):
    id: UUID
    email: str
    name: str
    memberships: list[PlaceOut]


class Me(Api):
    @operation(SIGNED_IN, "Who the caller is, and where.", answers={200: MeOut})
    def get(self, request: Any) -> Result:
        """The person and their memberships."""
        reach = reach_of(request)
        places = [
            PlaceOut(org=place.slug, name=place.name, role=place.role)
            for place in selectors.places_of(request.user.pk, request.through)
            if not reach or place.slug in reach
        ]
        return 200, MeOut(id=request.user.pk, email=request.user.email, name=request.user.name, memberships=places)


class TokenIn(Struct):
    email: str
    password: str
    name: str
    otp: str = ""
    organizations: list[str] = []
    expires_at: datetime.datetime | None = None


class TokenOut(Answer):
    id: UUID
    name: str
    organizations: list[str]
    created_at: datetime.datetime
    expires_at: datetime.datetime | None
    token: str | None = None


class TokensOut(Answer):
    results: list[TokenOut]


class Tokens(Api):
    @operation(PUBLIC, "Make a personal token; it is shown once.", body=TokenIn, answers={201: TokenOut})
    def post(self, request: Any, body: TokenIn) -> Result:
        """A token for the person whose password this is."""
        issued = services.issue_token_by_password(
            email=body.email,
            password=body.password,
            otp=body.otp,
            address=address_of(request),
            name=body.name,
            organizations=body.organizations,
            expires_at=body.expires_at,
        )
        return 201, _token(issued.row, issued.secret)

    @operation(SIGNED_IN, "The caller's live tokens.", answers={200: TokensOut})
    def get(self, request: Any) -> Result:
        """Newest first, without their secrets."""
        return 200, TokensOut(results=[_token(row) for row in _tokens_within_reach(request)])


class OneToken(Api):
    @operation(SIGNED_IN, "Revoke a token, at once.", answers={204: None})
    def delete(self, request: Any, token_id: UUID) -> Result:
        """The caller's own only."""
        if token_id not in {row.pk for row in _tokens_within_reach(request)}:
            raise NotFound
        services.revoke_token(person_id=request.user.pk, token_id=token_id, through=request.through)
        return 204, None


def _tokens_within_reach(request: Any) -> list[Token]:
    """The person's; asked by a token that is limited to organizations, those that are limited to the same."""
    reach = reach_of(request)
    rows = selectors.tokens_of(request.user.pk, request.through)
    return [row for row in rows if not reach or (row.organizations and reach.issuperset(row.organizations))]


def _token(row: Token, secret: str | None = None) -> TokenOut:
    return TokenOut(
        id=row.pk,
        name=row.name,
        organizations=row.organizations,
        created_at=row.created_at,
        expires_at=row.expires_at,
        token=secret,
    )


class MemberOut(Answer):
    id: UUID
    user: UUID
    name: str
    email: str
    role: str
    custom_role: UUID | None
    active: bool


class MembersOut(Answer):
    results: list[MemberOut]
    next: str | None
    previous: str | None


class MembersPage(Page):
    """Those who belong to the organization now, or those whose access was taken away; all of them or a team's."""

    active: bool = True
    team: UUID | None = None


class MemberEdit(Struct):
    """One of the six roles takes a custom one away."""

    role: str | None = None
    custom_role: UUID | None = None
    active: bool | None = None


class Members(Api):
    @operation("member.list", "The organization's members.", query=MembersPage, answers={200: MembersOut})
    def get(self, request: Any, org: str, query: MembersPage) -> Result:
        """With their people; `active=false` gives those without access."""
        rows = selectors.all_memberships().filter(deactivated_at__isnull=query.active)
        if query.team:
            rows = rows.filter(pk__in=people.members_of(query.team))
        return 200, page_of(rows, query, _member)


class OneMember(Api):
    @operation(
        "member.edit", "Give a member another role, or take access away.", body=MemberEdit, answers={200: MemberOut}
    )
    def patch(self, request: Any, org: str, membership_id: UUID, body: MemberEdit) -> Result:
        """It holds from the next request on; what the person did stays."""
        changed = services.change_member(
            membership_id=membership_id, role=body.role, custom_role=body.custom_role, active=body.active
        )
        return 200, _member(changed)


class PasswordLinkOut(Answer):
    link: str


class MemberPasswordLink(Api):
    @operation(
        "member.edit",
        "A link by which a member chooses a new password: once, within an hour.",
        answers={201: PasswordLinkOut},
        keyed=False,
    )
    def post(self, request: Any, org: str, membership_id: UUID) -> Result:
        """Only of who belongs to no other organization."""
        _, link = passwords.reset_link_for_member(membership_id=membership_id, origin=origin_of(request))
        return 201, PasswordLinkOut(link=link)


def _member(row: Membership) -> MemberOut:
    return MemberOut(
        id=row.pk,
        user=row.user_id,
        name=row.user.name,
        email=row.user.email,
        role=row.role,
        custom_role=row.custom_role_id,
        active=row.deactivated_at is None,
    )


class InvitationIn(Struct):
    """`role`, or a custom one instead."""

    email: str
    role: str = ""
    name: str = ""
    custom_role: UUID | None = None


class InvitationOut(Answer):
    id: UUID
    email: str
    name: str
    role: str
    custom_role: UUID | None
    created_at: datetime.datetime
    expires_at: datetime.datetime
    mailed: bool | None = None
    link: str | None = None


class InvitationsOut(Answer):
    results: list[InvitationOut]
    next: str | None
    previous: str | None


class Invitations(Api):
    @operation("member.invite", "Invitations that nobody used yet.", query=Page, answers={200: InvitationsOut})
    def get(self, request: Any, org: str, query: Page) -> Result:
        """Newest first, without their links."""
        return 200, page_of(selectors.open_invitations(), query, _invitation, newest_first=True)

    @operation(
        "member.invite",
        "Invite somebody by e-mail; the link is shown once, where no mail carries it.",
        body=InvitationIn,
        answers={201: InvitationOut},
        keyed=False,
    )
    def post(self, request: Any, org: str, body: InvitationIn) -> Result:
        """An open invitation of the same address is replaced."""
        invited = services.invite(
            email=body.email, role=body.role, custom_role=body.custom_role, name=body.name, origin=origin_of(request)
        )
        return 201, _invitation(invited.row, invited)


class OneInvitation(Api):
    @operation("member.invite", "Take an invitation back, at once.", answers={204: None})
    def delete(self, request: Any, org: str, invitation_id: UUID) -> Result:
        """Its link opens nothing any more."""
        services.revoke_invitation(invitation=selectors.invitation_for(invitation_id))
        return 204, None


def _invitation(row: Invitation, made: services.Invited | None = None) -> InvitationOut:
    return InvitationOut(
        id=row.pk,
        email=row.email,
        name=row.name,
        role=row.role,
        custom_role=row.custom_role_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        mailed=made.mailed if made else None,
        link=made.link if made and not made.mailed else None,
    )


class JoinIn(Struct):
    invitation: str
    name: str = ""
    password: str = ""


class JoinOut(Answer):
    user: UUID
    member: UUID
    role: str


class Memberships(Api):
    @operation(PUBLIC, "Join by an invitation's token.", body=JoinIn, answers={201: JoinOut})
    def post(self, request: Any, body: JoinIn) -> Result:
        """Who is new gives name and password, who has an account its password, who is signed in neither."""
        require_free(request)
        if reach_of(request):
            raise NarrowToken
        person = request.user if request.user.is_authenticated else None
        joined = services.join(
            secret=body.invitation,
            person=person,
            name=body.name,
            password=body.password,
            address=address_of(request),
        )
        return 201, JoinOut(user=joined.person.pk, member=joined.membership.pk, role=joined.membership.role)
