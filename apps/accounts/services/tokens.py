"""Personal tokens: shown once, stored hashed."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.authentication import digest_of
from apps.accounts.models import Token
from apps.core.errors import Invalid, NotFound
from apps.core.ids import new_secret
from apps.core.text import clean_name

from .proofs import prove_by_password

PREFIX = "tsr_"
LONGEST_LIFE = datetime.timedelta(days=3660)
MOST_ORGANIZATIONS = 100


class InvalidExpiry(Invalid):
    code = "invalid_expiry"
    message = "A token ends at a time to come, within ten years, given with its zone; or say nothing, and it lasts."


class TooManyOrganizations(Invalid):
    code = "too_many_organizations"
    message = f"A token names at most {MOST_ORGANIZATIONS} organizations; name none for all of the person's."


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token and its only plain copy."""

    row: Token
    secret: str


@transaction.atomic
def issue_token(
    *,
    email: str,
    password: str,
    address: str,
    name: str,
    organizations: list[str],
    expires_at: datetime.datetime | None = None,
) -> IssuedToken:
    """Make a token for whoever proves to be this person.

    Raises what `prove_by_password` does, InvalidExpiry, TooManyOrganizations, InvalidName.
    """
    _require_expiry(expires_at)
    if len(organizations) > MOST_ORGANIZATIONS:
        raise TooManyOrganizations(field="organizations")
    person = prove_by_password(email=email, password=password, address=address)
    secret = PREFIX + new_secret() + new_secret()
    _speak_as(person.pk)
    row = Token.objects.create(
        user=person,
        name=clean_name(name),
        digest=digest_of(secret),
        organizations=sorted(set(organizations)),
        expires_at=expires_at,
    )
    return IssuedToken(row, secret)


@transaction.atomic
def revoke_token(*, person_id: UUID, token_id: UUID) -> None:
    """End a token at once. Raises NotFound unless it is this person's and live."""
    _speak_as(person_id)
    revoked = Token.objects.filter(pk=token_id, user_id=person_id, revoked_at=None).update(revoked_at=timezone.now())
    if not revoked:
        raise NotFound


def _require_expiry(expires_at: datetime.datetime | None) -> None:
    if expires_at is None:
        return
    now = timezone.now()
    if expires_at.tzinfo is None or not now < expires_at <= now + LONGEST_LIFE:
        raise InvalidExpiry(field="expires_at")


def _speak_as(person_id: UUID) -> None:
    # A token belongs to a person, not to an organization: its policy reads this setting alone.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user', %s, true)", [str(person_id)])
