"""Labels on their way out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import ProjectOwned, TenantKey
from apps.jobs.models import Job
from apps.projects.models import Project


class Format(models.TextChoices):
    COCO = "coco", _("COCO")


class Export(ProjectOwned):
    """A file of accepted annotations, written by a job; `path` is empty until it is there."""

    project = TenantKey(Project)
    job = TenantKey(Job)
    format = models.TextField(choices=Format)
    path = models.TextField(default="")
    sha256 = models.CharField(max_length=64, default="")
    bytes = models.BigIntegerField(default=0)
    items = models.PositiveIntegerField(default=0)
    annotations = models.PositiveIntegerField(default=0)
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(ProjectOwned.Meta):
        db_table = "export"
        constraints = [models.CheckConstraint(condition=models.Q(format__in=Format.values), name="export_format")]
        indexes = [models.Index(fields=["org_id", "project", "-created_at"], name="export_recent")]
