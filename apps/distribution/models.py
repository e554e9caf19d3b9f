"""Runs of pipelines, their units of work, and the tasks, leases, drafts and submissions of people."""

import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.annotation.models import AnnotationRevision
from apps.core.models import ProjectOwned, Stateful, TenantKey, TenantManager, TenantOwned, legal_states
from apps.core.tenancy import Policy
from apps.jobs.models import Job
from apps.pipelines.models import PipelineVersion, Stage, UnitKind
from apps.predictions.models import Deployment, Inference
from apps.projects.models import Dataset, Item, Project
from apps.recipes.models import RecipeVersion

# Not 'infinity': psycopg cannot read that into a datetime.
NEVER = datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC)


class RunState(models.TextChoices):
    FILLING = "filling", _("Being made")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    DRAINING = "draining", _("Draining")
    CANCELLED = "cancelled", _("Cancelled")
    DONE = "done", _("Done")


class PipelineRun(ProjectOwned, Stateful):
    """A pipeline version at work on a dataset; pins pipeline and recipe.

    `taken_to` is the last item that the job which fills it has looked at, `units_made` how many it has put on the line.
    `moved_to` says for stages of earlier versions that the present one lacks which of its stages stands for them.
    """

    MOVES = {
        RunState.FILLING: frozenset({RunState.RUNNING, RunState.CANCELLED}),
        RunState.RUNNING: frozenset({RunState.PAUSED, RunState.DRAINING, RunState.CANCELLED, RunState.DONE}),
        RunState.PAUSED: frozenset({RunState.RUNNING, RunState.CANCELLED}),
        RunState.DRAINING: frozenset({RunState.CANCELLED, RunState.DONE}),
        RunState.CANCELLED: frozenset(),
        RunState.DONE: frozenset(),
    }

    project = TenantKey(Project)
    pipeline_version = TenantKey(PipelineVersion)
    recipe_version = TenantKey(RecipeVersion)
    dataset = TenantKey(Dataset)
    state = models.TextField(choices=RunState, default=RunState.FILLING)
    priority = models.SmallIntegerField(default=100)
    due_at = models.DateTimeField(default=NEVER)
    taken_to = models.UUIDField(null=True)
    units_made = models.PositiveIntegerField(default=0)
    moved_to = models.JSONField(default=dict)
    started_by = models.UUIDField(null=True)
    started_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "pipeline_run"
        constraints = [legal_states(RunState, "pipeline_run_state")]
        indexes = [models.Index(fields=["org_id", "project", "-started_at"], name="pipeline_run_recent")]


class UnitState(models.TextChoices):
    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    SET_ASIDE = "set_aside", _("Set aside")
    CANCELLED = "cancelled", _("Cancelled")


