"""The job table and the outbox: PostgreSQL holds the truth, Redis is a doorbell."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import AcrossTenants, Stateful, TenantManager, TenantOwned, legal_states
from apps.core.tenancy import Policy


class JobState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
# The kinds of jobs that tell news to a subscriber: nobody asked for them, nobody is shown them.
TOPIC_KIND = "topic:"


class Job(TenantOwned, Stateful):
    """Work that no request waits for. `run_token` fences: only the run that holds it may finish the job."""

    MOVES = {
        JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED, JobState.FAILED}),
        JobState.RUNNING: frozenset({JobState.QUEUED, JobState.DONE, JobState.FAILED, JobState.CANCELLED}),
        JobState.DONE: frozenset(),
        JobState.FAILED: frozenset(),
        JobState.CANCELLED: frozenset(),
    }
    tenancy = Policy.WORK

    project_id = models.UUIDField(null=True)
    worker_org_id = models.UUIDField(null=True)  # on whose behalf it was asked for
    kind = models.TextField()
    input = models.JSONField(default=dict)
    input_hash = models.TextField()
    state = models.TextField(choices=JobState, default=JobState.QUEUED)
    attempt = models.SmallIntegerField(default=0)
    max_attempts = models.SmallIntegerField(default=3)
    run_token = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    resends = models.SmallIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    result = models.JSONField(default=dict)
    error_code = models.TextField(default="")
    error_message = models.TextField(default="")
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    @property
    def is_news(self) -> bool:
        """Whether it only tells a subscriber what another app published."""
        return self.kind.startswith(TOPIC_KIND)

    class Meta(TenantOwned.Meta):
        db_table = "job"
        constraints = [
            legal_states(JobState, "job_state"),
            models.UniqueConstraint(
                fields=["org_id", "kind", "input_hash"], condition=Q(state__in=UNFINISHED), name="job_one_unfinished"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "queued_at"], condition=Q(state__in=UNFINISHED), name="job_unfinished"),
            models.Index(fields=["org_id", "-created_at"], name="job_recent"),
        ]


class Outbox(models.Model):
    """What must be said once this transaction commits: a job, a row for an actor, or news on a topic.

    `payload` of a row for an actor names its queue: `{"queue": "gpu.assist"}`.
    """

    tenancy = Policy.SHARED  # a vendor's member writes news of the customer's project
    project_column = "project_id"

    id = models.BigAutoField(primary_key=True)
    org_id = models.UUIDField()
    project_id = models.UUIDField(null=True)
    job_id = models.UUIDField(null=True)
    actor = models.TextField(default="")
    row_id = models.UUIDField(null=True)
    topic = models.TextField(default="")
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    objects = TenantManager()
    across_tenants = AcrossTenants()

    class Meta:
        db_table = "outbox"
        indexes = [
            models.Index(fields=["id"], condition=Q(sent_at=None), name="outbox_unsent"),
            models.Index(fields=["sent_at"], name="outbox_sent"),
            models.Index(fields=["job_id"], condition=Q(sent_at=None), name="outbox_unsent_job"),
        ]
