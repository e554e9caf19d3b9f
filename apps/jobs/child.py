"""The process that `apart` starts: `python -m apps.jobs.child JOB RUN_TOKEN MEMORY`."""

import os
import resource
import sys
import threading
from uuid import UUID

import django


def main(job_id: str, run_token: str, memory: str) -> None:
    """Do one job under limits, in the name of the run that the parent has claimed."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_die_with_parent, daemon=True).start()
    django.setup()

    from .actors import discover  # noqa: PLC0415 - needs the apps
    from .heart import Heart  # noqa: PLC0415
    from .services.runs import run_of  # noqa: PLC0415
    from .work import settle, work  # noqa: PLC0415

    discover()
    if run := run_of(UUID(job_id), UUID(run_token)):
        with Heart(run):
            settle(run, lambda: work(run))


def _die_with_parent() -> None:
    # Returns once the parent's end is closed, however it ended. Not sys.stdin: its lock would be held at our own end.
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
