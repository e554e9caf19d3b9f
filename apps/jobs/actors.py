"""How apps say what work they do: in their `actors.py`, which this module finds."""

from collections.abc import Callable

from django.utils.module_loading import autodiscover_modules

from .kinds import DEFAULT_QUEUE, Kind, Work, register
from .periodic import after_wipe, periodic, visit_organizations
from .services.runs import RunLost, RunningJob, Transient
from .topics import News, subscribe

__all__ = [
    "News",
    "RunLost",
    "RunningJob",
    "Transient",
    "actor",
    "after_wipe",
    "discover",
    "minutes",
    "periodic",
    "subscribe",
    "visit_organizations",
]

GIGABYTE = 1 << 30


def actor(
    *, kind: str, time_limit: float, queue: str = DEFAULT_QUEUE, child: bool = False, memory: int = 4 * GIGABYTE
) -> Callable[[Work], Work]:
    """Register a function over a RunningJob; what it returns becomes the job's `result`.

    `time_limit` is in seconds (`minutes(30)`). `child=True` runs it in a process of its own that is killed on cancel,
    time-out or beyond `memory` bytes: for decoders and archives (it costs about a second to start).
    The function runs under the job's context but outside any transaction: its service opens `tenant_tx(job.context)`.
    It may run again after a crash, so its writes are upserts. A Refusal fails the job with its code and sentence.
    """

    def decorate(work: Work) -> Work:
        register(Kind(kind, work, queue, time_limit, child, memory))
        return work

    return decorate


def minutes(number: float) -> float:
    """For time limits."""
    return number * 60


def discover() -> None:
    """Import the `actors` of every app: kinds, subscribers and periodic services become known."""
    autodiscover_modules("actors")
