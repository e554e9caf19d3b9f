"""A person's notifications in the acting organization."""

from django.db.models import QuerySet

from apps.core.tenancy import acting_person, active_tenant
from apps.discussion.models import Notification

MOST_UNREAD = 99


def notifications_of() -> "QuerySet[Notification]":
    """The caller's own."""
    return Notification.objects.filter(person_id=acting_person(), recipient_org_id=active_tenant().org_id)


def unread_of() -> int:
    """How many are unread, counted no further than one past what is shown."""
    return notifications_of().filter(read_at=None)[: MOST_UNREAD + 1].count()
