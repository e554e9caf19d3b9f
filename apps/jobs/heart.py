"""The thread beside a run that says it is alive, writes its progress, and learns that it was cancelled."""

import logging
import threading
import time
from types import TracebackType
from typing import Self

from django.db import DatabaseError, InterfaceError, connection

from .services import runs

BEAT_EVERY = 3.0
LOOK_EVERY = 0.5

logger = logging.getLogger(__name__)


class Heart:
    """`with Heart(run): …`; the thread has a database connection of its own, opened with its first beat."""

    def __init__(self, run: runs.RunningJob) -> None:
        self._run = run
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heart-{run.id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        last = time.monotonic()
        try:
            while not self._stopped.wait(LOOK_EVERY):
                if (self._run.done, self._run.total) == self._run.told and time.monotonic() - last < BEAT_EVERY:
                    continue
                last = time.monotonic()
                if not self._is_alive():
                    self._run.lost.set()
                    return
        finally:
            connection.close()

    def _is_alive(self) -> bool:
        try:
            return runs.beat(self._run)
        except (DatabaseError, InterfaceError):
            # The work may outlast a restart of the database; if not, the reaper gives the job to somebody else.
            logger.warning("job %s: the heart-beat was not written", self._run.id, exc_info=True)
            connection.close()
            return True
