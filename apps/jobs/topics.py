"""News from a lower app to a higher one: a row in the writer's transaction, a job for each subscriber after it.

A subscriber gets up to 500 pieces of news of one organization at once, inside one transaction in the owner's context;
what it writes and the end of its job commit together, so each piece takes effect once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.core.tenancy import active_tenant

from .kinds import DEFAULT_QUEUE
from .models import TOPIC_KIND, Outbox
from .plain import plain


@dataclass(frozen=True, slots=True)
class News:
    """One published payload; `id` is its outbox row's, the same however often it is delivered."""

    id: int
    payload: dict[str, Any]


Subscriber = Callable[[list[News]], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told of a topic."""

    topic: str
    work: Subscriber
    queue: str

    @property
    def kind(self) -> str:
        """The kind of the jobs that tell it."""
        return f"{TOPIC_KIND}{self.topic}:{self.work.__name__}"


_subscriptions: dict[str, dict[str, Subscription]] = {}


def publish(topic: str, payload: dict[str, Any], org_id: UUID, project_id: UUID | None = None) -> None:
    """Tell `topic`'s subscribers once this transaction commits. `org_id` is the owner, in whose context they act.

    Somebody who acts for an engaged vendor must name the project, or row-level security refuses the row.
    """
    if project_id is None and org_id != active_tenant().org_id:
        raise ValueError(f"News on {topic} about another organization must name the project.")
    Outbox.objects.create(
        org_id=org_id, project_id=project_id, topic=topic, payload=plain(payload), created_at=timezone.now()
    )


def subscribe(topic: str, *, queue: str = DEFAULT_QUEUE) -> Callable[[Subscriber], Subscriber]:
    """Register a function over a list of News; written in an app's `actors.py`."""

    def register(work: Subscriber) -> Subscriber:
        subscription = Subscription(topic, work, queue)
        _subscriptions.setdefault(topic, {})[subscription.kind] = subscription
        return work

    return register


def subscribers_of(topic: str) -> list[Subscription]:
    """Everybody who is told of a topic."""
    return list(_subscriptions.get(topic, {}).values())


def subscription_of(kind: str) -> Subscription | None:
    """The subscription that a job of this kind serves."""
    topic = kind.removeprefix(TOPIC_KIND).rpartition(":")[0]
    return _subscriptions.get(topic, {}).get(kind)


def every_subscription() -> list[Subscription]:
    """All of them, by kind."""
    found = [one for known in _subscriptions.values() for one in known.values()]
    return sorted(found, key=lambda one: one.kind)
