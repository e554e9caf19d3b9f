"""Who asks: a session cookie (with CSRF for what changes things) or a personal token."""

import hashlib
from typing import Any

from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.authentication import BaseAuthentication

from apps.core.errors import NotAllowed


def digest_of(token: str) -> bytes:
    """How a token is stored; tokens are random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def bearer_token(authorization: str) -> str | None:
    """The token of an Authorization header, or None when it is of another kind."""
    kind, _, token = authorization.partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


class StaleForm(NotAllowed):
    code = "csrf_failed"
    message = "Send the X-CSRFToken header with the cookie's value."


class Settled(BaseAuthentication):
    """DRF's view of what middleware found; a request by cookie must prove that our own page sent it."""

    def authenticate(self, request: Any) -> tuple[Any, None] | None:
        """The person, or None for a stranger."""
        inner = request._request
        if not inner.user.is_authenticated:
            return None
        if not getattr(inner, "by_token", False) and request.method not in {"GET", "HEAD", "OPTIONS"}:
            _require_csrf(inner)
        return inner.user, None

    def authenticate_header(self, request: Any) -> str:
        """What a 401 asks for."""
        return "Bearer"


class _Check(CsrfViewMiddleware):
    def _reject(self, request: Any, reason: str) -> Any:
        return reason


def _require_csrf(request: Any) -> None:
    check = _Check(HttpResponse)
    check.process_request(request)
    if check.process_view(request, HttpResponse, (), {}):
        raise StaleForm
