"""Work in a process of its own: decoders and archives may hold the interpreter, eat memory or crash."""

import subprocess
import sys
import time
from contextlib import suppress

from django.conf import settings
from dramatiq.middleware.time_limit import TimeLimitExceeded

from .kinds import Kind
from .services.runs import Interrupted, RunLost, RunningJob, stopping

LOOK_EVERY = 0.1


class Crashed(Exception):
    """The child ended without having ended its job."""


def work_apart(run: RunningJob, kind: Kind) -> None:
    """Have a child do the work and end the job. It is killed on cancel and time-out, and dies with this process."""
    command = [sys.executable, "-m", "apps.jobs.child", str(run.id), str(run.run_token), str(kind.memory)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=settings.ROOT)
    try:
        _watch(child, run, time.monotonic() + kind.time_limit)
    finally:
        child.kill()
        if child.stdin:
            child.stdin.close()
        child.wait()
    if child.returncode:
        raise Crashed(f"{kind.name}: the child ended with {child.returncode}")


def _watch(child: "subprocess.Popen[bytes]", run: RunningJob, deadline: float) -> None:
    while child.poll() is None:
        if run.cancelled:
            raise RunLost
        if stopping.is_set():
            raise Interrupted
        if time.monotonic() > deadline:
            raise TimeLimitExceeded
        with suppress(subprocess.TimeoutExpired):
            child.wait(LOOK_EVERY)
