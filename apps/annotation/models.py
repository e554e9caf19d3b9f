"""What people decided: whole documents that never change, and rows of the current state."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import ProjectOwned, TenantKey
from apps.core.tenancy import Policy
from apps.projects.models import Item, Project
from apps.recipes.models import Label


class RevisionSource(models.TextChoices):
    TASK = "task", _("Task")
    VERDICT = "verdict", _("Verdict")
    IMPORT = "import", _("Import")
    API = "api", _("API")
    MACHINE = "machine", _("Machine")


class AnnotationRevision(ProjectOwned):
    """One writing of an item's annotations: the whole normalised document, append-only."""

    tenancy = Policy.WORK

    worker_org_id = models.UUIDField(null=True)
    project = TenantKey(Project)
    item = TenantKey(Item)
    number = models.PositiveIntegerField()
    document = models.JSONField()
    digest = models.BinaryField()
    source = models.TextField(choices=RevisionSource)
    author_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta(ProjectOwned.Meta):
        db_table = "annotation_revision"
        constraints = [models.UniqueConstraint(fields=["org_id", "item", "number"], name="annotation_revision_number")]


class Annotation(ProjectOwned):
    """One shape of the current state, naming the revision that wrote it and the unit that owns it.

    `id` is the shape's own, made by who drew it. Coordinates are pixels of the upright item.
    """

    project = TenantKey(Project)
    item = TenantKey(Item)
    unit_id = models.UUIDField(null=True)
    revision = TenantKey(AnnotationRevision)
    label = TenantKey(Label)
    type = models.TextField()
    geometry = models.JSONField()
    attributes = models.JSONField(default=dict)
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    area = models.FloatField()
    score = models.FloatField(null=True)
    source = models.JSONField(default=dict)

    class Meta(ProjectOwned.Meta):
        db_table = "annotation"
        indexes = [
            models.Index(fields=["org_id", "project", "item"], name="annotation_of_item"),
            models.Index(fields=["org_id", "project", "label", "score"], name="annotation_of_label"),
        ]
