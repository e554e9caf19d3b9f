"""A supervisor in a process of its own, with stand-ins for Tessera's programs."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 40
# The last line that the supervisor prints when all is up.
READY = "Ctrl-C stops everything"


class Run:
    """One started supervisor."""

    def __init__(self, home: Path, env: dict[str, str]) -> None:
        self.home = home
        self.output = ""
        kept = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.supervisor.stand_ins", "demo"],
            cwd=ROOT,
            env={**kept, "TESSERA_VAR": str(home), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def says(self, words: str) -> None:
        wait_until(lambda: words in self.output or self.process.poll() is not None)
        assert words in self.output, self.output

    def children(self) -> dict[int, psutil.Process]:
        """All processes below it, by id."""
        return {child.pid: child for child in psutil.Process(self.process.pid).children(recursive=True)}

    def noted(self) -> set[int]:
        return {pid for pid, _born in json.loads((self.home / "run" / "children.json").read_text())}

    def pid_of(self, *words: str) -> int | None:
        """The direct child whose command line holds all the words."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # it may end while we look
                if all(word in " ".join(child.cmdline()) for word in words):
                    return int(child.pid)
        return None

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Signal it and wait for its end; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(timeout=PATIENCE)
        self._reader.join(timeout=PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()
        return status

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.output += line


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """`start()` runs a supervisor on this test's var folder; environment variables as keywords."""
    runs: list[Run] = []

    def start(home: Path | None = None, **env: str) -> Run:
        runs.append(Run(home or tmp_path / "var", env))
        return runs[-1]

    yield start
    for run in runs:
        run.stop()


def wait_until(condition: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
