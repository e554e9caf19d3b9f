"""Projects, their datasets, and the items in them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import ProjectOwned, Stateful, TenantKey, TenantOwned, legal_states
from apps.core.tenancy import Policy
from apps.jobs.models import Job


class Project(TenantOwned):
    """A job of labeling: one recipe line, its data, its pipelines. Owned by the customer."""

    tenancy = Policy.SHARED
    project_column = "id"

    name = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    idle_seconds = models.PositiveSmallIntegerField(default=60)
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "project"
        indexes = [models.Index(fields=["org_id", "-created_at"], name="project_recent")]


class Dataset(ProjectOwned):
    """A named collection of items."""

    project = TenantKey(Project)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(ProjectOwned.Meta):
        db_table = "dataset"
        constraints = [
            models.UniqueConstraint(
                fields=["org_id", "project", "name"], condition=Q(deleted_at=None), name="dataset_name"
            )
        ]


class Item(ProjectOwned):
    """One picture, upright: `width` and `height` are what people and models see.

    The original lies at `org/{org}/blob/{aa}/{sha256}`; preview, thumbnail and tiles are made from it.
    """

    project = TenantKey(Project)
    dataset = TenantKey(Dataset)
    name = models.CharField(max_length=300)
    media_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    group_id = models.UUIDField(null=True)
    position = models.PositiveIntegerField(default=0)
    metadata = models.JSONField(default=dict)
    fingerprint = models.BigIntegerField(null=True)  # 64 bits that near-duplicates share; made when a line asks
    revision = models.PositiveIntegerField(default=0)  # number of the last writing of its annotations
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(ProjectOwned.Meta):
        db_table = "item"
        indexes = [
            models.Index(fields=["org_id", "dataset", "id"], condition=Q(deleted_at=None), name="item_of_dataset"),
            models.Index(fields=["org_id", "project", "name"], name="item_name"),
        ]


class UploadState(models.TextChoices):
    RECEIVED = "received", _("Received")
    DONE = "done", _("Done")


class Upload(ProjectOwned, Stateful):
    """Files handed in together; a job turns them into items and leaves a line for each."""

    MOVES = {UploadState.RECEIVED: frozenset({UploadState.DONE}), UploadState.DONE: frozenset()}

    project = TenantKey(Project)
    dataset = TenantKey(Dataset)
    job = TenantKey(Job)
    state = models.TextField(choices=UploadState, default=UploadState.RECEIVED)
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "upload"
        constraints = [legal_states(UploadState, "upload_state")]


class EntryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    OPENED = "opened", _("Opened")  # an archive, whose members are entries of their own
    IMPORTED = "imported", _("Imported")
    REFUSED = "refused", _("Refused")


class UploadEntry(ProjectOwned, Stateful):
    """One file of an upload, or one entry of its archive: the item it became, or why it was refused.

    `path` is where the bytes wait in the storage; `member` is the number inside the archive that lies there.
    """

    MOVES = {
        EntryState.WAITING: frozenset({EntryState.OPENED, EntryState.IMPORTED, EntryState.REFUSED}),
        EntryState.OPENED: frozenset(),
        EntryState.IMPORTED: frozenset(),
        EntryState.REFUSED: frozenset(),
    }

    project = TenantKey(Project)
    upload = TenantKey(Upload)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    path = models.TextField()
    member = models.PositiveIntegerField(null=True)
    state = models.TextField(choices=EntryState, default=EntryState.WAITING)
    item = TenantKey(Item, null=True)
    error_code = models.TextField(default="")
    error_message = models.TextField(default="")

    class Meta(ProjectOwned.Meta):
        db_table = "upload_entry"
        constraints = [
            legal_states(EntryState, "upload_entry_state"),
            models.UniqueConstraint(fields=["org_id", "upload", "number"], name="upload_entry_once"),
        ]
