"""`manage.py relay`: sends what the outbox holds. Any number may run."""

from typing import Any

import psycopg
from django.core.management.base import BaseCommand
from django.db import OperationalError

from apps.core.boot import require_walls
from apps.jobs.actors import discover
from apps.jobs.direct import connect
from apps.jobs.patience import Patience
from apps.jobs.services.relaying import relay

POLL = 1.0


class Command(BaseCommand):
    help = "Send jobs and news from the outbox to the workers."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Until SIGTERM."""
        discover()
        patience = Patience("relay")
        patience.stop_on_signals()
        patience.until_done(require_walls)
        ear = Ear()
        patience.keep(lambda: step(ear))
        ear.close()


def step(ear: "Ear") -> None:
    """Send a batch; when there was none, wait for the next row or a second."""
    ear.open()
    if not relay():
        ear.wait(POLL)


class Ear:
    """Listens for new outbox rows on a connection of its own; without it a row would wait for the next poll."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def open(self) -> None:
        """Listen, before looking: what is written in between is then heard."""
        if self._connection is None or self._connection.closed:
            self._connection = _asking(connect)
            self._connection.execute("LISTEN outbox")

    def wait(self, seconds: float) -> None:
        """Until a row comes, or the time is over."""
        if self._connection is None:
            return
        try:
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.OperationalError as error:
            self.close()
            raise OperationalError(*error.args) from error

    def close(self) -> None:
        """Hear no more."""
        if self._connection is not None:
            self._connection.close()


def _asking(opening: Any) -> "psycopg.Connection[Any]":
    try:
        return opening()
    except psycopg.OperationalError as error:
        raise OperationalError(*error.args) from error
