"""Prove who somebody is by a password: counted, and alike for known and unknown accounts."""

from django.contrib.auth import authenticate

from apps.accounts.models import User
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
