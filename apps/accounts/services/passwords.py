"""Change a password, or choose a new one by a link when it is forgotten."""

from uuid import UUID

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils import timezone

from apps.accounts import mail
from apps.accounts.models import Session, User
from apps.accounts.selectors import places_of
from apps.accounts.sockets import recheck
from apps.core.errors import NotFound, Refusal
from apps.core.throttle import count_try, network_of

from .people import clean_email, record_for_person, require_strong
from .proofs import WrongCredentials, prove_by_password


class LinkGone(NotFound):
    code = "link_gone"
    message = "This link is not good any more: it was used, a newer password was chosen, or it is older than an hour."


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


def reset_link_for_member(*, person_id: UUID, org_id: UUID, origin: str) -> str:
    """For a person of one organization alone, whose people hand it over. Raises BelongsElsewhere.

    Whoever holds the link can become the person: in another organization that is nobody's to give.
    """
    if [place.id for place in places_of(person_id)] != [org_id]:
        raise BelongsElsewhere
    return reset_link(User.objects.get(pk=person_id, is_active=True), origin)


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
