"""Questions about tasks, and what people are told of."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import ProjectOwned, Stateful, TenantKey, TenantOwned, legal_states
from apps.core.tenancy import Policy
from apps.distribution.models import Task, Unit
from apps.projects.models import Item, Project


class ThreadState(models.TextChoices):
    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")


class Thread(ProjectOwned, Stateful):
    """What people say to each other about a unit: one thread for each organization that works on it.

    `task` is the one from which it was opened; later rounds and the review of the same unit go on in it.
    `worker_org_id` is whose people talk here with the owner's.
    """

    tenancy = Policy.WORK
    MOVES = {
        ThreadState.OPEN: frozenset({ThreadState.RESOLVED}),
        ThreadState.RESOLVED: frozenset({ThreadState.OPEN}),
    }

    project = TenantKey(Project)
    worker_org_id = models.UUIDField()
    unit = TenantKey(Unit)
    item = TenantKey(Item)
    task = TenantKey(Task)
    state = models.TextField(choices=ThreadState, default=ThreadState.OPEN)
    opened_by = models.UUIDField()
    opened_at = models.DateTimeField()

    class Meta(ProjectOwned.Meta):
        db_table = "thread"
        constraints = [
            legal_states(ThreadState, "thread_state"),
            models.UniqueConstraint(fields=["org_id", "unit", "worker_org_id"], name="thread_of_unit"),
        ]
        indexes = [models.Index(fields=["org_id", "project", "state", "-id"], name="thread_of_project")]


class Comment(ProjectOwned):
    """One thing said. In `text` a mention stands as `@[person]`: each reader sees the name that they may know."""

    tenancy = Policy.WORK

    project = TenantKey(Project)
    worker_org_id = models.UUIDField()
    thread = TenantKey(Thread)
    author_id = models.UUIDField()
    author_org_id = models.UUIDField()
    text = models.TextField()
    mentions = ArrayField(models.UUIDField(), default=list)
    at = models.DateTimeField()

    class Meta(ProjectOwned.Meta):
        db_table = "comment"
        indexes = [models.Index(fields=["org_id", "thread", "id"], name="comment_of_thread")]


class NotificationKind(models.TextChoices):
    MENTIONED = "mentioned", _("You were mentioned")
    ANSWERED = "answered", _("Somebody answered")
    RETURNED = "returned", _("A task came back to you")
    FINISHED = "finished", _("What you asked for is there")
    FAILED = "failed", _("What you asked for failed")
    JOINED = "joined", _("Somebody accepted your invitation")
    OFFERED = "offered", _("A project was offered to your organization")
    ACCEPTED = "accepted", _("A vendor accepted your offer")
    CHANGED = "changed", _("What is shared with your organization was changed")
    ENDED = "ended", _("An engagement has ended")


class Notification(TenantOwned):
    """One thing that one person is told in one organization; kept for 90 days.

    `org_id` owns what it is about, `worker_org_id` works on it, `recipient_org_id` is the one of the two for which the
    person acts. `page` and `route` are the address, less the organization's slug.
    """

    tenancy = Policy.WORK

    project = TenantKey(Project, null=True)
    worker_org_id = models.UUIDField(null=True)
    recipient_org_id = models.UUIDField()
    person_id = models.UUIDField()
    kind = models.TextField(choices=NotificationKind)
    actor_id = models.UUIDField(null=True)
    about = models.TextField(default="")
    text = models.TextField(default="")
    page = models.TextField()
    route = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "notification"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NotificationKind.values), name="notification_kind"),
        ]
        indexes = [
            models.Index(fields=["person_id", "recipient_org_id", "-id"], name="notification_of_person"),
            models.Index(
                fields=["person_id", "recipient_org_id"], condition=Q(read_at=None), name="notification_unread"
            ),
            models.Index(fields=["org_id", "at"], name="notification_at"),
        ]
