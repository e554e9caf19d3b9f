"""Sign-in by address and password. Unknown addresses cost the same hashing as known ones."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from .models import User


class EmailBackend(BaseBackend):
    """Django's authentication backend for `User`."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """The active person with this address and password."""
        email, password = credentials.get("username"), credentials.get("password")
        if not email or password is None:
            return None
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            make_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: Any) -> User | None:
        """The active person of a session."""
        return User.objects.filter(pk=user_id, is_active=True).first()
