"""A Dramatiq broker for each queue, so that each queue has consumers and threads of its own in one process."""

import dramatiq
from django.conf import settings
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import TimeLimit

from gpu_worker.actors import declare_actors
from gpu_worker.worker import Worker


def make_broker(queue: str, worker: Worker) -> dramatiq.Broker:
    """The broker of one queue with the worker's actors. No Retries: attempts are counted in PostgreSQL."""
    broker: dramatiq.Broker = RedisBroker(  # type: ignore[no-untyped-call]
        url=settings.BROKER_URL,
        middleware=[TimeLimit()],
        # A dead process's messages come back after this; their runs were long claimed again, so they are dropped.
        heartbeat_timeout=60_000,
        maintenance_chance=100_000,
    )
    broker.declare_queue(queue)
    declare_actors(broker, queue, worker)
    return broker
