"""Models, where they serve, and what they said. Never torch."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import ProjectOwned, Stateful, TenantKey, TenantOwned, legal_states
from apps.projects.models import Item, Project
from apps.recipes.models import Label

# The architecture of a version that runs elsewhere: there are no weights, and nothing can be asked of it.
EXTERNAL = "external"


class Model(TenantOwned):
    """A line of versions that an organization has."""

    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "model"
        constraints = [models.UniqueConstraint(fields=["org_id", "name"], name="model_name")]


class ModelVersionState(models.TextChoices):
    UPLOADED = "uploaded", _("Uploaded")
    CHECKING = "checking", _("Checking")
    READY = "ready", _("Ready")
    REJECTED = "rejected", _("Rejected")


class ModelVersion(TenantOwned, Stateful):
    """Weights that never change: `architecture` names code of ours, `weights` a file by its hash."""

    MOVES = {
        ModelVersionState.UPLOADED: frozenset({ModelVersionState.CHECKING, ModelVersionState.REJECTED}),
        ModelVersionState.CHECKING: frozenset({ModelVersionState.READY, ModelVersionState.REJECTED}),
        ModelVersionState.READY: frozenset(),
        ModelVersionState.REJECTED: frozenset(),
    }

    model = TenantKey(Model)
    number = models.PositiveIntegerField()
    architecture = models.TextField()
    weights = models.TextField()
    sha256 = models.CharField(max_length=64)
    classes = models.JSONField()
    input_size = models.PositiveIntegerField()
    licence = models.TextField(default="")
    state = models.TextField(choices=ModelVersionState, default=ModelVersionState.UPLOADED)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "model_version"
        constraints = [
            legal_states(ModelVersionState, "model_version_state"),
            models.UniqueConstraint(fields=["org_id", "model", "number"], name="model_version_number"),
        ]


class DeploymentState(models.TextChoices):
    STOPPED = "stopped", _("Stopped")
    WARMING = "warming", _("Warming")
    READY = "ready", _("Ready")


class Deployment(ProjectOwned, Stateful):
    """A model version serving a project. `classes` maps the model's class names to label names of the recipe; an
    external one is told of by others and never run.

    What the editor shows (`title`, the version's number and its tile size) is copied here, so that a vendor who may not
    see the customer's models sees what serves the project.
    """

    MOVES = {
        DeploymentState.STOPPED: frozenset({DeploymentState.WARMING, DeploymentState.READY}),
        DeploymentState.WARMING: frozenset({DeploymentState.STOPPED, DeploymentState.READY}),
        DeploymentState.READY: frozenset({DeploymentState.STOPPED, DeploymentState.WARMING}),
    }

    project = TenantKey(Project)
    model_version = TenantKey(ModelVersion)
    title = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    classes = models.JSONField(default=dict)
    tile_size = models.PositiveIntegerField()
    overlap = models.FloatField(default=0.2)
    floor = models.FloatField(default=0.05)
    is_external = models.BooleanField(default=False)
    state = models.TextField(choices=DeploymentState, default=DeploymentState.STOPPED)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "deployment"
        constraints = [
            legal_states(DeploymentState, "deployment_state"),
            models.UniqueConstraint(fields=["org_id", "project", "model_version"], name="deployment_once"),
        ]


class InferenceState(models.TextChoices):
    WAITING = "waiting", _("Waiting")  # of a bulk run; the dispatcher has not sent it yet
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED = (InferenceState.WAITING, InferenceState.QUEUED, InferenceState.RUNNING)


class Lane(models.TextChoices):
    ASSIST = "assist", _("Assist")
    BULK = "bulk", _("Bulk")


class Inference(ProjectOwned, Stateful):
    """One model version over one item with one set of parameters; carries its own claim, attempts and fencing token."""

    MOVES = {
        InferenceState.WAITING: frozenset({InferenceState.QUEUED, InferenceState.CANCELLED}),
        InferenceState.QUEUED: frozenset({InferenceState.RUNNING, InferenceState.CANCELLED, InferenceState.FAILED}),
        InferenceState.RUNNING: frozenset(
            {InferenceState.QUEUED, InferenceState.DONE, InferenceState.FAILED, InferenceState.CANCELLED}
        ),
        InferenceState.DONE: frozenset(),
        InferenceState.FAILED: frozenset(),
        InferenceState.CANCELLED: frozenset(),
    }

    project = TenantKey(Project)
    item = TenantKey(Item)
    deployment = TenantKey(Deployment)
    model_version = TenantKey(ModelVersion)
    parameters = models.JSONField(default=dict)
    parameters_hash = models.TextField()
    lane = models.TextField(choices=Lane)
    state = models.TextField(choices=InferenceState, default=InferenceState.QUEUED)
    attempt = models.SmallIntegerField(default=0)
    max_attempts = models.SmallIntegerField(default=3)
    run_token = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    resends = models.SmallIntegerField(default=0)
    tiles_done = models.PositiveIntegerField(default=0)
    tiles_total = models.PositiveIntegerField(null=True)
    superseded_at = models.DateTimeField(null=True)
    requested_by = models.UUIDField(null=True)
    task_id = models.UUIDField(null=True)  # the machine task that waits for it, if any
    error_code = models.TextField(default="")
    error_message = models.TextField(default="")

    class Meta(ProjectOwned.Meta):
        db_table = "inference"
        constraints = [
            legal_states(InferenceState, "inference_state"),
            models.UniqueConstraint(
                fields=["org_id", "item", "model_version", "parameters_hash"],
                condition=Q(state__in=UNFINISHED),
                name="inference_one_unfinished",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "queued_at"], condition=Q(state__in=UNFINISHED), name="inference_unfinished"),
            models.Index(fields=["org_id", "item", "model_version"], name="inference_of_item"),
            # How long the last ones took is asked for at every assist.
            models.Index(
                fields=["model_version", "-finished_at"],
                condition=Q(state=InferenceState.DONE),
                name="inference_lately",
            ),
        ]


class InferenceTile(ProjectOwned):
    """What one tile gave, as it came: the truth behind a partial overlay."""

    project = TenantKey(Project)
    inference = TenantKey(Inference)
    number = models.PositiveIntegerField()
    region = ArrayField(models.IntegerField(), size=4)  # x, y, width, height in pixels of the upright item
    shapes = models.JSONField()
    at = models.DateTimeField()

    class Meta(ProjectOwned.Meta):
        db_table = "inference_tile"
        constraints = [models.UniqueConstraint(fields=["org_id", "inference", "number"], name="inference_tile_once")]


class Prediction(ProjectOwned):
    """A shape that a model proposes. `id` follows from (inference, tile, rank): a repeated run writes the same rows."""

    project = TenantKey(Project)
    item = TenantKey(Item)
    inference = TenantKey(Inference)
    model_version = TenantKey(ModelVersion)
    label = TenantKey(Label)
    score = models.FloatField()
    type = models.TextField()
    geometry = models.JSONField()
    x1 = models.FloatField()
    y1 = models.FloatField()
    x2 = models.FloatField()
    y2 = models.FloatField()
    area = models.FloatField()
    superseded = models.BooleanField(default=False)
    stands_for = ArrayField(models.UUIDField(), default=list)  # detections of several tiles that were one object

    class Meta(ProjectOwned.Meta):
        db_table = "prediction"
        indexes = [
            models.Index(fields=["org_id", "item", "-score"], condition=Q(superseded=False), name="prediction_of_item"),
            models.Index(fields=["org_id", "inference"], name="prediction_of_inference"),
        ]
