"""Secrets that must be read again (keys of second factors, passwords of others' servers), sealed in the database.

The key is made of SECRET_KEY; what was sealed under a former one (SECRET_KEY_FALLBACKS) still opens.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from .errors import Refusal

PURPOSE = b"tessera.sealing.1:"


class CannotUnseal(Refusal):
    """What is in the database was sealed under another SECRET_KEY."""

    code = "cannot_unseal"
    message = "A secret that is kept here cannot be opened: the key of this installation was changed. Tell who runs it."


def seal(text: str) -> str:
    """As it may be kept."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again. Raises CannotUnseal."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotUnseal from error


def _box() -> MultiFernet:
    return MultiFernet([_key(str(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(PURPOSE + secret.encode()).digest()))