class Unit(ProjectOwned, Stateful):
    """What a task is about: an item, a region of it, or one object. `subject` is the object's annotation.

    A `parent` waits until its `open_children` are none, a unit that several people work on until its `open_slots` are;
    `workers` (of `worker_orgs`) are who worked on the children that came back to it. The regions of an item's tiles do
    not overlap: a shape belongs where its centre lies.
    """

    MOVES = {
        UnitState.OPEN: frozenset({UnitState.ACCEPTED, UnitState.SET_ASIDE, UnitState.CANCELLED}),
        UnitState.ACCEPTED: frozenset({UnitState.OPEN}),
        UnitState.SET_ASIDE: frozenset({UnitState.OPEN}),
        UnitState.CANCELLED: frozenset({UnitState.OPEN}),  # when a deleted picture is brought back
    }

    project = TenantKey(Project)
    pipeline_run = TenantKey(PipelineRun)
    item = TenantKey(Item)
    kind = models.TextField(choices=UnitKind)
    region = ArrayField(models.FloatField(), size=4, null=True)
    subject = models.UUIDField(null=True)
    parent = TenantKey("self", null=True)
    open_children = models.PositiveIntegerField(default=0)
    open_slots = models.PositiveSmallIntegerField(default=0)
    workers = ArrayField(models.UUIDField(), default=list)
    worker_orgs = ArrayField(models.UUIDField(), default=list)
    state = models.TextField(choices=UnitState, default=UnitState.OPEN)
    finished_at = models.DateTimeField(null=True)

    class Meta(ProjectOwned.Meta):
        db_table = "unit"
        constraints = [
            legal_states(UnitState, "unit_state"),
            models.UniqueConstraint(
                fields=["org_id", "pipeline_run", "item"], condition=Q(kind=UnitKind.ITEM), name="unit_item_once"
            ),
            models.UniqueConstraint(
                fields=["org_id", "pipeline_run", "subject"], condition=Q(kind=UnitKind.OBJECT), name="unit_object_once"
            ),
        ]
        indexes = [
            models.Index(fields=["org_id", "item"], name="unit_of_item"),
            models.Index(fields=["org_id", "pipeline_run"], condition=Q(state=UnitState.OPEN), name="unit_open"),
            models.Index(fields=["org_id", "parent"], condition=Q(parent__isnull=False), name="unit_of_parent"),
        ]


class TaskKind(models.TextChoices):
    HUMAN = "human", _("Human")
    MACHINE = "machine", _("Machine")


class TaskState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    READY = "ready", _("Ready")
    LEASED = "leased", _("In work")
    SUBMITTED = "submitted", _("Submitted")
    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Arm(models.TextChoices):
    ASSISTED = "assisted", _("With suggestions")
    HELD_OUT = "held_out", _("Without suggestions")


