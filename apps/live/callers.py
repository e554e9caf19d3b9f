"""Who opens a socket, and whether they still may: asked at connect and again every few seconds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

from apps.accounts.authentication import member_of_key
from apps.accounts.selectors import Member, member_by_token
from apps.core.errors import NotAllowed, NotSignedIn

from .services import Ticket, redeem_ticket


@dataclass(frozen=True, slots=True)
class Caller:
    """What a connection proved at its opening: a session, or a ticket that was used up."""

    slug: str
    session_key: str = ""
    ticket: Ticket | None = None

    def member(self) -> Member:
        """Who that is now. Raises NotSignedIn, or NotAllowed where they are no member (any more)."""
        if self.ticket:
            member = _member_of(self.ticket) if self.ticket.slug == self.slug else None
        else:
            member = member_of_key(self.session_key, self.slug)
        if member is None:
            raise NotAllowed
        return member


def caller_of(scope: dict[str, Any]) -> Caller:
    """Read the handshake. Raises NotSignedIn, or NotAllowed for a page of another site."""
    slug = scope["url_route"]["kwargs"]["org"]
    headers = _headers(scope["headers"])
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if secrets := query.get("ticket"):
        return Caller(slug, ticket=redeem_ticket(secrets[0]))
    key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
    if not key:
        raise NotSignedIn
    # A browser sends the cookie along whoever's page opens the socket.
    if not _is_own_page(headers.get("origin", ""), headers.get("host", "")):
        raise NotAllowed
    return Caller(slug, session_key=key)


def _is_own_page(origin: str, host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS) and urlsplit(origin).netloc == host


def _member_of(ticket: Ticket) -> Member | None:
    if ticket.token:
        return member_by_token(ticket.token, ticket.slug)
    return member_of_key(ticket.session, ticket.slug)


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}
