"""The product's processes, started as the supervisor starts them."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from django.conf import settings
from django.db import connection
from fasteners import InterProcessLock

from tests.cluster import MARK

WORKER = ["-m", "dramatiq", "config.broker", "--processes", "1", "--threads", "2", "--queues", "jobs"]
RELAY = ["manage.py", "relay"]
SCHEDULER = ["manage.py", "schedule"]


def environment_of(role: str, settings_module: str) -> dict[str, str]:
    """What makes a process of ours sign in to this test's database as a role of the product."""
    password = hashlib.sha256(os.environ["SECRET_KEY"].encode()).hexdigest()
    admin = os.environ["DATABASE_ADMIN_URL"].rsplit("/", 1)[0] + "/postgres"
    with InterProcessLock(Path(os.environ[MARK]) / "roles.lock"), psycopg.connect(admin) as server:
        server.execute(f"ALTER ROLE {role} PASSWORD '{password}'")
    at = connection.settings_dict
    url = f"postgresql://{role}:{password}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    return {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": settings_module}


@contextmanager
def running(command: list[str]) -> Iterator[psutil.Process]:
    """A process that is gone at the end, with all that it started."""
    process = subprocess.Popen([sys.executable, *command], cwd=settings.ROOT, start_new_session=True)
    try:
        yield psutil.Process(process.pid)
    finally:
        kill(process.pid)
        process.wait()


def kill(pid: int) -> None:
    """kill -9, children first."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in [*process.children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
