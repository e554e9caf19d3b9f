"""What a topic has to say to one person: may they hear it, what came after, what stands now."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.activity.models import Feed, FeedHead
from apps.core.access import gate
from apps.core.errors import NotAllowed, NotFound
from apps.core.tenancy import Context, tenant_tx
from apps.distribution.selectors import hides_suggestions

from .topics import TOPICS

MOST_FRAMES = 200

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came after a place: frames by number; `lost` where they no longer tell all, so read the resource again."""

    frames: list[tuple[int, Frame]]
    head: int
    lost: bool = False


def may_follow(context: Context, name: str, row_id: UUID) -> None:
    """Raise NotFound unless the person may hear the topic: unknown, foreign and not allowed are all the same."""
    topic = TOPICS.get(name)
    if topic is None or not gate.admits(topic.action, context):
        raise NotFound
    with tenant_tx(context):
        owner = topic.rows().filter(**{topic.key: row_id}).values_list("org_id", flat=True).first()
    if owner is None:
        raise NotFound
    try:
        gate.require(topic.action, context, owner)
    except NotAllowed as error:
        raise NotFound from error


def head_of(context: Context, key: str) -> int:
    """The number of a topic's last frame."""
    with tenant_tx(context):
        return _head(key)


def read_after(context: Context, key: str, after: int) -> Reading:
    """The frames that follow, at most 200 of them, less what this person must not see."""
    with tenant_tx(context):
        # The head first: a frame that is written in between then only adds a row.
        head = _head(key)
        feed = Feed.objects.filter(topic=key, seq__gt=after).order_by("seq")
        rows = list(feed.values_list("seq", "frame")[:MOST_FRAMES])
        if head < after or (rows[0][0] != after + 1 if rows else head != after):
            return Reading([], head, lost=True)
        return Reading(_withhold(context, key, rows), rows[-1][0] if rows else head)


def counts_now(context: Context, name: str, row_id: UUID) -> Frame:
    """The figures of a topic without rows."""
    counts = TOPICS[name].counts
    if counts is None:
        raise NotFound
    with tenant_tx(context):
        return counts(row_id)


def keeps_feed(name: str) -> bool:
    """Whether the topic's frames are numbered rows; the others send counts as they stand."""
    return TOPICS[name].counts is None


def _head(key: str) -> int:
    return FeedHead.objects.filter(topic=key).values_list("seq", flat=True).first() or 0


def _withhold(context: Context, key: str, rows: list[tuple[int, Frame]]) -> list[tuple[int, Frame]]:
    """In the held-out arm nobody is shown what a model found. The number stays: a missing one would be a gap."""
    name, _, row_id = key.partition(":")
    overlays = name == "item" and any(frame["type"].startswith("overlay.") for _, frame in rows)
    if not overlays or context.user_id is None or not hides_suggestions(context.user_id, UUID(row_id)):
        return rows
    return [(seq, {"type": "withheld"} if frame["type"].startswith("overlay.") else frame) for seq, frame in rows]
