"""Assembly lines: a version is an immutable graph, its stages are rows so that tasks can point at them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import ProjectOwned, TenantKey
from apps.projects.models import Project
from apps.recipes.models import RecipeVersion


class StageKind(models.TextChoices):
    DATASET = "dataset", _("Dataset")
    TILE = "tile", _("Tile")
    PREDICT = "predict", _("Predict")
    MERGE = "merge", _("Merge")
    TRANSFORM = "transform", _("Transform")
    ROUTE = "route", _("Route")
    LABEL = "label", _("Label")
    REVIEW = "review", _("Review")
    COMPARE = "compare", _("Compare")
    CONVERT = "convert", _("Convert")
    DONE = "done", _("Done")


HUMAN_KINDS = (StageKind.LABEL, StageKind.REVIEW)
# Known to graphs, and refused until the work that they belong to is here.
RESERVED_KINDS = {
    "train": _("training in the platform"),
    "consensus": _("quality by agreement"),
    "auto_accept": _("certificates of models"),
    "webhook": _("webhooks"),
}


class UnitKind(models.TextChoices):
    """What a stage works on, and what a task is about."""

    ITEM = "item", _("Item")
    TILE = "tile", _("Tile")
    OBJECT = "object", _("Object")


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

    `next` is where a finished unit goes, `rework` where a rejected one returns; `edges` are all outcomes with the ids
    of their stages. `unit` is what the stage's tasks are about: another kind of unit that enters is split or gathered
    first. `held_out` is the share (0 to 1) of units that see no suggestions, `sample` of those that are reviewed.
    `lease_seconds` follows the stage's own durations where its settings state none.
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
    unit = models.TextField(choices=UnitKind, default=UnitKind.ITEM)
    edges = models.JSONField(default=dict)
    overlap = models.PositiveSmallIntegerField(default=1)
    sample = models.FloatField(default=1)
    next = TenantKey("self", null=True)
    rework = TenantKey("self", null=True)

    class Meta(ProjectOwned.Meta):
        db_table = "stage"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "pipeline_version", "key"], name="stage_key"),
            models.CheckConstraint(condition=models.Q(kind__in=StageKind.values), name="stage_kind"),
            models.CheckConstraint(condition=models.Q(held_out__gte=0, held_out__lte=1), name="stage_held_out"),
            models.CheckConstraint(condition=models.Q(unit__in=UnitKind.values), name="stage_unit"),
            models.CheckConstraint(condition=models.Q(overlap__gte=1), name="stage_overlap"),
            models.CheckConstraint(condition=models.Q(sample__gte=0, sample__lte=1), name="stage_sample"),
        ]

    @property
    def is_human(self) -> bool:
        """Whether people do it."""
        return self.kind in HUMAN_KINDS
