"""The suite's database: migrated once as the owner, copied for each worker, used as `app_web`."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test.testcases import TransactionTestCase
from fasteners import InterProcessLock

from .cluster import MARK
from .installation import Installation, running

pytest_plugins = ["tests.people"]
TEMPLATE = "tessera_template"

gc.set_threshold(50_000, 20, 100)  # collecting as often as Python does by itself took 6 % of the suite's time


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests after those that ask the database: their Playwright keeps an event loop in this thread, in which
    Django refuses to be asked. Then the faults, which leave the demo that both use other than they found it.
    """
    items.sort(key=lambda item: 2 if "faults" in item.path.parts else int("browser" in item.path.parts))


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, worker_id: str) -> Iterator[None]:
    """Instead of pytest-django's own, which would create the database as the role under test."""
    name = f"tessera_{worker_id}"
    with InterProcessLock(Path(os.environ[MARK]) / "template.lock"), django_db_blocker.unblock():
        _make_template()
        _as_admin(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER app_owner")
    for alias in ("default", "owner"):
        _point(alias, name)
    yield
    for alias in ("default", "owner"):
        connections[alias].close()


def _make_template() -> None:
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"].rsplit("/", 1)[0] + "/postgres", autocommit=True) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            return
        admin.execute(f"CREATE DATABASE {TEMPLATE} OWNER app_owner")
    _point("owner", TEMPLATE)
    call_command("migrate", database="owner", verbosity=0)
    connections["owner"].close()


def _as_admin(statement: str) -> None:
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"].rsplit("/", 1)[0] + "/postgres", autocommit=True) as admin:
        admin.execute(statement.encode())


def _point(alias: str, name: str) -> None:
    connections[alias].close()
    settings.DATABASES[alias]["NAME"] = name
    connections[alias].settings_dict["NAME"] = name


def _flush(case: TransactionTestCase) -> None:
    """Empty all tables after a test that committed. `app_web` may not TRUNCATE, so the owner does."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format('%I', c.relname), ', ')"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
            " AND c.relname NOT LIKE 'django_%' AND c.relname NOT LIKE 'auth_%'"
        )
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")


setattr(TransactionTestCase, "_fixture_teardown", _flush)  # noqa: B010 - the stubs do not know it


@contextmanager
def as_worker() -> Iterator[None]:
    """Run as the role of jobs, gpu, relay and scheduler."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE app_worker")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE app_web")


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A whole Tessera, seeded, for the browser and fault tests of this run."""
    with running(tmp_path_factory.mktemp("tessera") / "var") as started:
        yield started
