"""How a long-lived process meets a server that is away: it stays, waits longer each time, and says so once."""

import logging
import random
import signal
import threading
from collections.abc import Callable
from types import FrameType

from django.db import InterfaceError, OperationalError, connection
from redis.exceptions import RedisError

FIRST_WAIT = 0.2
LONGEST_WAIT = 5.0

logger = logging.getLogger(__name__)


class Patience:
    """Runs a step again and again until told to stop."""

    def __init__(self, name: str) -> None:
        self.stopped = threading.Event()
        self._name = name
        self._failures = 0

    def stop_on_signals(self) -> None:
        """SIGTERM and Ctrl-C end the loop after the step in hand."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def keep(self, step: Callable[[], None]) -> None:
        """Repeat the step; it waits by itself where there is nothing to do."""
        while not self.stopped.is_set():
            self.try_once(step)

    def until_done(self, step: Callable[[], None]) -> None:
        """Do it once, as soon as the servers let us."""
        while not self.stopped.is_set() and not self.try_once(step):
            pass

    def try_once(self, step: Callable[[], None]) -> bool:
        """One step; where a server is away, wait instead. Whether it was done."""
        try:
            step()
        except (RedisError, OperationalError, InterfaceError) as error:
            self._wait(error)
            return False
        if self._failures:
            logger.warning("%s goes on: the server is back", self._name)
        self._failures = 0
        return True

    def _wait(self, error: Exception) -> None:
        connection.close()
        self._failures += 1
        if self._failures == 1:
            server = "Redis" if isinstance(error, RedisError) else "PostgreSQL"
            logger.warning("%s waits: %s does not answer (%s)", self._name, server, str(error).strip())
        longest = min(FIRST_WAIT * 2 ** min(self._failures, 10), LONGEST_WAIT)
        self.stopped.wait(longest * random.uniform(0.5, 1.0))

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopped.set()
