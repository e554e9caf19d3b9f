"""Real workers in threads: they connect as `app_worker`, see what is committed, and hear a real Redis."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dramatiq
import psycopg
import pytest
from django.db import connection
from dramatiq.brokers.redis import RedisBroker
from fasteners import InterProcessLock

from apps.jobs import broker as doorbell
from apps.jobs import kinds, periodic, topics
from tests.cluster import MARK


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds, subscribers and periodic work that a test registers go with it."""
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    monkeypatch.setattr(
        topics, "_subscriptions", {topic: dict(known) for topic, known in topics._subscriptions.items()}
    )
    monkeypatch.setattr(periodic, "_table", dict(periodic._table))
    monkeypatch.setattr(periodic, "_after_wipe", {})


@pytest.fixture
def bell() -> Iterator[RedisBroker]:
    """An empty broker, made anew so that it declares the test's queues."""
    doorbell.broker.cache_clear()
    made = doorbell.broker()
    made.client.flushall()
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
    password = hashlib.sha256(os.environ["SECRET_KEY"].encode()).hexdigest()
    with (
        InterProcessLock(Path(os.environ[MARK]) / "roles.lock"),
        psycopg.connect(os.environ["DATABASE_ADMIN_URL"].rsplit("/", 1)[0] + "/postgres") as admin,
    ):
        admin.execute(f"ALTER ROLE app_worker PASSWORD '{password}'")
    at = connection.settings_dict
    url = f"postgresql://app_worker:{password}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.delenv("DATABASE_OWNER_URL")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.jobs.settings_with_labour")
