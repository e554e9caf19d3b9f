"""Personal tokens: shown once, stored hashed."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.authentication import digest_of
from apps.accounts.models import Token
from apps.accounts.selectors import Place, UseSingleSignOn, enforcing_places, speak_as
from apps.accounts.sockets import recheck
from apps.core.errors import Invalid, NotFound
from apps.core.ids import new_secret
from apps.core.text import clean_name

from .people import record_for_person
from .proofs import prove_by_password
from .second_factors import prove_second_factor

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
def issue_token_by_password(
    *,
    email: str,
    password: str,
    otp: str,
    address: str,
    name: str,
    organizations: list[str],
    expires_at: datetime.datetime | None = None,
) -> IssuedToken:
    """Make a token for whoever proves to be this person. Raises what `prove_by_password`, `prove_second_factor` and
    `issue_token` do."""
    person = prove_by_password(email=email, password=password, address=address)
    prove_second_factor(person_id=person.pk, code=otp)
    return issue_token(person_id=person.pk, name=name, organizations=organizations, expires_at=expires_at)


@transaction.atomic
def issue_token(
    *,
    person_id: UUID,
    name: str,
    organizations: list[str],
    expires_at: datetime.datetime | None = None,
    through: Place | None = None,
) -> IssuedToken:
    """Make a token; one made in a session that came `through` a place's provider is good for that place alone.

    Raises InvalidExpiry, TooManyOrganizations, InvalidName and UseSingleSignOn.
    """
    _require_expiry(expires_at)
    if len(organizations) > MOST_ORGANIZATIONS:
        raise TooManyOrganizations(field="organizations")
    if through is None:
        _require_no_provider(person_id, organizations)
    secret = PREFIX + new_secret() + new_secret()
    speak_as(person_id)
    row = Token.objects.create(
        user_id=person_id,
        name=clean_name(name),
        digest=digest_of(secret),
        organizations=[through.slug] if through else sorted(set(organizations)),
        through=through.id if through else None,
        expires_at=expires_at,
    )
    record_for_person("token.create", person_id, after={"name": row.name, "organizations": row.organizations})
    return IssuedToken(row, secret)


def _require_no_provider(person_id: UUID, organizations: list[str]) -> None:
    for place in enforcing_places(person_id):
        if not organizations or place.slug in organizations:
            raise UseSingleSignOn(
                f"{place.name} lets people in through its single sign-on alone. Sign in by it to make a token.",
                organization=place.slug,
            )


@transaction.atomic
def revoke_token(*, person_id: UUID, token_id: UUID, through: UUID | None = None) -> None:
    """End a token at once. Raises NotFound unless it is this person's and live, and came the same way as who asks."""
    speak_as(person_id)
    live = Token.objects.filter(pk=token_id, user_id=person_id, revoked_at=None)
    if through:
        live = live.filter(through=through)
    if not live.update(revoked_at=timezone.now()):
        raise NotFound
    record_for_person("token.revoke", person_id, token=str(token_id))
    recheck(person_id)


def _require_expiry(expires_at: datetime.datetime | None) -> None:
    if expires_at is None:
        return
    now = timezone.now()
    if expires_at.tzinfo is None or not now < expires_at <= now + LONGEST_LIFE:
        raise InvalidExpiry(field="expires_at")
