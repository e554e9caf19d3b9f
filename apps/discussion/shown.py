"""Threads and notifications as one reader sees them: names or pseudonyms, addresses, sentences."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.names import initials_of, names_in, names_of
from apps.core.tenancy import active_tenant

from .models import Comment, Notification, NotificationKind, Thread
from .selectors import comments_of
from .words import MENTION, Piece, pieces_of, plain

MOST_SAID = 200
EXCERPT = 160
ICONS = {
    NotificationKind.MENTIONED: "ask",
    NotificationKind.ANSWERED: "ask",
    NotificationKind.RETURNED: "undo",
    NotificationKind.FINISHED: "check",
    NotificationKind.FAILED: "warn",
    NotificationKind.JOINED: "people",
    NotificationKind.OFFERED: "hand",
    NotificationKind.ACCEPTED: "check",
    NotificationKind.CHANGED: "hand",
    NotificationKind.ENDED: "hand",
}
SENTENCES = {
    NotificationKind.MENTIONED: gettext_lazy("%(who)s mentioned you about %(about)s"),
    NotificationKind.ANSWERED: gettext_lazy("%(who)s answered about %(about)s"),
    NotificationKind.RETURNED: gettext_lazy("%(who)s returned %(about)s to you"),
    NotificationKind.FINISHED: gettext_lazy("%(about)s is ready"),
    NotificationKind.FAILED: gettext_lazy("%(about)s failed"),
    NotificationKind.JOINED: gettext_lazy("%(about)s accepted your invitation"),
    NotificationKind.OFFERED: gettext_lazy("You are offered %(about)s"),
    NotificationKind.ACCEPTED: gettext_lazy("Your offer of %(about)s was accepted"),
    NotificationKind.CHANGED: gettext_lazy("What is shared with you of %(about)s was changed"),
    NotificationKind.ENDED: gettext_lazy("The engagement for %(about)s has ended"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A comment for its reader."""

    id: UUID
    author: UUID
    name: str
    initials: str
    is_mine: bool
    pieces: list[Piece]
    at: datetime.datetime


def said_in(thread: Thread, only: UUID | None = None) -> list[Said]:
    """A thread's last 200 comments in their order, or one of them."""
    rows = comments_of(thread)
    found = list(rows.filter(pk=only)) if only else list(rows.order_by("-id")[:MOST_SAID])[::-1]
    names = names_of(_people(found), thread.project_id)
    me = active_tenant().user_id
    return [
        Said(
            id=one.pk,
            author=one.author_id,
            name=names[one.author_id],
            initials=initials_of(names[one.author_id]),
            is_mine=one.author_id == me,
            pieces=pieces_of(one.text, names),
            at=one.at,
        )
        for one in found
    ]


def rows_of(threads: Iterable[Thread]) -> list[dict[str, Any]]:
    """Threads for a list of one project: their first question, who asked, how many comments and the last word."""
    found = list(threads)
    if not found:
        return []
    comments = list(Comment.objects.filter(thread__in=found).order_by("id"))
    names = names_of(_people(comments), found[0].project_id)
    said: dict[UUID, list[Comment]] = {thread.pk: [] for thread in found}
    for comment in comments:
        said[comment.thread_id].append(comment)
    return [_row(thread, said[thread.pk], names) for thread in found]


def told_of(rows: Iterable[Notification]) -> list[dict[str, Any]]:
    """Notifications as sentences: icon, text, excerpt, at, is_unread, id."""
    found = list(rows)
    names = names_in(pair for row in found for pair in _named(row))
    return [_told(row, {person: names[person, place] for person, place in _named(row)}) for row in found]


def address_of(row: Notification, org: str) -> str:
    """Where it leads; to the list of notifications when that page is not there any more."""
    try:
        return reverse(row.page, kwargs={"org": org, **row.route})
    except NoReverseMatch:
        return reverse("discussion:notifications", kwargs={"org": org})


def _row(thread: Thread, said: list[Comment], names: dict[UUID | None, str]) -> dict[str, Any]:
    first, last = said[0], said[-1]
    return {
        "thread": thread,
        "question": _cut(plain(first.text, names)),
        "asked_by": names[first.author_id],
        "answers": len(said) - 1,
        "last_by": names[last.author_id],
        "at": last.at,
    }


def _people(comments: Iterable[Comment]) -> list[UUID | None]:
    return [person for one in comments for person in (one.author_id, *one.mentions)]


def _told(row: Notification, names: Mapping[UUID | None, str]) -> dict[str, Any]:
    kind = NotificationKind(row.kind)
    return {
        "id": row.pk,
        "kind": row.kind,
        "icon": ICONS[kind],
        "text": SENTENCES[kind] % {"who": names.get(row.actor_id) or _("Somebody"), "about": row.about},
        "excerpt": _cut(plain(row.text, names)),
        "at": row.at,
        "is_unread": row.read_at is None,
    }


def _named(row: Notification) -> list[tuple[UUID, UUID]]:
    """Whom it names, each with the project in which they bear that name."""
    people = [row.actor_id, *(UUID(one) for one in MENTION.findall(row.text))]
    # Outside a project there are only one's own people, and they are known by name.
    place = row.project_id or active_tenant().org_id
    return [(person, place) for person in people if person]


def _cut(text: str) -> str:
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1].rstrip() + "…"
