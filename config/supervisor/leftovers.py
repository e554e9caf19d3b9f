"""Children that outlived a supervisor which was killed: Linux ends them by itself, elsewhere the next start does."""

import json
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from .service import Service

PATIENCE_SECONDS = 5


def note_children(path: Path, services: Iterable[Service]) -> None:
    """Write down who runs, by process id and moment of birth: ids alone are used again by strangers."""
    rows = [(service.pid, _born(service.pid)) for service in services if service.is_alive and service.pid]
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(rows))
    beside.replace(path)


def end_leftovers(path: Path) -> None:
    """Ask those who still live to stop, wait, then kill: two servers on one data folder would harm it."""
    living = [psutil.Process(pid) for pid, born in _noted(path) if born is not None and _born(pid) == born]
    for process in living:
        with suppress(psutil.Error):
            process.send_signal(signal.SIGINT)
    _, stubborn = psutil.wait_procs(living, timeout=PATIENCE_SECONDS)
    for process in stubborn:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=PATIENCE_SECONDS)


def _noted(path: Path) -> list[tuple[int, float | None]]:
    with suppress(OSError, ValueError):
        return [(int(pid), born) for pid, born in json.loads(path.read_text())]
    return []


def _born(pid: int) -> float | None:
    with suppress(psutil.Error):
        return psutil.Process(pid).create_time()
    return None
