"""What finds items again: facets by which they are listed, named sets of them, saved views, acts on many at once."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import AcrossTenants, ProjectOwned, Stateful, TenantKey, TenantManager, legal_states
from apps.core.tenancy import Policy
from apps.jobs.models import Job
from apps.predictions.models import Deployment
from apps.projects.models import Item, Project


class Facet(models.Model):
    """That an item stands in a list: `term` is like `state=open` or `label=<id>`. Made from other tables, never edited.

    The key is the index by which a page of a filter is read: the list first, then the items in order. No foreign
    keys: rows are written only by `services.refreshing`, from the item's own row, and can be made anew at any time.
    """

    tenancy: ClassVar[Policy] = Policy.SHARED
    project_column: ClassVar[str] = "project_id"

    pk = models.CompositePrimaryKey("org_id", "project_id", "dataset_id", "term", "item_id")
    org_id = models.UUIDField()
    project_id = models.UUIDField()
    dataset_id = models.UUIDField()
    term = models.TextField(db_collation="C")
    item_id = models.UUIDField()

    objects = TenantManager()

    class Meta:
        db_table = "item_facet"
        indexes = [models.Index(fields=["org_id", "item_id"], name="item_facet_of_item")]


class StaleItem(models.Model):
    """A mark, left by triggers, that an item's facets may have changed. Appended only, so that no writer waits."""

    tenancy: ClassVar[Policy] = Policy.SHARED
    project_column: ClassVar[str] = "project_id"

    id = models.BigAutoField(primary_key=True)
    org_id = models.UUIDField()
    project_id = models.UUIDField()
    item_id = models.UUIDField()

    objects = TenantManager()
    across_tenants = AcrossTenants()

    class Meta:
        db_table = "stale_item"
        indexes = [models.Index(fields=["org_id", "project_id", "id"], name="stale_item_of_project")]


class Subset(ProjectOwned):
    """A named set of a project's items."""

    project = TenantKey(Project)
    name = models.CharField(max_length=200)
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "subset"
        constraints = [models.UniqueConstraint(fields=["org_id", "project", "name"], name="subset_name")]


class SubsetItem(ProjectOwned):
    """That an item is in a subset."""

    project = TenantKey(Project)
    subset = TenantKey(Subset)
    item = TenantKey(Item)

    class Meta(ProjectOwned.Meta):
        db_table = "subset_item"
        constraints = [models.UniqueConstraint(fields=["org_id", "item", "subset"], name="subset_item_once")]
        indexes = [models.Index(fields=["org_id", "subset"], name="subset_item_of_subset")]


class SavedView(ProjectOwned):
    """A filter with a name: its author's own, or shared with the author's organization (`worker_org_id`)."""

    tenancy = Policy.WORK

    project = TenantKey(Project)
    worker_org_id = models.UUIDField()
    author_id = models.UUIDField()
    name = models.CharField(max_length=200)
    filter = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "saved_view"
        constraints = [
            models.UniqueConstraint(
                fields=["org_id", "project", "worker_org_id", "author_id", "name"], name="saved_view_name"
            )
        ]


class ActKind(models.TextChoices):
    ADD_TO_SUBSET = "add_to_subset", _("Add to subset")
    REMOVE_FROM_SUBSET = "remove_from_subset", _("Remove from subset")
    SET_METADATA = "set_metadata", _("Set metadata")
    DELETE = "delete", _("Delete")


class BulkAct(ProjectOwned):
    """One act on many items: those of `selection` (ids, or a filter). What it hid carries its `at` as `deleted_at`."""

    project = TenantKey(Project)
    kind = models.TextField(choices=ActKind)
    parameters = models.JSONField(default=dict)
    selection = models.JSONField(default=dict)
    job = TenantKey(Job, null=True)
    changed = models.PositiveIntegerField(default=0)
    author_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta(ProjectOwned.Meta):
        db_table = "bulk_act"
        constraints = [models.CheckConstraint(condition=Q(kind__in=ActKind.values), name="bulk_act_kind")]


class PredictionRunState(models.TextChoices):
    FILLING = "filling", _("Being asked for")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class PredictionRun(ProjectOwned, Stateful):
    """A model put to work on a selection of items; `done` of `total` have an answer, or will get none.

    `worker_org_id` is the side that asked: a vendor sees its own runs, the owner all.
    """

    MOVES = {
        PredictionRunState.FILLING: frozenset({PredictionRunState.RUNNING, PredictionRunState.CANCELLED}),
        PredictionRunState.RUNNING: frozenset({PredictionRunState.DONE, PredictionRunState.CANCELLED}),
        PredictionRunState.DONE: frozenset(),
        PredictionRunState.CANCELLED: frozenset(),
    }

    tenancy = Policy.WORK

    project = TenantKey(Project)
    worker_org_id = models.UUIDField()
    deployment = TenantKey(Deployment)
    job = TenantKey(Job, null=True)
    selection = models.JSONField(default=dict)
    state = models.TextField(choices=PredictionRunState, default=PredictionRunState.FILLING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    author_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(ProjectOwned.Meta):
        db_table = "prediction_run"
        constraints = [legal_states(PredictionRunState, "prediction_run_state")]
        indexes = [models.Index(fields=["org_id", "project", "-id"], name="prediction_run_recent")]


class PredictionRunItem(ProjectOwned):
    """An item of a prediction run, and the inference that answers for it (perhaps asked for by somebody before)."""

    project = TenantKey(Project)
    run = TenantKey(PredictionRun)
    item = TenantKey(Item)
    inference_id = models.UUIDField()
    ended = models.BooleanField(default=False)

    class Meta(ProjectOwned.Meta):
        db_table = "prediction_run_item"
        constraints = [models.UniqueConstraint(fields=["org_id", "run", "item"], name="prediction_run_item_once")]
        indexes = [
            models.Index(fields=["org_id", "inference_id"], condition=Q(ended=False), name="prediction_run_item_open")
        ]
