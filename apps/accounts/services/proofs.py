"""Prove who somebody is by a password: counted, and alike for known and unknown accounts."""

from uuid import UUID

from django.contrib.auth import authenticate

from apps.accounts.models import User
from apps.accounts.selectors import UseSingleSignOn, enforcing_places, places_of
from apps.core.errors import NotSignedIn
from apps.core.throttle import count_try, forget_tries, network_of


class WrongCredentials(NotSignedIn):
    code = "wrong_credentials"
    message = "The address or the password is not right."


def prove_by_password(*, email: str, password: str, address: str) -> User:
    """The person with this password, who asks from a network address. Raises WrongCredentials and TriedTooOften."""
    email, network = email.strip().lower(), network_of(address)
    count_try("sign-in-network", network)
    count_try("sign-in", email, network)
    person = authenticate(None, username=email, password=password)
    if not isinstance(person, User):
        raise WrongCredentials
    forget_tries("sign-in", email, network)
    return person


def require_way_in(*, person_id: UUID) -> None:
    """Raises UseSingleSignOn where a password leads nowhere: each organization of the person enforces its provider."""
    enforcing = enforcing_places(person_id)
    if enforcing and len(enforcing) == len(places_of(person_id)):
        raise UseSingleSignOn(
            f"{enforcing[0].name} lets people in through its single sign-on alone.", organization=enforcing[0].slug
        )
