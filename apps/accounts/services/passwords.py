"""Change a password, or choose a new one by a link when it is forgotten."""

from uuid import UUID

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils import timezone

from apps.accounts import mail
from apps.accounts.models import Membership, Session, User
from apps.accounts.selectors import places_of
from apps.accounts.sockets import recheck
from apps.activity.services import record_audit
from apps.core.errors import NotFound, Refusal
from apps.core.roles import Role
from apps.core.tenancy import active_tenant
from apps.core.throttle import count_try, network_of

from .invitations import require_owner
from .people import clean_email, record_for_person, require_strong
from .proofs import WrongCredentials, prove_by_password
from .roles import require_no_more


class LinkGone(NotFound):
    code = "link_gone"
    message = "This link is not good any more: you signed in or chose a password since, or it is older than an hour."


class BelongsElsewhere(Refusal):
    code = "belongs_elsewhere"
    message = "This person belongs to other organizations too, so only the operator makes a link for them."


@transaction.atomic
def change_password(*, person_id: UUID, old: str, new: str, address: str, kept: str) -> User:
    """Choose another password; all sessions but the one with the key `kept` end.

    Raises WrongCredentials, WeakPassword.
    """
    person = User.objects.get(pk=person_id)
    try:
        prove_by_password(email=person.email, password=old, address=address)
    except WrongCredentials as wrong:
        raise WrongCredentials("The password is not right. Try again.", field="old") from wrong
    require_strong(new, person)
    return _set(person, new, kept)


def request_reset(*, email: str, address: str, origin: str) -> None:
    """Mail a link to whoever has this account; nobody is told whether there is one.

    Raises TriedTooOften, InvalidEmail.
    """
    email = clean_email(email)
    count_try("reset-network", network_of(address))
    count_try("reset", email)
    person = User.objects.filter(email=email, is_active=True).first()
    if person:
        mail.send_reset_later(person, link=reset_link(person, origin))


def reset_link(person: User, origin: str) -> str:
    """A way to choose a new password: once, for an hour, for whoever holds it."""
    return f"{origin}/reset/{person.pk}/{default_token_generator.make_token(person)}"


@transaction.atomic
def reset_link_for_member(*, membership_id: UUID, origin: str) -> tuple[User, str]:
    """For a member who belongs nowhere else, to be handed over by who makes it; whoever holds it can become the person.

    Raises NotFound, OwnersOnly, MoreThanYours, BelongsElsewhere.
    """
    context = active_tenant()
    rows = Membership.objects.filter(deactivated_at=None).select_related("user", "custom_role")
    member = rows.filter(pk=membership_id).first()
    if member is None:
        raise NotFound
    if member.role == Role.OWNER:
        require_owner(context)
    require_no_more(member.role, member.custom_role)
    if [place.id for place in places_of(member.user_id)] != [context.org_id]:
        raise BelongsElsewhere
    record_audit("membership.password_link", member)
    return member.user, reset_link(member.user, origin)


def person_of_link(person_id: UUID, token: str) -> User:
    """Whose link this is. Raises LinkGone."""
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if person is None or not default_token_generator.check_token(person, token):
        raise LinkGone
    return person


@transaction.atomic
def reset_password(*, person_id: UUID, token: str, new: str) -> User:
    """Choose a new password by a link; all sessions end. Raises LinkGone, WeakPassword."""
    list(User.objects.select_for_update().filter(pk=person_id))
    person = person_of_link(person_id, token)
    require_strong(new, person)
    return _set(person, new, kept="")


def _set(person: User, new: str, kept: str) -> User:
    person.set_password(new)
    person.save(update_fields=["password"])
    Session.objects.filter(user=person, expire_date__gt=timezone.now()).exclude(session_key=kept).delete()
    record_for_person("person.password", person.pk)
    recheck(person.pk)
    return person