class Task(ProjectOwned, Stateful):
    """One stage of one unit. Claim and submission move it in SQL (services/claims.py, services/submissions.py)."""

    tenancy = Policy.WORK
    stage_column = "stage_id"
    MOVES = {
        TaskState.WAITING: frozenset({TaskState.READY, TaskState.ACCEPTED, TaskState.FAILED, TaskState.CANCELLED}),
        TaskState.READY: frozenset({TaskState.WAITING, TaskState.LEASED, TaskState.CANCELLED}),
        TaskState.LEASED: frozenset(
            {TaskState.READY, TaskState.SUBMITTED, TaskState.ACCEPTED, TaskState.SKIPPED, TaskState.CANCELLED}
        ),
        TaskState.SUBMITTED: frozenset({TaskState.ACCEPTED, TaskState.RETURNED, TaskState.CANCELLED}),
        TaskState.ACCEPTED: frozenset({TaskState.RETURNED}),
        TaskState.RETURNED: frozenset(),
        TaskState.SKIPPED: frozenset({TaskState.READY, TaskState.CANCELLED}),  # until a manager decides
        TaskState.FAILED: frozenset({TaskState.READY, TaskState.CANCELLED}),
        TaskState.CANCELLED: frozenset({TaskState.READY, TaskState.WAITING}),  # likewise
    }

    project = TenantKey(Project)
    pipeline_run = TenantKey(PipelineRun)
    stage = TenantKey(Stage)
    unit = TenantKey(Unit)
    kind = models.TextField(choices=TaskKind)
    round = models.PositiveSmallIntegerField(default=1)
    slot = models.PositiveSmallIntegerField(default=1)
    state = models.TextField(choices=TaskState, default=TaskState.READY)
    arm = models.TextField(choices=Arm, default=Arm.ASSISTED)
    priority = models.SmallIntegerField(default=100)
    due_at = models.DateTimeField(default=NEVER)
    required_skill = models.TextField(null=True)  # noqa: DJ001 - null: anybody; the claim tests it so
    preferred_person = models.UUIDField(null=True)
    preferred_until = models.DateTimeField(default=NEVER)
    assigned_by = models.UUIDField(null=True)  # the manager who gave it to the preferred person
    assigned_org_id = models.UUIDField(null=True)  # that manager's organization, which is the person's too
    comes_after = models.PositiveSmallIntegerField(null=True)  # of a placed task: how many others the person does first
    postponed = models.BooleanField(default=False)  # the preferred person wants it after all else
    note = models.TextField(default="")  # what the reviewer asked for, on a task that came back
    reviews = TenantKey("self", null=True)  # the task whose submission a review task judges
    skipped_by = ArrayField(models.UUIDField(), default=list)  # who passed it on; it is offered to others
    skip_reason = models.TextField(default="")
    holder = models.UUIDField(null=True)
    worker_org_id = models.UUIDField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    attempt = models.SmallIntegerField(default=0)
    error_code = models.TextField(default="")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(ProjectOwned.Meta):
        db_table = "task"
        constraints = [
            legal_states(TaskState, "task_state"),
            models.CheckConstraint(
                condition=~Q(state=TaskState.LEASED)
                | Q(holder__isnull=False, lease_token__isnull=False, lease_until__isnull=False),
                name="task_leased_has_holder",
            ),
            models.CheckConstraint(
                condition=Q(state=TaskState.LEASED) | Q(lease_token__isnull=True), name="task_token_only_leased"
            ),
            models.UniqueConstraint(fields=["org_id", "stage", "unit", "round", "slot"], name="task_once"),
            models.UniqueConstraint(
                fields=["org_id", "stage", "unit", "round", "holder"],
                condition=Q(holder__isnull=False),
                name="task_holder",
            ),
        ]
        indexes = [
            models.Index(
                fields=["org_id", "project", "stage", "priority", "due_at", "slot", "id"],
                condition=Q(state=TaskState.READY, preferred_person__isnull=True),
                name="task_ready",
            ),
            models.Index(fields=["org_id", "unit", "stage", "holder"], name="task_unit"),
            models.Index(fields=["org_id", "lease_until"], condition=Q(state=TaskState.LEASED), name="task_leased"),
            models.Index(
                fields=["org_id", "holder", "state", "stage"], condition=Q(holder__isnull=False), name="task_of_holder"
            ),
            models.Index(
                fields=["org_id", "preferred_person", "stage", "postponed", "priority", "due_at", "slot", "id"],
                condition=Q(state=TaskState.READY, preferred_person__isnull=False),
                name="task_preferred",
            ),
            models.Index(
                fields=["org_id", "preferred_until"],
                condition=Q(state=TaskState.READY, preferred_person__isnull=False),
                name="task_reserved",
            ),
            models.Index(
                fields=["org_id", "id"], condition=Q(kind=TaskKind.HUMAN, state=TaskState.WAITING), name="task_placed"
            ),
            models.Index(
                fields=["org_id", "project", "stage", "id"], condition=Q(state=TaskState.SKIPPED), name="task_skipped"
            ),
        ]


class Tally(models.Model):
    """How many more, or fewer, of a run's tasks at a stage are in a state; without a stage, of its units about items.

    Triggers append a row for each change, so that no writer waits for another, and `services.tallies` puts rows that
    speak of the same together: the sum is always the number. No foreign keys, since no row is ever more than a number.
    """

    tenancy: ClassVar[Policy] = Policy.WORK
    project_column: ClassVar[str] = "project_id"
    stage_column: ClassVar[str] = "stage_id"

    id = models.BigAutoField(primary_key=True)
    org_id = models.UUIDField()
    project_id = models.UUIDField()
    worker_org_id = models.UUIDField(null=True)
    pipeline_run_id = models.UUIDField()
    stage_id = models.UUIDField(null=True)
    state = models.TextField()
    number = models.BigIntegerField()
    folded = models.BooleanField(default=False)

    objects = TenantManager()

    class Meta:
        db_table = "tally"
        indexes = [
            models.Index(fields=["org_id", "project_id", "pipeline_run_id"], name="tally_of_run"),
            models.Index(fields=["org_id", "pipeline_run_id"], condition=Q(folded=False), name="tally_unfolded"),
        ]


