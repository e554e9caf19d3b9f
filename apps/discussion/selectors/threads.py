"""Which threads a person reads."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core.errors import NotAllowed
from apps.core.roles import Role
from apps.core.tenancy import Context, active_tenant
from apps.discussion.models import Comment, Thread
from apps.distribution.models import Draft, Task, TaskKind
from apps.distribution.selectors import tasks_seen
from apps.projects.models import Project
from apps.projects.selectors import row_for


def threads_seen() -> "QuerySet[Thread]":
    """All that the organization may see; of an annotator, those in which they take part and those of their own work."""
    context = active_tenant()
    rows = Thread.objects.filter(project__deleted_at=None)
    if context.role != Role.ANNOTATOR:
        return rows
    me = context.user_id
    said = Comment.objects.filter(Q(author_id=me) | Q(mentions__contains=[me]), thread=OuterRef("pk"))
    held = Task.objects.filter(org_id=OuterRef("org_id"), unit=OuterRef("unit"), holder=me)
    drafted = Draft.objects.filter(org_id=OuterRef("org_id"), task__unit=OuterRef("unit"), author_id=me)
    return rows.filter(Q(opened_by=me) | Exists(said) | Exists(held) | Exists(drafted))


def threads_in(project: Project, state: str = "") -> "QuerySet[Thread]":
    """A project's threads, of one state or of both."""
    rows = threads_seen().filter(org_id=project.org_id, project=project)
    return rows.filter(state=state) if state else rows


def thread_for(context: Context, action: str, thread_id: UUID) -> Thread:
    """A thread by the rules of `project_for`. Its task may be another vendor's by now, and is not looked at."""
    rows = threads_seen().select_related("item", "project")
    thread: Thread = row_for(rows, context, action, thread_id)
    return thread


def task_for(context: Context, action: str, task_id: UUID) -> Task:
    """A task that the person may talk about: one that they may see, or whose thread they read.

    Raises NotFound, and NotAllowed for a colleague's task.
    """
    task: Task = row_for(Task.objects.select_related("unit__item", "project"), context, action, task_id)
    if tasks_seen().filter(pk=task.pk).exists() or threads_seen().filter(unit_id=task.unit_id).exists():
        return task
    raise NotAllowed("This task was not given to you.")


def side_of(task: Task) -> UUID:
    """Whose people the caller talks with about a task: their own organization's, or, for the owner, those at work."""
    context = active_tenant()
    if task.org_id != context.org_id:
        return context.org_id
    if task.worker_org_id:
        return task.worker_org_id
    latest = Thread.objects.filter(org_id=task.org_id, unit_id=task.unit_id).order_by("-id")
    return latest.values_list("worker_org_id", flat=True).first() or context.org_id


def thread_on(task: Task) -> Thread | None:
    """The thread about a task's unit in which the caller would speak."""
    rows = Thread.objects.filter(org_id=task.org_id, unit_id=task.unit_id, worker_org_id=side_of(task))
    thread: Thread | None = rows.select_related("item", "project").first()
    return thread


def task_to_open(thread: Thread) -> UUID | None:
    """The unit's newest task of people, of those that the caller may open."""
    rows = tasks_seen().filter(org_id=thread.org_id, unit_id=thread.unit_id, kind=TaskKind.HUMAN)
    task: UUID | None = rows.order_by("-id").values_list("pk", flat=True).first()
    return task


def comments_of(thread: Thread) -> "QuerySet[Comment]":
    """What was said, in order."""
    return Comment.objects.filter(org_id=thread.org_id, thread=thread).order_by("id")
