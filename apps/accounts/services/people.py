"""Make people who can sign in."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.core.errors import Invalid
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
    _require_strong(password, User(email=email, name=name))
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name, password)
    except IntegrityError as error:
        raise EmailTaken(field="email") from error


def _require_strong(password: str, person: User) -> None:
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(f"A password has at most {LONGEST_PASSWORD} characters.", field="password")
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages), field="password") from error
