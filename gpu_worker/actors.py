"""What messages make the worker do. Their arguments are ids; attempts are counted in PostgreSQL, never here."""

from collections.abc import Callable
from uuid import UUID

import dramatiq
from django.db import connections

from apps.predictions import services
from apps.predictions.services.registry import WARM
from apps.predictions.services.requests import RUN
from apps.predictions.services.runs import warming_weights
from gpu_worker.worker import Worker

TIME_LIMIT = 30 * 60 * 1000  # a backstop in ms: the real deadlines are the batcher's


def declare_actors(broker: dramatiq.Broker, queue: str, worker: Worker) -> None:
    """Make both actors known to the broker of one queue."""

    def run_inference(inference_id: str) -> None:
        run = services.claim_inference(UUID(inference_id))
        if run is not None:
            worker.run(run)

    def warm_deployment(deployment_id: str) -> None:
        waiting = warming_weights(UUID(deployment_id))
        if waiting is not None:
            org_id, weights = waiting
            worker.warm_up(weights)
            services.mark_ready(org_id=org_id, deployment_id=UUID(deployment_id))

    for name, function in ((RUN, run_inference), (WARM, warm_deployment)):
        declare = dramatiq.actor(actor_name=name, broker=broker, queue_name=queue, time_limit=TIME_LIMIT)
        declare(_closing(function))


def _closing(function: Callable[[str], None]) -> Callable[[str], None]:
    def call(row_id: str) -> None:
        try:
            function(row_id)
        finally:
            _close()

    return call


def _close() -> None:
    # Back to the pool: this thread may now wait for long.
    connections.close_all()
