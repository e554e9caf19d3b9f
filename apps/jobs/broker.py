"""The doorbell: Dramatiq on Redis. Attempts, delays and results are PostgreSQL's; Redis only says: there is work."""

from functools import cache
from typing import Any
from uuid import UUID

import dramatiq
from django.conf import settings
from django.db import close_old_connections
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware, TimeLimit

from . import work
from .kinds import DEFAULT_QUEUE, every_kind, kind_named
from .models import Job
from .services.runs import stopping
from .topics import every_subscription, subscription_of

RUN = "run"
HEARTBEAT_TIMEOUT = 15_000
ALWAYS = 1_000_000  # the default looks after dead workers' messages on one command in a thousand: practically never
NEWS_LIMIT = 120.0
CHILD_MARGIN = 60.0  # a child is stopped by its parent; the parent's own limit is only a net
NEVER = 24 * 3600 * 1000


class FreshConnections(Middleware):
    """A thread that waits for work must not hold a database connection, nor use a broken one."""

    def before_process_message(self, broker: Any, message: Any) -> None:
        close_old_connections()

    def after_process_message(self, broker: Any, message: Any, *, result: Any = None, exception: Any = None) -> None:
        close_old_connections()


class GivesWorkBack(Middleware):
    """A worker that is told to stop tells the jobs in its hands."""

    def before_worker_boot(self, broker: Any, worker: Any) -> None:
        stopping.clear()

    def before_worker_shutdown(self, broker: Any, worker: Any) -> None:
        stopping.set()


@cache
def broker() -> RedisBroker:
    """The process's broker. No retries and no age limit: a message is a hint, the row decides."""
    made = RedisBroker(  # type: ignore[no-untyped-call]
        url=settings.BROKER_URL,
        middleware=[TimeLimit(time_limit=NEVER), GivesWorkBack(), FreshConnections()],
        heartbeat_timeout=HEARTBEAT_TIMEOUT,
        maintenance_chance=ALWAYS,
    )
    dramatiq.set_broker(made)
    dramatiq.actor(actor_name=RUN, queue_name=DEFAULT_QUEUE, broker=made)(_run)
    for queue in sorted({kind.queue for kind in every_kind()} | {one.queue for one in every_subscription()}):
        made.declare_queue(queue)
    return made


def ring_job(job: Job) -> None:
    """Tell a worker of the job's queue. Raises redis' errors."""
    queue, limit = DEFAULT_QUEUE, NEWS_LIMIT
    if kind := kind_named(job.kind):
        queue, limit = kind.queue, kind.time_limit + (CHILD_MARGIN if kind.child else 0)
    elif subscription := subscription_of(job.kind):
        queue = subscription.queue
    _enqueue(queue, RUN, job.pk, {"time_limit": limit * 1000})


def ring_row(*, actor: str, row_id: UUID, queue: str) -> None:
    """Tell the actor of that name, which may be another process's, of its row. Raises redis' errors."""
    _enqueue(queue, actor, row_id, {})


def _enqueue(queue: str, actor: str, key: UUID, options: dict[str, Any]) -> None:
    message: dramatiq.Message[Any] = dramatiq.Message(
        queue_name=queue, actor_name=actor, args=(str(key),), kwargs={}, options=options
    )
    broker().enqueue(message)


def _run(job_id: str) -> None:
    work.work_off(UUID(job_id))
