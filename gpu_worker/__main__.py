"""`python -m gpu_worker`: one process for one device, with a pool of threads for each of the two queues.

Two pools, because a person's message must never wait for a thread that waits for bulk work; one process, because both
share the model and the device.
"""

import logging
import signal
import threading
from typing import Any

import django
from django.conf import settings
from dramatiq.worker import Worker as Pool

from apps.core.boot import require_walls

ASSIST_THREADS = 4
BULK_THREADS = {"cpu": 4, "cuda": 16}
IDLE_MS = 50  # how long a queue that was empty may wait unseen
DRAIN_MS = 6000
SPARE_CONNECTIONS = 3

logger = logging.getLogger("gpu_worker")


def main() -> None:
    """Run until SIGTERM or SIGINT, or until the device thread has died: then the supervisor starts us anew."""
    django.setup()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    # Only now: this needs Django's settings, and torch takes a second.
    from gpu_worker.worker import Worker  # noqa: PLC0415

    worker = Worker()
    threads = {"gpu.assist": ASSIST_THREADS, "gpu.bulk": BULK_THREADS[worker.device.type]}
    _allow_connections(sum(threads.values()) + SPARE_CONNECTIONS)
    require_walls()
    worker.start()
    pools = [_start_pool(queue, count, worker) for queue, count in threads.items()]
    logger.info("ready on %s with %d torch threads", worker.device, worker.threads)
    worker.warm_up_what_serves()
    while worker.is_alive() and not stopping.wait(1):
        pass
    logger.info("stopping: runs are given back at their next tile")
    worker.drain()
    for pool in pools:
        pool.stop(DRAIN_MS)
    worker.stop()


def _start_pool(queue: str, threads: int, worker: Any) -> Pool:
    from gpu_worker.brokers import make_broker  # noqa: PLC0415 - as above

    pool = Pool(make_broker(queue, worker), queues={queue}, worker_timeout=IDLE_MS, worker_threads=threads)
    pool.queue_prefetch = threads  # what is fetched is run: another worker may be idle
    pool.start()
    return pool


def _allow_connections(count: int) -> None:
    """Each thread may hold one connection while it writes."""
    options: Any = settings.DATABASES["default"]["OPTIONS"]
    if isinstance(options.get("pool"), dict):
        options["pool"]["max_size"] = max(options["pool"].get("max_size", 0), count)


if __name__ == "__main__":
    main()
