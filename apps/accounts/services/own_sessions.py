"""End one's own sessions: dead at the next request, their sockets at once."""

from uuid import UUID

from django.db import transaction

from apps.accounts.selectors import sessions_of
from apps.accounts.sessions import handle_of
from apps.accounts.sockets import recheck
from apps.core.errors import NotFound

from .people import record_for_person


@transaction.atomic
def end_session(*, person_id: UUID, handle: str, through: UUID | None = None) -> None:
    """End one of them. Raises NotFound."""
    row = next((one for one in sessions_of(person_id, through) if handle_of(one.session_key) == handle), None)
    if row is None:
        raise NotFound
    row.delete()
    record_for_person("session.end", person_id)
    recheck(person_id)


@transaction.atomic
def end_other_sessions(*, person_id: UUID, kept: str, through: UUID | None = None) -> int:
    """End all but the one with this key, and say how many those were."""
    others = [one for one in sessions_of(person_id, through) if one.session_key != kept]
    for row in others:
        row.delete()
    if others:
        record_for_person("session.end", person_id, count=len(others))
        recheck(person_id)
    return len(others)
