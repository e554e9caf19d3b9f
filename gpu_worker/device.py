"""The one thread that computes. Whatever else the process does, models run here and nowhere else."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable

import torch

from gpu_worker.batcher import Batch, Batcher, Errand, padded
from gpu_worker.runners.base import Runner

logger = logging.getLogger(__name__)

SWITCH_SECONDS = 0.0005


class DeviceFull(Exception):
    """The device has no memory for this model now; `retry_after` seconds may help."""

    retry_after = 5


def choose_device() -> torch.device:
    """The first GPU that this process may see, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def settle_threads() -> int:
    """Give torch the cores that are free: half of them here, since web and database share the machine.

    More threads than free cores make a forward many times slower, not faster (measured). TORCH_THREADS overrides.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = int(os.environ.get("TORCH_THREADS") or max(1, cores // 2))
    torch.set_num_threads(threads)
    return threads


class Device:
    """Takes batches and answers them. `runner_of` gives a loaded model; `make_room` frees memory and says if it did."""

    def __init__(
        self,
        device: torch.device,
        batcher: Batcher,
        *,
        runner_of: Callable[[str], Runner],
        make_room: Callable[[], bool] = lambda: False,
    ) -> None:
        self.device = device
        self.busy_seconds = 0.0
        self._batcher = batcher
        self._runner_of = runner_of
        self._make_room = make_room
        self._is_broken = False
        self._thread = threading.Thread(target=self._run, name="device", daemon=True)

    def start(self) -> None:
        # A forward takes the GIL again after each of its operations, and would wait that often, and up to Python's
        # 5 ms each time, behind threads that decode and write.
        sys.setswitchinterval(SWITCH_SECONDS)
        self._thread.start()

    def stop(self, timeout: float = 10) -> None:
        """Finish what waits, then end."""
        self._batcher.close()
        self._thread.join(timeout)

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        settle_threads()  # OpenMP keeps the number for each thread that starts a computation
        resident = None
        while not self._is_broken and (work := self._batcher.take(resident=resident)) is not None:
            started = time.perf_counter()
            if isinstance(work, Errand):
                self._do(work)
            else:
                resident = work.model
                self._answer(work)
            self.busy_seconds += time.perf_counter() - started

    def _do(self, errand: Errand) -> None:
        try:
            errand.answer.set_result(errand.call())
        except BaseException as error:  # the thread must outlive any errand; whoever waits gets the error
            self._note(error)
            errand.answer.set_exception(error)

    def _answer(self, batch: Batch) -> None:
        wanted = [request for request in batch.requests if request.is_wanted()]
        requests = [request for request in wanted if request.answer.set_running_or_notify_cancel()]
        if not requests:
            return
        try:
            rows = self._forward(self._runner_of(batch.model), torch.stack([request.tensor for request in requests]))
        except BaseException as error:  # as above
            logger.warning("a batch of %d for %s failed: %s", len(requests), batch.model, error)
            self._note(error)
            for request in requests:
                request.answer.set_exception(error)
            return
        for request, row in zip(requests, rows, strict=True):
            request.answer.set_result(row)

    def _note(self, error: BaseException) -> None:
        # Such an error stays for all that this process still computes; with the thread ends the worker, to begin anew.
        self._is_broken = isinstance(error, torch.AcceleratorError)

    def _forward(self, runner: Runner, inputs: torch.Tensor, *, may_make_room: bool = True) -> torch.Tensor:
        try:
            return self._padded_forward(runner, inputs)
        except torch.OutOfMemoryError as full:
            torch.cuda.empty_cache()
            if len(inputs) > 1:
                halves = torch.tensor_split(inputs, 2)
                return torch.cat([self._forward(runner, half, may_make_room=may_make_room) for half in halves])
            if may_make_room and self._make_room():
                return self._forward(runner, inputs, may_make_room=False)
            raise DeviceFull(f"No memory for one more input on {self.device}.") from full

    def _padded_forward(self, runner: Runner, inputs: torch.Tensor) -> torch.Tensor:
        count = len(inputs)
        # On a CPU there are no plans to save, and every row of padding costs as much as a real one.
        size = count if self.device.type == "cpu" else padded(count, self._batcher.max_batch)
        if size > count:
            inputs = torch.cat([inputs, inputs.new_zeros(size - count, *inputs.shape[1:])])
        return runner.forward(inputs)[:count]
