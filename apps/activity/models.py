"""What happened: audit rows (sealed later), activity rows (measurement), feeds (socket resume), idempotency keys.

Plain UUID columns and no imports upward: every app writes here, and a tombstone must outlive what it names.
"""

from typing import ClassVar

from django.db import models

from apps.core.models import AcrossTenants, TenantManager
from apps.core.tenancy import Policy


class Recorded(models.Model):
    """A row that is only ever added."""

    tenancy: ClassVar[Policy] = Policy.PRIVATE
    project_column: ClassVar[str] = "project_id"

    id = models.BigAutoField(primary_key=True)
    org_id = models.UUIDField()

    objects = TenantManager()
    across_tenants = AcrossTenants()

    class Meta:
        abstract = True
        base_manager_name = "across_tenants"


class AuditEvent(Recorded):
    """One row per mutation: who, on whose behalf (`worker_org_id`), did what to which object."""

    tenancy = Policy.WORK

    worker_org_id = models.UUIDField(null=True)
    project_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    verb = models.TextField()
    object_type = models.TextField()
    object_id = models.UUIDField(null=True)
    before = models.BinaryField(null=True)
    after = models.BinaryField(null=True)
    details = models.JSONField(default=dict)
    request_id = models.TextField(default="")
    at = models.DateTimeField()

    class Meta(Recorded.Meta):
        db_table = "audit_event"
        indexes = [
            models.Index(fields=["org_id", "object_type", "object_id"], name="audit_event_object"),
            models.Index(fields=["org_id", "id"], name="audit_event_line"),
            models.Index(fields=["org_id", "at"], name="audit_event_at"),
            models.Index(fields=["worker_org_id", "at"], name="audit_event_worker_at"),
        ]


class AuditSeal(models.Model):
    """An audit row's place in its organization's chain: what `sealing.py` makes, and only a worker may write.

    `worker_org_id` and `project_id` are the event's, so that a seal is seen by whoever sees the event. There is no
    foreign key: a seal whose event is gone is how a removed row is found.
    """

    tenancy: ClassVar[Policy] = Policy.WORK
    project_column: ClassVar[str] = "project_id"

    event_id = models.BigIntegerField(primary_key=True)
    org_id = models.UUIDField()
    worker_org_id = models.UUIDField(null=True)
    project_id = models.UUIDField(null=True)
    seq = models.BigIntegerField()
    previous = models.BinaryField()
    hash = models.BinaryField()
    sealed_at = models.DateTimeField()

    objects = TenantManager()
    across_tenants = AcrossTenants()

    class Meta:
        db_table = "audit_seal"
        base_manager_name = "across_tenants"
        constraints = [models.UniqueConstraint(fields=["org_id", "seq"], name="audit_seal_seq")]
        indexes = [models.Index(fields=["org_id", "event_id"], name="audit_seal_event")]


class ActivityEvent(Recorded):
    """One row per step of work; monthly partitions (the table is made in SQL), schema 1, payload of at most 4 kB."""

    tenancy = Policy.WORK

    worker_org_id = models.UUIDField(null=True)
    project_id = models.UUIDField(null=True)
    stage_id = models.UUIDField(null=True)
    task_id = models.UUIDField(null=True)
    unit_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    kind = models.TextField()
    at = models.DateTimeField()
    payload = models.JSONField(default=dict)
    schema = models.SmallIntegerField(default=1)

    class Meta(Recorded.Meta):
        db_table = "activity_event"
        managed = False


class FeedHead(models.Model):
    """The last number of a topic. The writer holds this row, so numbers have no gaps and follow commit order.

    Shared, not work: a topic may pass from one vendor's hands to another's, and the count goes on.
    """

    tenancy: ClassVar[Policy] = Policy.SHARED
    project_column: ClassVar[str] = "project_id"

    id = models.BigAutoField(primary_key=True)
    org_id = models.UUIDField()
    project_id = models.UUIDField(null=True)
    topic = models.TextField()
    seq = models.BigIntegerField()

    objects = TenantManager()

    class Meta:
        db_table = "feed_head"
        constraints = [models.UniqueConstraint(fields=["org_id", "topic"], name="feed_head_topic")]


class Feed(models.Model):
    """What a topic's subscribers were told, kept for 24 h so that a reconnect can resume."""

    tenancy: ClassVar[Policy] = Policy.WORK
    project_column: ClassVar[str] = "project_id"

    id = models.BigAutoField(primary_key=True)
    org_id = models.UUIDField()
    project_id = models.UUIDField(null=True)
    worker_org_id = models.UUIDField(null=True)
    topic = models.TextField()
    seq = models.BigIntegerField()
    frame = models.JSONField()
    at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        db_table = "feed"
        constraints = [models.UniqueConstraint(fields=["org_id", "topic", "seq"], name="feed_topic_seq")]
        indexes = [models.Index(fields=["org_id", "at"], name="feed_at")]


class IdempotencyKey(models.Model):
    """The first answer to a request, for whoever repeats it; written in the transaction that did the work."""

    tenancy: ClassVar[Policy] = Policy.PRIVATE

    id = models.BigAutoField(primary_key=True)
    org_id = models.UUIDField()
    user_id = models.UUIDField()
    method = models.TextField()
    path = models.TextField()
    key = models.TextField()
    body_digest = models.BinaryField()
    status = models.SmallIntegerField()
    answer = models.BinaryField()
    media_type = models.TextField()
    at = models.DateTimeField()

    objects = TenantManager()

    class Meta:
        db_table = "idempotency_key"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "user_id", "method", "path", "key"], name="idempotency_key_once")
        ]
        indexes = [models.Index(fields=["org_id", "at"], name="idempotency_key_at")]
