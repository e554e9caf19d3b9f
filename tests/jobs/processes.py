"""The product's processes, started as the supervisor starts them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
from django.conf import settings

WORKER = ["-m", "dramatiq", "config.broker", "--processes", "1", "--threads", "2", "--queues", "jobs"]
RELAY = ["manage.py", "relay"]
SCHEDULER = ["manage.py", "schedule"]


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
