"""Which tasks and runs a person may see, and what is kept from those who work without suggestions."""

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts.selectors import engagements_seen
from apps.core.access import gate
from apps.core.errors import NotAllowed, NotFound
from apps.core.roles import Role
from apps.core.tenancy import Context, active_tenant
from apps.distribution.models import Arm, Draft, PipelineRun, Task, TaskState
from apps.projects.models import Project

# Who sees their own tasks alone; everybody else sees all that their organization may.
WORKERS = frozenset({Role.ANNOTATOR, Role.REVIEWER})


def tasks_seen() -> "QuerySet[Task]":
    """The tasks that the caller may list: one's own, or all of the projects seen."""
    context = active_tenant()
    rows = Task.objects.filter(project__deleted_at=None)
    if context.role in WORKERS:
        drafted = Draft.objects.filter(author_id=context.user_id).values("task_id")
        rows = rows.filter(Q(holder=context.user_id) | Q(pk__in=drafted))
    return rows


def task_for(context: Context, task_id: UUID) -> Task:
    """One task. Raises NotFound when unseen, NotAllowed when it is a colleague's and the role sees one's own alone."""
    task: Task | None = Task.objects.filter(pk=task_id, project__deleted_at=None).first()
    if task is None:
        raise NotFound
    gate.require("task.see", context, task.org_id)
    own = task.holder == context.user_id or context.role not in WORKERS
    if not own and not Draft.objects.filter(task=task, author_id=context.user_id).exists():
        raise NotAllowed("This task was not given to you.")
    return task


def hides_suggestions(user_id: UUID, item_id: UUID) -> bool:
    """Whether a person works on an item without suggestions right now, so that none may reach them any way."""
    held = Task.objects.filter(holder=user_id, state=TaskState.LEASED, arm=Arm.HELD_OUT, unit__item_id=item_id)
    return held.exists()


def may_run_models(context: Context, project_id: UUID, owner: UUID) -> bool:
    """Whether models may be asked: always by the owner's people, by a vendor's where the engagement says so."""
    if owner == context.org_id:
        return True
    engaged = engagements_seen().filter(vendor_id=context.org_id, project_id=project_id, state="active")
    return engaged.filter(run_models=True).exists()


def runs_of(project: Project) -> "QuerySet[PipelineRun]":
    """A project's runs."""
    return PipelineRun.objects.filter(org_id=project.org_id, project=project)
