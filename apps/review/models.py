"""What reviewers decided."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.annotation.models import AnnotationRevision
from apps.core.models import ProjectOwned, TenantKey
from apps.core.tenancy import Policy
from apps.distribution.models import Submission, Task
from apps.projects.models import Project


class VerdictKind(models.TextChoices):
    ACCEPT = "accept", _("Accepted")
    FIX = "fix", _("Fixed")
    REJECT = "reject", _("Returned")


class Verdict(ProjectOwned):
    """A reviewer's decision on a submission; never overwritten.

    `worker_org_id` is whose work was judged, so that they see it; `reviewer_org_id` who judged.
    """

    tenancy = Policy.WORK

    project = TenantKey(Project)
    worker_org_id = models.UUIDField()
    reviewer_org_id = models.UUIDField()
    task = TenantKey(Task)
    submission = TenantKey(Submission)
    verdict = models.TextField(choices=VerdictKind)
    comment = models.TextField(default="", blank=True)
    author_id = models.UUIDField()
    revision = TenantKey(AnnotationRevision, null=True)
    at = models.DateTimeField()

    class Meta(ProjectOwned.Meta):
        db_table = "verdict"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "task"], name="verdict_once"),
            models.CheckConstraint(condition=models.Q(verdict__in=VerdictKind.values), name="verdict_kind"),
        ]
        indexes = [models.Index(fields=["org_id", "submission"], name="verdict_of_submission")]
