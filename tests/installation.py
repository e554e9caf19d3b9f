"""A whole Tessera of the test's own: the demo as `make demo` runs it, in a folder that is thrown away."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis

from config.supervisor.child import die_with_parent
from config.supervisor.programs import ROOT

START_SECONDS = 150
STOP_SECONDS = 15
# What tells a child's command line from the others'.
COMMANDS = {
    "web": "uvicorn",
    "jobs": "dramatiq",
    "gpu": "gpu_worker",
    "relay": "manage.py relay",
    "scheduler": "manage.py schedule",
}
PRIVATE = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "REDIS_URL", "REDIS_CACHE_URL", "STORAGE_URL")


class Installation:
    """A running demo, or an empty Tessera (`mode="start"`). `url` is its first page; `pid_of` names a child to kill;
    `rows` asks the database as operator."""

    def __init__(self, folder: Path, *, environment: dict[str, str] | None = None, mode: str = "demo") -> None:
        self.folder, self.mode = folder, mode
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {name: value for name, value in os.environ.items() if name not in PRIVATE}
        self._environment = kept | {
            "TESSERA_VAR": str(folder),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "config.settings.prod",
            **(environment or {}),
        }
        self._log = folder / "supervisor.log"

    def start(self) -> None:
        """Return when it says that it runs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (weights := self.folder / "weights").exists():  # fetched once, not once a test
            (ROOT / "var" / "weights").mkdir(parents=True, exist_ok=True)
            weights.symlink_to(ROOT / "var" / "weights")
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "config.supervisor", self.mode],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # A suite that is killed must not leave a whole Tessera behind.
                preexec_fn=partial(die_with_parent, signal.SIGTERM, os.getpid()),
            )
        wait_until(lambda: "Tessera runs at" in self.said() or self._process.poll() is not None, START_SECONDS)
        assert self._process.poll() is None, self.said()

    def stop(self) -> float:
        """End as Ctrl-C does; gives the seconds that it took."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        self._process.wait(STOP_SECONDS)
        return time.monotonic() - began

    def said(self) -> str:
        """What the supervisor printed."""
        return self._log.read_text()

    def log(self, name: str) -> str:
        """What a process wrote."""
        return (self.folder / "log" / f"{name}.log").read_text()

    def pid_of(self, name: str) -> int | None:
        """The process id of a child: web, jobs, gpu, relay or scheduler."""
        for child in self._children():
            with suppress(psutil.Error):
                if COMMANDS[name] in " ".join(child.cmdline()):
                    return child.pid
        return None

    def kill(self, name: str) -> None:
        """As hard as there is, and wait until the supervisor has started another."""
        pid = self.pid_of(name)
        assert pid is not None, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.pid_of(name) not in {pid, None}, 15)

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask across organizations, as the operator may."""
        with psycopg.connect(self._admin_url(), autocommit=True) as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def valkey(self, name: str) -> "redis.Redis":
        """The broker or the cache."""
        settings = (self.folder / name / "valkey.conf").read_text()
        port, password = (re.search(rf'^{word} "?([^"\n]+)', settings, re.M) for word in ("port", "requirepass"))
        assert port and password, f"{name} has no port or password"
        return redis.Redis(host="127.0.0.1", port=int(port[1]), password=password[1])

    def _admin_url(self) -> str:
        password = json.loads((self.folder / "secrets.json").read_text())["app_ops"]
        port = (self.folder / "postgres" / "postmaster.pid").read_text().splitlines()[3]
        return f"postgresql://app_ops:{password}@127.0.0.1:{port}/tessera"

    def _children(self) -> list[psutil.Process]:
        return psutil.Process(self._process.pid).children(recursive=True)


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Installation]:
    """An installation that is stopped whatever happens, and whose logs are shown when it went wrong."""
    installation = Installation(folder, **options)
    installation.start()
    try:
        yield installation
    finally:
        with suppress(subprocess.TimeoutExpired):
            installation.stop()


def wait_until(holds: Callable[[], bool], seconds: float, *, every: float = 0.1) -> float:
    """Wait for something that other processes do; gives how long it took, fails when it did not come."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"did not happen within {seconds} s"
        time.sleep(every)
    return time.monotonic() - began


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
