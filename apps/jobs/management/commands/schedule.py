"""`manage.py schedule`: runs the table of periodic work. A second one stands by until the first is gone."""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections
from redis.exceptions import RedisError

from apps.core.boot import require_walls
from apps.jobs import sweeps
from apps.jobs.actors import discover
from apps.jobs.direct import connect
from apps.jobs.patience import Patience
from apps.jobs.periodic import Periodic, table

LOCK = 0x7E55E7A  # any number that nothing else locks
TICK = 0.25
AT_ONCE = 4

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Run periodic work: the reaper, expiries, clean-ups."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Until SIGTERM."""
        discover()
        sweeps.install()
        patience = Patience("scheduler")
        patience.stop_on_signals()
        patience.until_done(require_walls)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="periodic") as pool:
            leader = Leader()
            clock = Clock(pool, table())
            patience.keep(lambda: step(leader, clock, patience))
            leader.close()


def step(leader: "Leader", clock: "Clock", patience: Patience) -> None:
    """Start what is due, if we are the one that does."""
    if leader.holds():
        clock.start_due()
        patience.stopped.wait(TICK)
    else:
        patience.stopped.wait(1.0)


class Leader:
    """Holds a lock for as long as its session lives, so that a dead leader is followed at once."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._held = False

    def holds(self) -> bool:
        """Whether we lead; asks the database each time, since a lost session is a lost lock."""
        try:
            if self._connection is None or self._connection.closed:
                self._held = False
                self._connection = connect()
            if self._held:
                self._connection.execute("SELECT 1")
            else:
                row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
                self._held = bool(row and row[0])
        except psycopg.OperationalError as error:
            self.close()
            raise OperationalError(*error.args) from error
        return self._held

    def close(self) -> None:
        """Let another lead."""
        self._held = False
        if self._connection is not None:
            self._connection.close()


class Clock:
    """When each line of the table is next due. A line that still runs is not started again."""

    def __init__(self, pool: ThreadPoolExecutor, lines: list[Periodic]) -> None:
        self._pool = pool
        self._next = {line.name: 0.0 for line in lines}
        self._lines = lines
        self._running: dict[str, Future[None]] = {}
        self._silent: set[str] = set()

    def start_due(self) -> None:
        """Hand every line that is due to a thread."""
        now = time.monotonic()
        for line in self._lines:
            running = self._running.get(line.name)
            if now >= self._next[line.name] and (running is None or running.done()):
                self._next[line.name] = now + line.every
                self._running[line.name] = self._pool.submit(self._run, line)

    def _run(self, line: Periodic) -> None:
        close_old_connections()
        try:
            line.service()
        except (RedisError, OperationalError, InterfaceError) as error:
            if line.name not in self._silent:
                logger.warning("%s waits: a server does not answer (%s)", line.name, str(error).strip())
            self._silent.add(line.name)
        except Exception:
            logger.exception("%s failed; it is tried again in %s s", line.name, line.every)
        else:
            self._silent.discard(line.name)
        finally:
            close_old_connections()
