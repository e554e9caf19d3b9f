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


class VerdictReason(models.TextChoices):
    """What was chiefly wrong; a verdict may leave it out."""

    MISSED = "missed", _("Objects were missed")
    EXTRA = "extra", _("Objects that are not there")
    LABEL = "label", _("Wrong label")
    SHAPE = "shape", _("Loose outline")
    ATTRIBUTE = "attribute", _("Wrong answer to a question")
    OTHER = "other", _("Something else")


class Verdict(ProjectOwned):
    """A reviewer's decision on a submission; never overwritten.

    `worker_org_id` is whose work was judged, so that they see it; `reviewer_org_id` who judged. What was gathered from
    tiles or objects of several people was submitted by nobody: its verdict has no submission.
    """

    tenancy = Policy.WORK

    project = TenantKey(Project)
    worker_org_id = models.UUIDField(null=True)
    reviewer_org_id = models.UUIDField()
    task = TenantKey(Task)
    submission = TenantKey(Submission, null=True)
    verdict = models.TextField(choices=VerdictKind)
    comment = models.TextField(default="", blank=True)
    reason = models.TextField(choices=VerdictReason, default="", blank=True)
    author_id = models.UUIDField()
    revision = TenantKey(AnnotationRevision, null=True)
    at = models.DateTimeField()

    class Meta(ProjectOwned.Meta):
        db_table = "verdict"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "task"], name="verdict_once"),
            models.CheckConstraint(condition=models.Q(verdict__in=VerdictKind.values), name="verdict_kind"),
        ]
        indexes = [
            models.Index(fields=["org_id", "submission"], name="verdict_of_submission"),
            models.Index(fields=["org_id", "project", "at"], name="verdict_of_project"),
        ]


class Tally(ProjectOwned):
    """A count by person and day, projected from activity events: rebuilt whole for a person's day, never added to.

    `worker_org_id` and `stage_id` are those of the work that is counted, `day` that of the owner's zone.
    """

    tenancy = Policy.WORK

    project = TenantKey(Project)
    worker_org_id = models.UUIDField(null=True)
    stage_id = models.UUIDField()
    day = models.DateField()

    class Meta(ProjectOwned.Meta):
        abstract = True


class SuggestionDay(Tally):
    """What people decided about suggestions, by label, model version and band of confidence (0 to 9, tenths).

    `missed` counts what was drawn by hand, where no suggestion was taken; it has neither version nor band. `held_out`
    tells the work of people who were shown none.
    """

    person = models.UUIDField(null=True)
    label_id = models.UUIDField()
    model_version_id = models.UUIDField(null=True)
    band = models.SmallIntegerField(null=True)
    held_out = models.BooleanField()
    accepted = models.IntegerField()
    edited = models.IntegerField()
    rejected = models.IntegerField()
    missed = models.IntegerField()

    class Meta(Tally.Meta):
        db_table = "suggestion_day"
        indexes = [
            models.Index(fields=["org_id", "project", "day"], name="suggestion_day_project"),
            models.Index(fields=["org_id", "person", "day"], name="suggestion_day_person"),
        ]


class ObjectDay(Tally):
    """What reviewers left of the objects that were handed in, by label. `author` made them, `reviewer` judged.

    Of an accepted or fixed submission objects were kept, changed, removed or added; of a returned one all count as
    returned.
    """

    reviewer = models.UUIDField(null=True)
    author = models.UUIDField()
    label_id = models.UUIDField()
    kept = models.IntegerField()
    changed = models.IntegerField()
    removed = models.IntegerField()
    added = models.IntegerField()
    returned = models.IntegerField()

    class Meta(Tally.Meta):
        db_table = "object_day"
        indexes = [
            models.Index(fields=["org_id", "project", "day"], name="object_day_project"),
            models.Index(fields=["org_id", "reviewer", "day"], name="object_day_reviewer"),
        ]


class VerdictDay(Tally):
    """Verdicts, by kind, reason, and whether they were the first on their unit (round 1, its first review)."""

    reviewer = models.UUIDField(null=True)
    author = models.UUIDField()
    verdict = models.TextField(choices=VerdictKind)
    reason = models.TextField(choices=VerdictReason, blank=True)
    is_first = models.BooleanField()
    number = models.IntegerField()

    class Meta(Tally.Meta):
        db_table = "verdict_day"
        indexes = [
            models.Index(fields=["org_id", "project", "day"], name="verdict_day_project"),
            models.Index(fields=["org_id", "reviewer", "day"], name="verdict_day_reviewer"),
        ]
