"""What the audit page is asked for. A page that is asked for nonsense shows all, as the lists elsewhere do."""

import datetime
from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from .selectors.audit import Asked

A_DAY = datetime.timedelta(days=1)
LONGEST = 100


def asked_of(query: Mapping[str, str], zone: ZoneInfo) -> Asked:
    """From `who` (`person:…` or `organization:…`), `verb`, `object`, `first` and `last`; both days belong to it."""
    kind, _, id_ = query.get("who", "").partition(":")
    last = _day(query.get("last"), zone)
    return Asked(
        person=_id(id_) if kind == "person" else None,
        organization=_id(id_) if kind == "organization" else None,
        verb=_word(query.get("verb")),
        object_type=_word(query.get("object")),
        since=_day(query.get("first"), zone),
        until=_day((last + A_DAY).date().isoformat(), zone) if last else None,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _word(text: str | None) -> str:
    return (text or "").replace("\0", "").strip()[:LONGEST].lower()


def _day(text: str | None, zone: ZoneInfo) -> datetime.datetime | None:
    try:
        day = datetime.date.fromisoformat(text or "")
        return datetime.datetime.combine(day, datetime.time(), zone) if 1970 < day.year < 9000 else None
    except ValueError:
        return None
