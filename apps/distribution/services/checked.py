"""What a priority and a due date may be."""

import datetime

from django.db import connection

from apps.core.errors import Invalid
from apps.distribution.models import NEVER

MOST_URGENT, LEAST_URGENT = 0, 1000


class DueInThePast(Invalid):
    code = "due_in_the_past"
    message = "This date has passed already. Choose one that lies ahead, or none."


class InvalidPriority(Invalid):
    code = "invalid_priority"
    message = f"A priority is a number from {MOST_URGENT} (first of all) to {LEAST_URGENT:,}."


def checked_urgency(priority: int | None, due_at: datetime.datetime | None) -> None:
    """Raise InvalidPriority or DueInThePast, by the clock of the database."""
    if priority is not None and not MOST_URGENT <= priority <= LEAST_URGENT:
        raise InvalidPriority(field="priority")
    if due_at is None or due_at >= NEVER:
        return
    if due_at.tzinfo is None:
        raise DueInThePast("Say in which time zone this date is.", field="due_at")
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s <= clock_timestamp()", [due_at])
        if cursor.fetchone()[0]:
            raise DueInThePast(field="due_at")
