"""Requests of many threads become batches for one device: assist before bulk, fair between tenants, bounded waits.

The device thread takes; everybody else submits and waits on a future. Nothing here knows a model or a database.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import islice
from typing import Any

import torch

ASSIST_WAIT = 0.002
BULK_WAIT = 0.02


class RequestCancelled(Exception):
    """Whoever asked is no longer interested."""


class DeadlinePassed(Exception):
    """The answer would have come too late to be of use."""


class Lane(IntEnum):
    ASSIST = 0
    BULK = 1


def never() -> bool:
    return False


@dataclass(slots=True, eq=False)
class Request:
    """One input for one model. `cancelled` is asked just before the forward."""

    model: str
    tensor: torch.Tensor
    lane: Lane
    tenant: str
    deadline: float | None = None  # on time.monotonic()
    cancelled: Callable[[], bool] = never
    at: float = field(default_factory=time.monotonic)
    answer: "Future[torch.Tensor]" = field(default_factory=Future)

    def is_wanted(self) -> bool:
        """False, with the future told why, when the forward would be for nothing."""
        if self.answer.cancelled():
            return False
        if self.cancelled():
            self.answer.set_exception(RequestCancelled())
            return False
        if self.deadline is not None and time.monotonic() > self.deadline:
            self.answer.set_exception(DeadlinePassed())
            return False
        return True


@dataclass(frozen=True, slots=True)
class Batch:
    """Requests of one model, to be run together."""

    model: str
    requests: list[Request]


@dataclass(frozen=True, slots=True)
class Errand:
    """A call that only the device thread may make: warm-up, moving weights."""

    call: Callable[[], Any]
    answer: "Future[Any]"


class Batcher:
    """The queues between the threads that prepare and the thread that computes."""

    def __init__(self, *, max_batch: int) -> None:
        self.max_batch = max_batch
        self._waiting: dict[str, dict[Lane, deque[Request]]] = {}
        self._errands: deque[Errand] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def submit(self, request: Request) -> "Future[torch.Tensor]":
        with self._changed:
            lanes = self._waiting.setdefault(request.model, {lane: deque() for lane in Lane})
            lanes[request.lane].append(request)
            self._changed.notify_all()
        return request.answer

    def send(self, call: Callable[[], Any]) -> "Future[Any]":
        """Have the device thread call this next."""
        errand = Errand(call, Future())
        with self._changed:
            self._errands.append(errand)
            self._changed.notify_all()
        return errand.answer

    def close(self) -> None:
        """Let the device thread end once nothing waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def depth(self) -> dict[Lane, int]:
        """How many requests wait in each lane."""
        with self._changed:
            return {lane: sum(len(lanes[lane]) for lanes in self._waiting.values()) for lane in Lane}

    def take(self, *, resident: str | None = None) -> Batch | Errand | None:
        """Wait for work and give it; None when closed and empty. `resident` is the model that ran last."""
        with self._changed:
            while True:
                if self._errands:
                    return self._errands.popleft()
                self._drop_unwanted()
                model = self._choose(resident)
                if model is None:
                    if self._closed:
                        return None
                    self._changed.wait()
                elif not self._wait_for_more(model):
                    return Batch(model, self._pick(model))

    def _drop_unwanted(self) -> None:
        for model, lanes in list(self._waiting.items()):
            for lane in Lane:
                lanes[lane] = deque(request for request in lanes[lane] if request.is_wanted())
            if not any(lanes.values()):
                del self._waiting[model]

    def _choose(self, resident: str | None) -> str | None:
        """Assist first, then a bulk request that is about to be late, then what is loaded, then the longest queue."""

        def urgency(model: str) -> tuple[bool, float, bool, int]:
            lanes = self._waiting[model]
            late = min((r.deadline for r in lanes[Lane.BULK] if r.deadline is not None), default=float("inf"))
            soon = late if late - time.monotonic() < 1 else float("inf")
            return not lanes[Lane.ASSIST], soon, model != resident, -len(lanes[Lane.BULK])

        return min(self._waiting, key=urgency, default=None)

    def _wait_for_more(self, model: str) -> bool:
        """Give a batch that is not full a moment to fill. True when something changed and the choice must be made anew.

        While the device is busy its queue fills by itself, so this costs time only when the device is idle.
        """
        lanes = self._waiting[model]
        if sum(len(queue) for queue in lanes.values()) >= self.max_batch or self._closed:
            return False
        patience = ASSIST_WAIT if lanes[Lane.ASSIST] else BULK_WAIT
        first = min(queue[0].at for queue in lanes.values() if queue)
        left = first + patience - time.monotonic()
        return left > 0 and (self._changed.wait(left), True)[1]

    def _pick(self, model: str) -> list[Request]:
        lanes = self._waiting[model]
        picked = [lanes[Lane.ASSIST].popleft() for _ in range(min(self.max_batch, len(lanes[Lane.ASSIST])))]
        fair = list(islice(_by_turns(lanes[Lane.BULK]), self.max_batch - len(picked)))
        lanes[Lane.BULK] = deque(request for request in lanes[Lane.BULK] if request not in fair)
        if not any(lanes.values()):
            del self._waiting[model]
        return picked + fair


def _by_turns(requests: deque[Request]) -> list[Request]:
    """One request of each tenant, then the next of each: a tenant with a million pictures delays nobody."""
    tenants: dict[str, list[Request]] = {}
    for request in requests:
        tenants.setdefault(request.tenant, []).append(request)
    turns = {id(request): turn for queue in tenants.values() for turn, request in enumerate(queue)}
    return sorted(requests, key=lambda request: turns[id(request)])


def padded(count: int, max_batch: int) -> int:
    """The batch size to run `count` inputs with: few sizes mean few compiled plans on a GPU."""
    size = 1
    while size < count:
        size *= 2
    return min(size, max_batch)
