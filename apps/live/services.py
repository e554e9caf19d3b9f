"""Tickets: a way onto the live channel for callers without our cookie. Single use, 30 s, kept in the cache."""

import datetime
import hashlib
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

from apps.core.errors import NotSignedIn
from apps.core.ids import new_secret

LIVES = datetime.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may come in with it, and how they asked: by a personal token, whose digest is here, or by a session."""

    user_id: UUID
    slug: str
    token: bytes | None
    session: str


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A ticket's only plain copy."""

    secret: str
    expires_at: datetime.datetime


def issue_ticket(*, user_id: UUID, slug: str, token: bytes | None = None, session: str = "") -> IssuedTicket:
    """Make a ticket for one connection to one organization's channel; it ends with the token or session that asked."""
    secret = new_secret()
    kept = {"user_id": str(user_id), "slug": slug, "token": token.hex() if token else "", "session": session}
    cache.set(_key(secret), kept, LIVES.total_seconds())
    return IssuedTicket(secret, timezone.now() + LIVES)


def redeem_ticket(secret: str) -> Ticket:
    """Use a ticket up. Raises NotSignedIn for one that is unknown, used or too old."""
    key = _key(secret)
    kept = cache.get(key)
    # Of two that come at once, the one whose delete found the key goes in.
    if not kept or not cache.delete(key):
        raise NotSignedIn
    token = bytes.fromhex(kept["token"]) if kept["token"] else None
    return Ticket(UUID(kept["user_id"]), kept["slug"], token, kept["session"])


def _key(secret: str) -> str:
    return "ticket:" + hashlib.sha256(secret.encode()).hexdigest()
