"""Assembly lines: a version is an immutable graph, its stages are rows so that tasks can point at them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import ProjectOwned, TenantKey
from apps.projects.models import Project
from apps.recipes.models import RecipeVersion


class StageKind(models.TextChoices):
    DATASET = "dataset", _("Dataset")
    PREDICT = "predict", _("Predict")
    LABEL = "label", _("Label")
    REVIEW = "review", _("Review")
    DONE = "done", _("Done")


HUMAN_KINDS = (StageKind.LABEL, StageKind.REVIEW)


class Pipeline(ProjectOwned):
    """A line of versions."""

    project = TenantKey(Project)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "pipeline"
        constraints = [models.UniqueConstraint(fields=["org_id", "project", "name"], name="pipeline_name")]


class PipelineVersion(ProjectOwned):
    """A published graph: `{"stages": [{key, kind, title, settings}], "edges": [{from, outcome, to}]}`."""

    project = TenantKey(Project)
    pipeline = TenantKey(Pipeline)
    number = models.PositiveIntegerField()
    recipe_version = TenantKey(RecipeVersion)
    graph = models.JSONField()
    published_by = models.UUIDField(null=True)
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "pipeline_version"
        constraints = [models.UniqueConstraint(fields=["org_id", "pipeline", "number"], name="pipeline_version_number")]


class Stage(ProjectOwned):
    """One stage of a version, with what the hot path reads as columns.

    `next` is where a finished unit goes, `rework` where a rejected one returns. `held_out` is the share (0 to 1) of
    units that see no suggestions.
    """

    project = TenantKey(Project)
    pipeline_version = TenantKey(PipelineVersion)
    key = models.SlugField(max_length=60)
    kind = models.TextField(choices=StageKind)
    title = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()
    settings = models.JSONField(default=dict)
    roles = models.JSONField(default=list)
    lease_seconds = models.PositiveIntegerField(default=900)
    held_out = models.FloatField(default=0)
    next = TenantKey("self", null=True)
    rework = TenantKey("self", null=True)

    class Meta(ProjectOwned.Meta):
        db_table = "stage"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "pipeline_version", "key"], name="stage_key"),
            models.CheckConstraint(condition=models.Q(kind__in=StageKind.values), name="stage_kind"),
            models.CheckConstraint(condition=models.Q(held_out__gte=0, held_out__lte=1), name="stage_held_out"),
        ]

    @property
    def is_human(self) -> bool:
        """Whether people do it."""
        return self.kind in HUMAN_KINDS
