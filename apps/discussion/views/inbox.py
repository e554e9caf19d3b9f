"""Notifications: the list, the menu under the bell, the way to what one is about."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.core.access import allow
from apps.core.ids import as_id
from apps.core.paging import Page, page_of
from apps.discussion import selectors, services
from apps.discussion.shown import address_of, told_of

A_PAGE = 40
IN_MENU = 8


@allow(get="notification.see", post="notification.see")
def notifications(request: HttpRequest, org: str) -> HttpResponse:
    """All of them, newest first. A POST marks what the person saw as read."""
    if request.method == "POST":
        services.mark_all_read(until=as_id(request.POST.get("until", "")))
        return redirect("discussion:notifications", org=org)
    only = request.GET.get("only", "")
    rows = selectors.notifications_of()
    rows = rows.filter(read_at=None) if only == "unread" else rows
    found = page_of(rows, Page(limit=A_PAGE, cursor=request.GET.get("cursor", "")), lambda row: row, newest_first=True)
    page = {
        "here": "notifications",
        "only": only,
        "told": told_of(found["results"]),
        "next": found["next"],
        "previous": found["previous"],
    }
    return render(request, "discussion/notifications.html", page)


@allow(get="notification.see")
def menu(request: HttpRequest, org: str) -> HttpResponse:
    """The newest, for the menu under the bell."""
    told = told_of(selectors.notifications_of().order_by("-id")[:IN_MENU])
    return render(request, "discussion/_bell_menu.html", {"told": told})


@allow(get="notification.see")
def notification(request: HttpRequest, org: str, notification_id: UUID) -> HttpResponse:
    """Follow one: it is read then."""
    return redirect(address_of(services.mark_read(notification_id), org))
