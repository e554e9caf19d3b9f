"""Our session engine (SESSION_ENGINE): Django's, over a table that says whose a session is, from where and since when.

A session that waits for a second factor holds nobody: `wait_for_code` in `views/second_step.py`.
"""

import datetime
import hashlib
import time
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY, login
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest

from apps.core.throttle import address_of

from .models import Session, User

BACKEND = "apps.accounts.sign_in.EmailBackend"
# Where a session keeps what the table shows beside its person. THROUGH is the one organization that it is good for,
# of a session that the organization's own provider vouched for.
SINCE, SEEN, ADDRESS, AGENT, THROUGH = "since", "seen", "address", "agent", "through"
NOTED_EVERY = 600
LONGEST_AGENT = 300


class SessionStore(DatabaseStore):
    """Keeps the columns of the table in step with what the session holds."""

    @classmethod
    def get_model_class(cls) -> Any:
        """Our table."""
        return Session

    def create_model_instance(self, data: Any) -> Any:
        """The row of a session as it is saved now."""
        row: Any = super().create_model_instance(data)
        now = int(time.time())
        row.user_id = data.get(SESSION_KEY)
        row.since, row.seen = (_moment(data.get(name, now)) for name in (SINCE, SEEN))
        row.address, row.agent = data.get(ADDRESS, ""), data.get(AGENT, "")
        row.through = data.get(THROUGH)
        return row


def open_session(request: HttpRequest, person: User, *, through: UUID | None = None) -> None:
    """Sign a proven person in, under a new key; `through` confines the session to one organization."""
    login(request, person, backend=BACKEND)
    now = int(time.time())
    agent = request.headers.get("User-Agent", "")[:LONGEST_AGENT].replace("\0", "")
    request.session.update({SINCE: now, SEEN: now, ADDRESS: address_of(request)[:64], AGENT: agent})
    request.session.pop(THROUGH, None)
    if through:
        request.session[THROUGH] = str(through)


def note_use(session: Any) -> None:
    """Remember now and then that a session is in use; that it is saved then also moves its end."""
    now = int(time.time())
    if now - session.get(SEEN, 0) > NOTED_EVERY:
        session[SEEN] = now


def through_of(session: Any) -> UUID | None:
    """The only organization that a session is good for, or None for all of its person's."""
    confined = session.get(THROUGH)
    return UUID(confined) if confined else None


def handle_of(session_key: str | None) -> str:
    """How pages name a session: its key is a secret."""
    return hashlib.sha256((session_key or "").encode()).hexdigest()[:32]


def _moment(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
