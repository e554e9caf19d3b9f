"""What the caller is told."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.discussion import selectors, services
from apps.discussion.models import Notification
from apps.discussion.shown import told_of


class NotificationFilter(Page):
    unread: bool = False


class NotificationOut(Answer):
    """`page` and `route` name the page it leads to; `text` is a sentence, `excerpt` what was said."""

    id: UUID
    kind: str
    text: str
    excerpt: str
    project: UUID | None
    page: str
    route: dict[str, str]
    at: datetime.datetime
    read_at: datetime.datetime | None


class NotificationsOut(Answer):
    results: list[NotificationOut]
    next: str | None
    previous: str | None


class Notifications(Api):
    @operation(
        "notification.see",
        "The caller's notifications, newest first.",
        query=NotificationFilter,
        answers={200: NotificationsOut},
    )
    def get(self, request: Any, org: str, query: NotificationFilter) -> Result:
        """Of the last 90 days, in this organization."""
        rows = selectors.notifications_of()
        page = page_of(rows.filter(read_at=None) if query.unread else rows, query, lambda row: row, newest_first=True)
        told = {one["id"]: one for one in told_of(page["results"])}
        return 200, {**page, "results": [_notification(row, told[row.pk]) for row in page["results"]]}


class UnreadOut(Answer):
    """`unread` counts to 99; `more` says that there are more."""

    unread: int
    more: bool


class UntilIn(Struct):
    """The newest one that the caller saw; all where it is left out."""

    until: UUID | None = None


class NotificationReading(Api):
    @operation("notification.see", "How many are unread.", answers={200: UnreadOut})
    def get(self, request: Any, org: str) -> Result:
        """Counted no further than 100."""
        return 200, _unread()

    @operation("notification.see", "Mark all as read.", body=UntilIn, answers={200: UnreadOut})
    def put(self, request: Any, org: str, body: UntilIn) -> Result:
        """What came after `until` stays unread."""
        services.mark_all_read(until=body.until)
        return 200, _unread()


class OneNotificationReading(Api):
    @operation("notification.see", "Mark one as read.", answers={204: None})
    def put(self, request: Any, org: str, notification_id: UUID) -> Result:
        """The caller's own only."""
        services.mark_read(notification_id)
        return 204, None


def _unread() -> UnreadOut:
    number = selectors.unread_of()
    return UnreadOut(unread=min(number, selectors.MOST_UNREAD), more=number > selectors.MOST_UNREAD)


def _notification(row: Notification, told: dict[str, Any]) -> NotificationOut:
    return NotificationOut(
        id=row.pk,
        kind=row.kind,
        text=told["text"],
        excerpt=told["excerpt"],
        project=row.project_id,
        page=row.page,
        route=row.route,
        at=row.at,
        read_at=row.read_at,
    )
