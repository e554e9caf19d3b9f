"""The worker's pulse: runs that it holds stay its own, and people see that it is alive."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from apps.predictions import services
from apps.predictions.selectors import WORKERS
from apps.predictions.services import Run

logger = logging.getLogger(__name__)

EVERY = 3.0
ALIVE_SECONDS = 15


class Beats:
    """One thread for all runs: renews their heart-beats, tells those that were taken away, publishes the worker."""

    def __init__(self, describe: Callable[[], dict[str, Any]]) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}"
        self._describe = describe
        self._held: dict[UUID, tuple[UUID, threading.Event]] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beats", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(EVERY)
        cache.delete(f"gpu_worker:{self.name}")

    @contextmanager
    def of(self, run: Run) -> Iterator[threading.Event]:
        """Keep the run's heart beating; the event is set when it is not ours any more."""
        lost = threading.Event()
        with self._lock:
            self._held[run.inference_id] = (run.token, lost)
        try:
            yield lost
        finally:
            with self._lock:
                self._held.pop(run.inference_id, None)

    def give_up(self) -> None:
        """Tell every run to stop at its next tile."""
        with self._lock:
            for _, lost in self._held.values():
                lost.set()

    def _run(self) -> None:
        while True:
            try:
                self._beat()
            except Exception:  # a thread that ended here would let every run be taken away, and nobody would know why
                logger.warning("heart-beats could not be written", exc_info=True)
            try:
                self._publish()
            except Exception:  # the cache's client raises what it likes; the page shows nobody for a while
                logger.warning("this worker could not be announced", exc_info=True)
            connection.close()
            if self._stopped.wait(EVERY):
                return

    def _beat(self) -> None:
        with self._lock:
            held = dict(self._held)
        for identity in services.beat({identity: token for identity, (token, _) in held.items()}):
            held[identity][1].set()

    def _publish(self) -> None:
        cache.set(f"gpu_worker:{self.name}", {"name": self.name, **self._describe()}, ALIVE_SECONDS)
        names = set(cache.get(WORKERS) or [])
        alive = {name.removeprefix("gpu_worker:") for name in cache.get_many([f"gpu_worker:{name}" for name in names])}
        cache.set(WORKERS, sorted(alive | {self.name}), None)