class SkillGrant(TenantOwned):
    """That a person of an organization has a skill. A skill is a name; stages ask for it by that name."""

    user_id = models.UUIDField()
    skill = models.TextField()
    granted_by = models.UUIDField(null=True)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "skill_grant"
        constraints = [models.UniqueConstraint(fields=["org_id", "user_id", "skill"], name="skill_grant_once")]


class Draft(ProjectOwned):
    """A person's unfinished work on a task: a delta on the unit's annotations. Outlives the lease.

    `values` maps shape ids to shapes (null: deleted); `rejected` lists predictions.
    """

    tenancy = Policy.WORK

    project = TenantKey(Project)
    worker_org_id = models.UUIDField()
    task = TenantKey(Task)
    author_id = models.UUIDField()
    revision = models.PositiveIntegerField(default=0)
    values = models.JSONField(default=dict)
    rejected = models.JSONField(default=list)
    updated_at = models.DateTimeField()

    class Meta(ProjectOwned.Meta):
        db_table = "draft"
        constraints = [models.UniqueConstraint(fields=["org_id", "task", "author_id"], name="draft_of_author")]
        indexes = [models.Index(fields=["author_id", "-updated_at"], name="draft_newest")]


class DraftOperation(ProjectOwned):
    """That an operation was applied, and in which revision: a repeated one changes nothing."""

    tenancy = Policy.WORK

    project = TenantKey(Project)
    worker_org_id = models.UUIDField()
    draft = TenantKey(Draft)
    op_id = models.UUIDField()
    revision = models.PositiveIntegerField()

    class Meta(ProjectOwned.Meta):
        db_table = "draft_operation"
        constraints = [models.UniqueConstraint(fields=["org_id", "draft", "op_id"], name="draft_operation_once")]


class Submission(ProjectOwned):
    """What a person handed on: one per task; the document is in its revision."""

    tenancy = Policy.WORK

    project = TenantKey(Project)
    worker_org_id = models.UUIDField()
    task = TenantKey(Task)
    author_id = models.UUIDField()
    revision = TenantKey(AnnotationRevision)
    rejected = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta(ProjectOwned.Meta):
        db_table = "submission"
        constraints = [models.UniqueConstraint(fields=["org_id", "task"], name="submission_once")]
        indexes = [models.Index(fields=["org_id", "project", "at"], name="submission_of_project")]


class Intake(ProjectOwned):
    """An item that came with its prediction, to be decided by a deadline. What became of it is its unit's to say.

    `sent` is what waits for its picture to be read: metadata, and the prediction. `met` says of a deadline that has
    passed, or that was decided before, whether it was kept.
    """

    project = TenantKey(Project)
    dataset = TenantKey(Dataset)
    pipeline_run = TenantKey(PipelineRun)
    deployment = TenantKey(Deployment)
    item = TenantKey(Item, null=True)
    unit = TenantKey(Unit, null=True)
    inference = TenantKey(Inference, null=True)
    job = TenantKey(Job, null=True)
    external_id = models.CharField(max_length=200, default="")
    priority = models.SmallIntegerField(default=100)
    deadline = models.DateTimeField(null=True)
    met = models.BooleanField(null=True)
    sent = models.JSONField(default=dict)
    error_code = models.TextField(default="")
    error_message = models.TextField(default="")
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(ProjectOwned.Meta):
        db_table = "intake"
        indexes = [
            models.Index(fields=["org_id", "dataset", "id"], name="intake_of_dataset"),
            models.Index(fields=["org_id", "unit"], condition=Q(unit__isnull=False), name="intake_of_unit"),
            models.Index(
                fields=["org_id", "deadline"], condition=Q(deadline__isnull=False, met=None), name="intake_due"
            ),
        ]
