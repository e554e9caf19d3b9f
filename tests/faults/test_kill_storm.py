"""The kill storm in small: `python -m bench kill_storm` is the whole one."""

import subprocess
import sys

import pytest

from config.supervisor.programs import ROOT

pytestmark = pytest.mark.faults


def test_a_short_kill_storm_loses_nothing_and_does_nothing_twice() -> None:
    command = [sys.executable, "-m", "bench.kill_storm", "--seconds", "20", "--tasks", "150"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout)  # noqa: T201 - the figures are the evidence
    assert done.returncode == 0, done.stdout + done.stderr
