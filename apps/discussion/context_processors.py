"""What the bar of every page shows of notifications."""

from functools import cache
from typing import Any

from django.http import HttpRequest

from apps.core.tenancy import NoActiveTenant

from .selectors import MOST_UNREAD, unread_of


def bell(request: HttpRequest) -> dict[str, Any]:
    """`unread`, asked for only by a page that shows the bell; None where nobody acts for an organization."""
    return {"unread": cache(_unread)} if getattr(request, "member", None) else {}


def _unread() -> dict[str, Any] | None:
    try:
        number = unread_of()
    except NoActiveTenant:  # a refusal's page is rendered when the context has ended
        return None
    return {"number": number, "text": f"{MOST_UNREAD}+" if number > MOST_UNREAD else str(number)}
