"""Who asks: a session cookie (with CSRF for what changes things) or a personal token."""

import hashlib
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication

from apps.core.errors import NotAllowed, NotSignedIn

from .models import User
from .selectors import Member, UseSingleSignOn, member_by_session, organizations_of_token
from .sessions import SessionStore, note_use, through_of


def digest_of(token: str) -> bytes:
    """How a token is stored; tokens are random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def bearer_token(authorization: str) -> str | None:
    """The token of an Authorization header, or None when it is of another kind."""
    kind, _, token = authorization.partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def member_of_session(request: HttpRequest, slug: str) -> Member | None:
    """The member that a session's person is, in the one round trip that reads the member. Raises NotSignedIn.

    A session that this does not prove goes Django's own way, which knows older keys and clears what is stale.
    """
    session = request.session
    claimed = session.get(SESSION_KEY) if session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS else None
    try:
        member = member_by_session(UUID(claimed), slug, through_of(session)) if claimed else None
    except UseSingleSignOn:
        if not request.user.is_authenticated:
            raise NotSignedIn from None
        raise
    if (member is None or not _proves(session, member.user)) and not request.user.is_authenticated:
        raise NotSignedIn
    note_use(session)
    return member


def member_of_key(session_key: str, slug: str) -> Member | None:
    """The same for who shows a session's key elsewhere than in a request: the live channel. Raises NotSignedIn."""
    session = SessionStore(session_key)
    person = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if not person.is_authenticated:
        raise NotSignedIn
    return member_by_session(person.pk, slug, through_of(session))


def _proves(session: Any, user: User) -> bool:
    """Whether the session is of the password that the person has now."""
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


class Confined(NotAllowed):
    code = "confined_session"
    message = "You came through an organization's single sign-on, good there alone. Sign in with your password."


def require_free(request: Any) -> None:
    """Raises Confined where an organization's provider vouched for who asks: it does not speak for them elsewhere."""
    if request.through:
        raise Confined


class NarrowToken(NotAllowed):
    code = "narrow_token"
    message = "This token is good for some organizations alone. Use one that is good for all, or sign in."


def reach_of(request: Any) -> frozenset[str]:
    """The organizations, by their slugs, to which the token of a request is limited; none where all are open to it."""
    token = bearer_token(request.headers.get("Authorization", "")) if getattr(request, "by_token", False) else None
    return organizations_of_token(request.user.pk, digest_of(token)) if token else frozenset()


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
