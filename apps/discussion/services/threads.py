"""Ask about a task, answer, resolve and reopen."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.activity.services import publish, record_audit
from apps.core.errors import Invalid, InvalidText, NotFound
from apps.core.tenancy import acting_person, active_tenant
from apps.discussion.models import Comment, Notification, NotificationKind, Thread, ThreadState
from apps.discussion.selectors import comments_of, readers_of
from apps.discussion.selectors.threads import side_of, task_for, thread_for
from apps.discussion.words import kept, mentioned_in
from apps.distribution.models import Task

from .notices import Notice, notify

LONGEST = 2000


class TextMissing(Invalid):
    code = "text_missing"
    message = f"Write 1 to {LONGEST:,} characters."


@transaction.atomic
def ask(*, task_id: UUID, text: str, mentions: Sequence[UUID] = ()) -> Comment:
    """Say something about a task; the first word opens the thread of its unit.

    Raises NotFound, NotAllowed, TextMissing.
    """
    text = _clean(text)
    task = task_for(active_tenant(), "thread.write", task_id)
    return _say(_thread(task), text, mentions)


@transaction.atomic
def answer(*, thread_id: UUID, text: str, mentions: Sequence[UUID] = ()) -> Comment:
    """Say something in a thread; what is said in a resolved one opens it again. Raises NotFound, TextMissing."""
    text = _clean(text)
    thread = thread_for(active_tenant(), "thread.write", thread_id)
    return _say(_held(pk=thread.pk), text, mentions)


@transaction.atomic
def move_thread(*, thread_id: UUID, state: str) -> Thread:
    """Resolve or reopen; a thread that is there already stays as it is. Raises NotFound."""
    thread = thread_for(active_tenant(), "thread.write", thread_id)
    if state not in ThreadState.values:
        raise NotFound
    if thread.state != state:
        thread.move_to(state)
        record_audit("thread.resolve" if state == ThreadState.RESOLVED else "thread.reopen", thread)
        _publish(thread)
    return thread


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if "\0" in text:
        raise InvalidText
    if not 1 <= len(text) <= LONGEST:
        raise TextMissing(field="text")
    return text


def _thread(task: Task) -> Thread:
    """The thread of the task's unit, made if there is none; of two who ask at once, both speak in one."""
    side, now = side_of(task), timezone.now()
    wanted = Thread(
        org_id=task.org_id,
        project_id=task.project_id,
        worker_org_id=side,
        unit_id=task.unit_id,
        item_id=task.unit.item_id,
        task=task,
        opened_by=acting_person(),
        opened_at=now,
    )
    Thread.objects.bulk_create([wanted], ignore_conflicts=True)
    return _held(org_id=task.org_id, unit_id=task.unit_id, worker_org_id=side)


def _held(**which: UUID) -> Thread:
    rows = Thread.objects.select_related("item", "project").select_for_update(of=("self",))
    thread: Thread = rows.get(**which)
    return thread


def _say(thread: Thread, text: str, chosen: Iterable[UUID]) -> Comment:
    context = active_tenant()
    readers = {reader.person: reader for reader in readers_of(thread, thread.worker_org_id)} if "@" in text else {}
    text = kept(text, {reader.person: reader.name for reader in readers.values()}, chosen)
    mentions = mentioned_in(text, readers)
    before = dict(comments_of(thread).values_list("author_id", "author_org_id"))
    comment: Comment = Comment.objects.create(
        org_id=thread.org_id,
        project_id=thread.project_id,
        worker_org_id=thread.worker_org_id,
        thread=thread,
        author_id=acting_person(),
        author_org_id=context.org_id,
        text=text,
        mentions=mentions,
        at=timezone.now(),
    )
    _record(thread, comment, is_first=not before)
    _tell(thread, comment, {person: readers[person].org_id for person in mentions}, before)
    _publish(thread)
    return comment


def _record(thread: Thread, comment: Comment, *, is_first: bool) -> None:
    """One row for what was said and what that did to the thread."""
    if is_first:
        record_audit("thread.open", thread, comment=str(comment.pk))
    elif thread.state == ThreadState.RESOLVED:
        thread.move_to(ThreadState.OPEN)
        record_audit("thread.reopen", thread, comment=str(comment.pk))
    else:
        record_audit("comment.create", comment, thread=str(thread.pk))


def _tell(thread: Thread, comment: Comment, mentioned: dict[UUID, UUID], before: dict[UUID, UUID]) -> None:
    answered = {person: org_id for person, org_id in before.items() if person not in mentioned}
    answered.pop(comment.author_id, None)
    # Of answers that nobody has read yet, one is told: the last.
    unread = Notification.objects.filter(person_id__in=answered, kind=NotificationKind.ANSWERED, read_at=None)
    unread.filter(route__thread_id=str(thread.pk)).delete()
    for kind, people in ((NotificationKind.MENTIONED, mentioned), (NotificationKind.ANSWERED, answered)):
        notice = Notice(
            kind=kind,
            org_id=thread.org_id,
            project_id=thread.project_id,
            worker_org_id=thread.worker_org_id,
            actor_id=comment.author_id,
            about=thread.item.name,
            text=comment.text,
            page="discussion:thread",
            route={"project_id": thread.project_id, "thread_id": thread.pk},
        )
        notify(notice, people.items())


def _publish(thread: Thread) -> None:
    publish(
        f"thread:{thread.pk}",
        {"type": "thread.changed", "state": thread.state},
        org_id=thread.org_id,
        project_id=thread.project_id,
        worker_org_id=thread.worker_org_id,
    )
