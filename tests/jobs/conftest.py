"""Real workers in threads: they connect as `app_worker`, see what is committed, and hear a real Redis."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import dramatiq
import pytest
from django.db import connection
from dramatiq.brokers.redis import RedisBroker

from apps.jobs import broker as doorbell
from apps.jobs import kinds, periodic, topics
from apps.jobs.actors import discover
from tests.jobs.processes import environment_of


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds, subscribers and periodic work that a test registers go with it; those of the product stay."""
    discover()  # else a module that is first imported here would register for this test alone
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    monkeypatch.setattr(
        topics, "_subscriptions", {topic: dict(known) for topic, known in topics._subscriptions.items()}
    )
    monkeypatch.setattr(periodic, "_table", dict(periodic._table))
    monkeypatch.setattr(periodic, "_after_wipe", {})


@pytest.fixture
def bell(settings: Any, monkeypatch: pytest.MonkeyPatch, worker_id: str) -> Iterator[RedisBroker]:
    """An empty broker, made anew so that it declares the test's queues; each xdist worker has a number of its own."""
    number = 1 + int(worker_id.removeprefix("gw") if worker_id != "master" else 0) % 15
    settings.BROKER_URL = urlsplit(settings.BROKER_URL)._replace(path=f"/{number}").geturl()
    monkeypatch.setenv("REDIS_URL", settings.BROKER_URL)
    doorbell.broker.cache_clear()
    made = doorbell.broker()
    made.client.flushdb()
    made.emit_after("process_boot")  # what the command line does: it starts the watch over time limits
    yield made
    made.close()
    doorbell.broker.cache_clear()


@pytest.fixture
def threads_as_worker() -> Iterator[None]:
    """New connections, those of the worker's threads, take on the worker's role."""
    options = connection.settings_dict["OPTIONS"]
    before = options["options"]
    options["options"] = before.replace("role=app_web", "role=app_worker")
    yield
    options["options"] = before


@pytest.fixture
def worker(bell: RedisBroker, threads_as_worker: None) -> Callable[[], object]:
    """A running worker process, as far as threads can be one: `with worker(): …`."""

    @contextmanager
    def run() -> Iterator[dramatiq.Worker]:
        started = dramatiq.Worker(bell, worker_threads=2, worker_timeout=50)
        started.start()
        try:
            yield started
        finally:
            started.stop(5000)

    return run


@pytest.fixture
def processes_as_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that a test starts sign in to its database as `app_worker`, as the supervisor would have them."""
    for name, value in environment_of("app_worker", "tests.jobs.settings_with_labour").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DATABASE_OWNER_URL")
