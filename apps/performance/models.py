"""What people did and how long it took: projections of activity events, made anew for a person's day, never added to.

`day` is that of the owner's time zone; times are milliseconds.
"""

from django.db import models

from apps.core.models import ProjectOwned, TenantKey, TenantOwned
from apps.core.tenancy import Policy
from apps.projects.models import Project


class Measured(ProjectOwned):
    """A row of figures about one person's day at one stage."""

    tenancy = Policy.WORK

    project = TenantKey(Project)
    worker_org_id = models.UUIDField(null=True)
    stage_id = models.UUIDField()
    person = models.UUIDField()
    day = models.DateField()
    active_ms = models.BigIntegerField()

    class Meta(ProjectOwned.Meta):
        abstract = True


class TaskDay(Measured):
    """A person's work on one task during one day. The day on which it was handed in says what came of it.

    `total_ms` is the active time of all days up to and with that one; null while nothing was handed in on that day.
    """

    task_id = models.UUIDField()
    total_ms = models.BigIntegerField(null=True)
    round = models.PositiveSmallIntegerField(default=1)
    held_out = models.BooleanField(default=False)
    added = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    removed = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)
    edited = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    drawn = models.IntegerField(default=0)

    class Meta(Measured.Meta):
        db_table = "task_day"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "person", "day", "task_id"], name="task_day_once"),
        ]
        indexes = [
            # The latest tasks of a project, read backwards; what most questions need of them lies in the index itself.
            models.Index(
                fields=["org_id", "project", "day"],
                include=["stage_id", "person", "worker_org_id", "active_ms", "total_ms", "added", "changed"],
                name="task_day_latest",
            ),
            models.Index(fields=["org_id", "task_id", "person"], name="task_day_task"),
        ]


class WorkDay(Measured):
    """A person's day at a stage: what they took, did and passed on.

    `submitted` counts submissions and, at review stages, verdicts; `reworked` those of a second or later round.
    `done` are the objects that they added or changed. `waited_ms` is how long the `first_claims` had lain ready.
    """

    claimed = models.IntegerField()
    first_claims = models.IntegerField()
    waited_ms = models.BigIntegerField()
    submitted = models.IntegerField()
    reworked = models.IntegerField()
    skipped = models.IntegerField()
    released = models.IntegerField()
    done = models.IntegerField()
    drawn = models.IntegerField()
    accepted = models.IntegerField()
    edited = models.IntegerField()
    rejected = models.IntegerField()

    class Meta(Measured.Meta):
        db_table = "work_day"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "person", "day", "stage_id"], name="work_day_once"),
        ]
        indexes = [models.Index(fields=["org_id", "project", "day"], name="work_day_project")]


class RunDay(ProjectOwned):
    """Units of a pipeline run that were made and finished on a day."""

    project = TenantKey(Project)
    pipeline_run_id = models.UUIDField()
    day = models.DateField()
    made = models.IntegerField()
    finished = models.IntegerField()

    class Meta(ProjectOwned.Meta):
        db_table = "run_day"
        constraints = [models.UniqueConstraint(fields=["org_id", "pipeline_run_id", "day"], name="run_day_once")]


class FigureMark(TenantOwned):
    """How far an organization's events are projected: all transactions before `xact` had ended and were read."""

    xact = models.BigIntegerField(default=0)
    at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        db_table = "figure_mark"
        constraints = [models.UniqueConstraint(fields=["org_id"], name="figure_mark_once")]
