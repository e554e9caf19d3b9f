import os
import time
from typing import Any

from apps.jobs.actors import RunningJob, actor


def count(job: RunningJob) -> dict[str, Any]:
    job.progress(3, 3)
    return {"parent": os.getppid()}


def die(job: RunningJob) -> None:
    os.abort()


def eat(job: RunningJob) -> None:
    bytearray(8 << 30)


def dawdle(job: RunningJob) -> None:
    time.sleep(60)


def linger(job: RunningJob) -> None:
    time.sleep(2)


def count_here(job: RunningJob) -> dict[str, Any]:
    return {"n": job.input["n"]}


HERE = (linger, count_here)
APART = {work.__name__: work for work in (count, die, eat, dawdle)}


def register_all() -> None:
    for name, work in APART.items():
        actor(kind=f"labour.{name}", time_limit=4 if work is dawdle else 30, child=True)(work)
    for work in HERE:
        actor(kind=f"labour.{work.__name__}", time_limit=30)(work)


register_all()
