"""Make people who can sign in."""

from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from apps.accounts.models import Membership, User
from apps.accounts.selectors import places_of
from apps.activity.services import record_audit
from apps.core.errors import Invalid
from apps.core.tenancy import Context, tenant_tx
from apps.core.text import clean_name

LONGEST_PASSWORD, LONGEST_EMAIL = 1024, 254


class InvalidEmail(Invalid):
    code = "invalid_email"
    message = "This is not an e-mail address."


class EmailTaken(Invalid):
    code = "email_taken"
    message = "Somebody has an account with this address already. Sign in with it, or give another."


class WeakPassword(Invalid):
    code = "weak_password"
    message = "This password is too easy to guess."


def clean_email(email: str, *, field: str = "email") -> str:
    """As it is kept: trimmed and in lower case. Raises InvalidEmail."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidEmail(field=field) from error
    if len(email) > LONGEST_EMAIL:  # Django's own check lets through 320
        raise InvalidEmail(field=field)
    return email


@transaction.atomic
def make_person(*, email: str, name: str, password: str) -> User:
    """An account. Raises InvalidEmail, InvalidName, WeakPassword, EmailTaken."""
    email, name = clean_email(email), clean_name(name)
    require_strong(password, User(email=email, name=name))
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name, password)
    except IntegrityError as error:
        raise EmailTaken(field="email") from error


@transaction.atomic
def rename_person(*, person_id: UUID, name: str) -> None:
    """Be shown by another name, everywhere. Raises InvalidName."""
    name = clean_name(name)
    former = User.objects.values_list("name", flat=True).get(pk=person_id)
    if name != former:
        User.objects.filter(pk=person_id).update(name=name)
        record_for_person("person.edit", person_id, before={"name": former}, after={"name": name})


def record_for_person(verb: str, person_id: UUID, *, before: Any = None, after: Any = None, **details: Any) -> None:
    """An audit row in each organization that the person belongs to now: what they do to their own account concerns
    all of them."""
    for place in places_of(person_id):
        with tenant_tx(Context(org_id=place.id, user_id=person_id, role=place.role)):
            membership = Membership.objects.get(user_id=person_id)
            record_audit(verb, membership, before=before, after=after, **details)


def require_strong(password: str, person: User) -> None:
    """Raises WeakPassword."""
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(f"A password has at most {LONGEST_PASSWORD} characters.", field="password")
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages), field="password") from error
