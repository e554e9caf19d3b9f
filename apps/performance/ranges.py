"""The days that a page speaks of: the latest 7, 14, 30 or 90 of the owner's calendar, or two dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

LATEST = (7, 14, 30, 90)
USUAL = 14
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Range:
    """Both days belong to it. `latest` is how many days it is, where it is one of those and ends today."""

    first: date
    last: date
    latest: int | None

    @property
    def days(self) -> list[date]:
        """Each of them."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def range_of(query: Mapping[str, str], today: date) -> Range:
    """From `days`, or else from `first` and `last`; whatever cannot be understood is the latest 14 days."""
    first, last, asked = _date(query.get("first")), _date(query.get("last")), query.get("days", "")
    latest = int(asked) if asked in {str(one) for one in LATEST} else None
    if latest is None and first and last and first <= last:
        number = (last - first).days + 1
        latest = number if last == today and number in LATEST else None
        return Range(last - timedelta(days=min(number, LONGEST) - 1), last, latest)
    latest = latest or USUAL
    return Range(today - timedelta(days=latest - 1), today, latest)


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
