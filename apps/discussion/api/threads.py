"""Threads about tasks, and what is said in them."""

import datetime
from typing import Any, Literal
from uuid import UUID

from apps.core.answers import Result
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import Page, page_of
from apps.core.tenancy import active_tenant
from apps.discussion import selectors, services
from apps.discussion.models import Thread, ThreadState
from apps.discussion.selectors import Reader
from apps.discussion.selectors.threads import side_of, task_for
from apps.discussion.shown import Said, said_in
from apps.projects.selectors import project_for

MOST_READERS = 8


class SaidPieceOut(Answer):
    """A stretch of a comment; `person` where it is a mention, under the name that the caller may know."""

    text: str
    person: UUID | None


class CommentOut(Answer):
    id: UUID
    thread: UUID
    author: UUID
    name: str
    pieces: list[SaidPieceOut]
    at: datetime.datetime


class ThreadRow(Answer):
    id: UUID
    project: UUID
    task: UUID
    unit: UUID
    item: UUID
    state: str
    opened_at: datetime.datetime


class ThreadOut(ThreadRow):
    """`comments` in order: the last 200."""

    comments: list[CommentOut]


class ThreadsOut(Answer):
    results: list[ThreadRow]
    next: str | None
    previous: str | None


class TaskThreadOut(Answer):
    thread: ThreadOut | None


class ReaderOut(Answer):
    person: UUID
    name: str


class ReadersOut(Answer):
    results: list[ReaderOut]


class CommentIn(Struct):
    """`@Name` in the text mentions a reader of the task; `mentions` says whom, where two have one name."""

    text: str
    mentions: list[UUID] = []


class TaskThread(Api):
    @operation(
        "thread.see", "What is said about a task's unit; null before anybody asked.", answers={200: TaskThreadOut}
    )
    def get(self, request: Any, org: str, task_id: UUID) -> Result:
        """The same for every round of the unit and for its review."""
        thread = selectors.thread_on(task_for(active_tenant(), "thread.see", task_id))
        return 200, TaskThreadOut(thread=_thread(thread) if thread else None)


class TaskComments(Api):
    @operation("thread.write", "Ask about a task, or answer.", body=CommentIn, answers={201: CommentOut})
    def post(self, request: Any, org: str, task_id: UUID, body: CommentIn) -> Result:
        """The first comment opens the thread."""
        comment = services.ask(task_id=task_id, text=body.text, mentions=body.mentions)
        return 201, _comment(said_in(comment.thread, only=comment.pk)[0], comment.thread_id)


class ReaderFilter(Struct):
    q: str = ""


class TaskReaders(Api):
    @operation("thread.see", "Whom a comment on a task may mention.", query=ReaderFilter, answers={200: ReadersOut})
    def get(self, request: Any, org: str, task_id: UUID, query: ReaderFilter) -> Result:
        """The first eight whose name has a word that begins so."""
        task = task_for(active_tenant(), "thread.see", task_id)
        return 200, _readers(selectors.readers_of(task, side_of(task)), query)


class ThreadFilter(Page):
    state: Literal["", "open", "resolved"] = ""


class ProjectThreads(Api):
    @operation("thread.see", "A project's threads, newest first.", query=ThreadFilter, answers={200: ThreadsOut})
    def get(self, request: Any, org: str, project_id: UUID, query: ThreadFilter) -> Result:
        """An annotator's are those in which they take part, or about their own work."""
        project = project_for(active_tenant(), "thread.see", project_id)
        return 200, page_of(selectors.threads_in(project, query.state), query, _row, newest_first=True)


class OneThread(Api):
    @operation("thread.see", "A thread.", answers={200: ThreadOut})
    def get(self, request: Any, org: str, thread_id: UUID) -> Result:
        """With what was said."""
        return 200, _thread(selectors.thread_for(active_tenant(), "thread.see", thread_id))


class ThreadReaders(Api):
    @operation("thread.see", "Whom a comment in a thread may mention.", query=ReaderFilter, answers={200: ReadersOut})
    def get(self, request: Any, org: str, thread_id: UUID, query: ReaderFilter) -> Result:
        """The same as of its task, while that is with the same organization."""
        thread = selectors.thread_for(active_tenant(), "thread.see", thread_id)
        return 200, _readers(selectors.readers_of(thread, thread.worker_org_id), query)


class ThreadComments(Api):
    @operation("thread.write", "Say something in a thread.", body=CommentIn, answers={201: CommentOut})
    def post(self, request: Any, org: str, thread_id: UUID, body: CommentIn) -> Result:
        """Opens a resolved thread again."""
        comment = services.answer(thread_id=thread_id, text=body.text, mentions=body.mentions)
        return 201, _comment(said_in(comment.thread, only=comment.pk)[0], thread_id)


class ThreadResolution(Api):
    @operation("thread.write", "Resolve a thread.", answers={200: ThreadOut})
    def put(self, request: Any, org: str, thread_id: UUID) -> Result:
        """As often as one likes."""
        return 200, _thread(services.move_thread(thread_id=thread_id, state=ThreadState.RESOLVED))

    @operation("thread.write", "Reopen a thread.", answers={200: ThreadOut})
    def delete(self, request: Any, org: str, thread_id: UUID) -> Result:
        """As often as one likes."""
        return 200, _thread(services.move_thread(thread_id=thread_id, state=ThreadState.OPEN))


def _readers(readers: list[Reader], query: ReaderFilter) -> ReadersOut:
    wanted = query.q.casefold()
    found = [one for one in readers if f" {one.name.casefold()}".find(f" {wanted}") >= 0][:MOST_READERS]
    return ReadersOut(results=[ReaderOut(person=one.person, name=one.name) for one in found])


def _fields(thread: Thread) -> dict[str, Any]:
    return {
        "id": thread.pk,
        "project": thread.project_id,
        "task": thread.task_id,
        "unit": thread.unit_id,
        "item": thread.item_id,
        "state": thread.state,
        "opened_at": thread.opened_at,
    }


def _row(thread: Thread) -> ThreadRow:
    return ThreadRow(**_fields(thread))


def _thread(thread: Thread) -> ThreadOut:
    return ThreadOut(**_fields(thread), comments=[_comment(said, thread.pk) for said in said_in(thread)])


def _comment(said: Said, thread_id: UUID) -> CommentOut:
    return CommentOut(
        id=said.id,
        thread=thread_id,
        author=said.author,
        name=said.name,
        pieces=[SaidPieceOut(text=piece.text, person=piece.person) for piece in said.pieces],
        at=said.at,
    )
