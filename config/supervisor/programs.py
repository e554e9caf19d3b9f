"""Tessera's own processes: what is run, as which database role, with which environment."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .child import Child
from .home import Home
from .ports import LOOPBACK
from .service import Program

ROOT = Path(__file__).resolve().parent.parent.parent
# Ours, set per process: never handed on from whoever started the supervisor.
PRIVATE = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL")
GRACE_SECONDS = 3


@dataclass(frozen=True)
class Addresses:
    """Where the servers are, and as whom to go there."""

    web: str
    worker: str
    owner: str
    broker: str
    cache: str
    storage: str


def environment(given: Mapping[str, str], *, home: Home, at: Addresses, key: str, mode: str) -> dict[str, str]:
    """What every process shares; the database login is added for each."""
    kept = {name: value for name, value in given.items() if name not in PRIVATE}
    return {
        **kept,
        "TESSERA_VAR": str(home.path),
        "REDIS_URL": at.broker,
        "REDIS_CACHE_URL": at.cache,
        "STORAGE_URL": at.storage,
        "SECRET_KEY": given.get("SECRET_KEY") or key,
        "DJANGO_SETTINGS_MODULE": f"config.settings.{'dev' if mode == 'dev' else 'prod'}",
        "DEMO": "" if mode == "start" else "1",
        "PYTHONUNBUFFERED": "1",
    }


def detector(shared: Mapping[str, str]) -> Child:
    """Has the demo's detectors ready, by download and by training, then ends. It tells the terminal how far it is."""
    return Child([sys.executable, "-m", "gpu_worker.detector"], log=None, folder=ROOT, env=shared)


def preparation(shared: Mapping[str, str], *, at: Addresses, log: Path, detectors_ready: Path) -> Child:
    """Brings database, static files and demo up to this code, then ends; the only one that acts as the owner.

    It can run beside `detector`: it seeds the demo when the file `detectors_ready` is there.
    """
    ours = {"DATABASE_URL": at.worker, "DATABASE_OWNER_URL": at.owner, "DETECTORS_READY": str(detectors_ready)}
    env = {**shared, **ours}
    return Child([sys.executable, "-m", "config.supervisor.prepare"], log=log, folder=ROOT, env=env)


def web(shared: Mapping[str, str], *, at: Addresses, home: Home, port: int, mode: str) -> Program:
    """The one that people talk to. Its grace is short: an open socket would otherwise hold up the stop."""
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", LOOPBACK, "--port", str(port)]
    command += ["--timeout-graceful-shutdown", str(GRACE_SECONDS)]
    if mode == "dev":
        command += ["--reload", "--reload-dir", "apps", "--reload-dir", "config", "--reload-dir", "templates"]
    return Program("web", command, env={**shared, "DATABASE_URL": at.web}, folder=ROOT, log=home.log_of("web"))


def workers(shared: Mapping[str, str], *, at: Addresses, home: Home) -> list[Program]:
    """All that works behind the web process."""
    env = {
        **shared,
        "DATABASE_URL": at.worker,
        # How long an idle worker may sleep before it looks for work again, in ms (the default is a second).
        "dramatiq_worker_timeout": "50",
    }
    commands = {
        "relay": ["manage.py", "relay"],
        "jobs": ["-m", "dramatiq", "config.broker", "--processes", "1", "--threads", "4", "--queues", "jobs"],
        "gpu": ["-m", "gpu_worker"],
        "scheduler": ["manage.py", "schedule"],
    }
    return [
        Program(name, [sys.executable, *command], env=env, folder=ROOT, log=home.log_of(name))
        for name, command in commands.items()
    ]
