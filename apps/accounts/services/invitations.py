"""Invite people by e-mail, take an invitation back, and join by one."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts import mail, selectors
from apps.accounts.authentication import digest_of
from apps.accounts.models import Invitation, Membership, User
from apps.activity.services import record_audit
from apps.core.errors import Invalid, NotAllowed, NotFound, Refusal
from apps.core.ids import new_secret
from apps.core.roles import Role
from apps.core.tenancy import Context, active_tenant, tenant_tx
from apps.core.text import clean_name
from apps.core.throttle import count_try
from apps.jobs import topics

from .people import clean_email, make_person
from .proofs import WrongCredentials, prove_by_password
from .roles import named_role, require_no_more

LIFE = datetime.timedelta(days=7)


class AlreadyMember(Invalid):
    code = "already_member"
    message = "This person belongs to the organization already. Change their role in the list."


class InvitedMeanwhile(Refusal):
    code = "invited_meanwhile"
    message = "This address was invited at this very moment. Load the page again to see the invitation."


class OwnersOnly(NotAllowed):
    code = "owners_only"
    message = "Only an owner makes, changes or removes owners."


class InvitationGone(NotFound):
    code = "invitation_gone"
    message = (
        "This invitation is not good any more: it was used, taken back, or is older than 7 days. "
        "Ask who invited you for a new one."
    )


class ForSomebodyElse(Refusal):
    code = "for_somebody_else"
    message = "This invitation is for another address than yours. Sign out, then open the link again."


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, its link (known only now), and whether a mail with it went out."""

    row: Invitation
    link: str
    mailed: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """Who came in, as what, and whether the account is new."""

    person: User
    membership: Membership
    is_new: bool


@transaction.atomic
def invite(*, email: str, role: str, origin: str, name: str = "", custom_role: UUID | None = None) -> Invited:
    """Invite an address into the acting organization; an open invitation of the same address is replaced.

    `origin` begins the link, as https://host. Raises InvalidEmail, InvalidName, UnknownRole, UnknownCustomRole,
    MoreThanYours, TriedTooOften, OwnersOnly, AlreadyMember, InvitedMeanwhile.
    """
    context = active_tenant()
    email, (role, custom) = clean_email(email), named_role(role, custom_role)
    count_try("invite", context.org_id, email)
    if role == Role.OWNER:
        require_owner(context)
    require_no_more(role, custom)
    if selectors.live_memberships().filter(user__email=email).exists():
        raise AlreadyMember(field="email")
    for former in Invitation.objects.select_for_update().filter(email=email, accepted_at=None, revoked_at=None):
        revoke_invitation(invitation=former)
    secret = new_secret()
    row = Invitation(
        org_id=context.org_id,
        email=email,
        name=clean_name(name) if name.strip() else "",
        role=role,
        custom_role=custom,
        digest=digest_of(secret),
        invited_by_id=context.user_id,
        expires_at=timezone.now() + LIFE,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as meanwhile:
        raise InvitedMeanwhile(field="email") from meanwhile
    after = {"email": email, "role": role, "custom_role": str(custom.pk) if custom else None}
    record_audit("invitation.create", row, after=after, role=role)
    link = f"{origin}/join/{secret}"
    # Within the transaction: whether it went out decides what the page says. The mail server has ten seconds.
    return Invited(row, link, mail.send_invitation(row, link=link))


@transaction.atomic
def revoke_invitation(*, invitation: Invitation) -> None:
    """Take it back; its link is void at once. Raises InvitationGone, OwnersOnly, MoreThanYours."""
    if invitation.role == Role.OWNER:
        require_owner(active_tenant())
    require_no_more(invitation.role, invitation.custom_role)
    now = timezone.now()
    open_ones = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not open_ones.update(revoked_at=now):
        raise InvitationGone("This invitation was used or taken back meanwhile.")
    record_audit("invitation.revoke", invitation)


def join(*, secret: str, person: User | None, name: str = "", password: str = "", address: str = "") -> Joined:
    """Come in by a link: as who is signed in, by the password of one's account, or as somebody new with a name.

    Raises InvitationGone, ForSomebodyElse, WrongCredentials, and what `make_person` does.
    """
    found = selectors.invitation_by_digest(digest_of(secret))
    if found is None:
        raise InvitationGone
    with tenant_tx(Context(org_id=found.org_id)):
        invitation = _held(found.id)
        known = User.objects.filter(email=invitation.email).first()
        member = _person(invitation, person, known, name, password, address)
        membership = accept_invitation(invitation, member)
    return Joined(member, membership, is_new=known is None)


def accept_invitation(invitation: Invitation, member: User) -> Membership:
    """Make the person a member, in the organization's own context; who is asked has locked the invitation."""
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())
    with tenant_tx(Context(org_id=invitation.org_id, user_id=member.pk, role=invitation.role)):
        membership = _membership(invitation, member)
    if invitation.invited_by_id:
        news = {"invited_by": invitation.invited_by_id, "name": member.name}
        topics.publish("invitation.accepted", news, invitation.org_id)
    return membership


def require_owner(context: Context) -> None:
    """Raise OwnersOnly for everybody else. An operator's command acts as nobody, in the role of an owner."""
    if context.role != Role.OWNER:
        raise OwnersOnly


def _held(invitation_id: UUID) -> Invitation:
    rows = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    row: Invitation | None = rows.select_for_update().filter(pk=invitation_id).first()
    if row is None:
        raise InvitationGone
    return row


def _person(
    invitation: Invitation, person: User | None, known: User | None, name: str, password: str, address: str
) -> User:
    if person is not None:
        if person.email != invitation.email:
            raise ForSomebodyElse
        return person
    if known is None:
        return make_person(email=invitation.email, name=name, password=password)
    try:
        return prove_by_password(email=invitation.email, password=password, address=address)
    except WrongCredentials as wrong:
        raise WrongCredentials("The password is not right. Try again.", field="password") from wrong


def _membership(invitation: Invitation, person: User) -> Membership:
    membership: Membership
    membership, made = Membership.objects.get_or_create(
        org_id=invitation.org_id,
        user=person,
        defaults={"role": invitation.role, "custom_role_id": invitation.custom_role_id},
    )
    before = None if made else {"role": membership.role, "active": membership.deactivated_at is None}
    if not made:
        membership.role, membership.deactivated_at = invitation.role, None
        membership.custom_role_id = invitation.custom_role_id
        membership.save(update_fields=["role", "custom_role", "deactivated_at"])
    after = {"role": membership.role, "active": True}
    record_audit("membership.join", membership, before=before, after=after, invitation=str(invitation.pk))
    return membership
