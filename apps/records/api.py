"""The audit over HTTP."""

import datetime
from typing import Any
from uuid import UUID

from apps.core.answers import Result
from apps.core.errors import InvalidPage
from apps.core.http import Api, operation
from apps.core.json import Answer, Struct
from apps.core.paging import LARGEST_PAGE
from apps.projects.selectors import project_for

from .selectors.audit import sealed_after, sealed_in_project
from .shown import in_words

LARGEST_NUMBER = 2**62


class EventsQuery(Struct):
    """From which number on, and of which project: without one, all of the own organization's."""

    after: int = 0
    limit: int = 50
    project: UUID | None = None


class EventOut(Answer):
    seq: int
    at: datetime.datetime
    actor: str
    organization: str
    verb: str
    object_type: str
    object: UUID | None
    project: UUID | None
    details: dict[str, Any]
    before: str | None
    after: str | None
    request_id: str


class EventsOut(Answer):
    results: list[EventOut]
    next: int | None


class Events(Api):
    @operation("audit.see", "The audit, oldest first, after a number.", query=EventsQuery, answers={200: EventsOut})
    def get(self, request: Any, org: str, query: EventsQuery) -> Result:
        """Sealed rows alone, a minute after the act at most: their numbers have no gaps and never change.

        `next` is what to ask with where there is more; else ask again later with the last `seq`.
        """
        if not 1 <= query.limit <= LARGEST_PAGE:
            raise InvalidPage(field="limit")
        if not 0 <= query.after <= LARGEST_NUMBER:
            raise InvalidPage(field="after")
        asked = {"after": query.after, "limit": query.limit + 1}
        if query.project:
            project = project_for(request.member.context, "audit.see", query.project)
            found = sealed_in_project(project, **asked)
        else:
            found = sealed_after(**asked)
        more, found = len(found) > query.limit, found[: query.limit]
        words = in_words(event for _, event in found)
        results = [_event(seq, event, said) for (seq, event), said in zip(found, words, strict=True)]
        return 200, EventsOut(results=results, next=results[-1].seq if more else None)


def _event(seq: int, event: Any, said: dict[str, Any]) -> EventOut:
    return EventOut(
        seq=seq,
        at=event.at,
        actor=said["who"],
        organization=said["organization"],
        verb=event.verb,
        object_type=event.object_type,
        object=event.object_id,
        project=event.project_id,
        details=event.details,
        before=bytes(event.before).hex() if event.before is not None else None,
        after=bytes(event.after).hex() if event.after is not None else None,
        request_id=event.request_id,
    )
