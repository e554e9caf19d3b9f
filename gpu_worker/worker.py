"""The worker as a whole: one device, one batcher, and what a message makes of them."""

import logging
import random
import threading
from datetime import timedelta
from typing import Any

import torch
from django.db import Error

from apps.predictions import services
from apps.predictions.services import Run, RunLost
from apps.predictions.services.runs import Weights, served_weights
from gpu_worker.artefacts import Artefacts, BadWeights
from gpu_worker.batcher import Batcher, DeadlinePassed, RequestCancelled
from gpu_worker.beats import Beats
from gpu_worker.device import Device, DeviceFull, choose_device, settle_threads
from gpu_worker.pictures import BadPicture, Pictures
from gpu_worker.residency import Residency
from gpu_worker.runners.base import Runner
from gpu_worker.sliced import detect

logger = logging.getLogger(__name__)

# On a CPU a larger batch is no faster, only later; and alone, a tile gives the same numbers in every run.
MAX_BATCH = {"cpu": 1, "cuda": 16}
MODEL_BYTES = {"cpu": 2 * 1024**3, "cuda": 8 * 1024**3}
PASSING = (DeadlinePassed, DeviceFull, torch.OutOfMemoryError, torch.AcceleratorError, MemoryError, Error, OSError)


class Worker:
    """Runs inferences. Threads may share it; only its device thread computes."""

    def __init__(self, device: torch.device | None = None) -> None:
        self.device = device or choose_device()
        self.threads = settle_threads()
        self.max_batch = MAX_BATCH[self.device.type]
        self.batcher = Batcher(max_batch=self.max_batch)
        self.artefacts = Artefacts(self.device)
        self.residency = Residency(budget=MODEL_BYTES[self.device.type], load=self.artefacts.load, warm=self._warm)
        self.pictures = Pictures()
        self.beats = Beats(self.describe)
        self._device = Device(
            self.device, self.batcher, runner_of=self.residency.loaded, make_room=self.residency.make_room
        )
        self._draining = threading.Event()

    def start(self) -> None:
        self._device.start()
        self.beats.start()

    def drain(self) -> None:
        """Give running inferences back at their next tile; what they have is kept."""
        self._draining.set()
        self.beats.give_up()

    def stop(self) -> None:
        self.beats.stop()
        self._device.stop()

    def is_alive(self) -> bool:
        return self._device.is_alive()

    def run(self, run: Run) -> None:
        """Bring a claimed inference to an end: done, failed with a sentence, or given back to be tried again."""
        try:
            with self.beats.of(run) as lost:
                self._detect(run, lost)
        except (RunLost, RequestCancelled):
            self._let_go(run)
        except (BadPicture, BadWeights) as refusal:
            self._fail(
                run, code="bad_picture" if isinstance(refusal, BadPicture) else "bad_weights", message=str(refusal)
            )
        except PASSING as trouble:
            self._retry(run, trouble)
        except Exception:
            logger.exception("inference %s failed", run.inference_id)
            self._fail(
                run, code="model_failed", message="The model failed on this picture. The log of the worker says why."
            )

    def warm_up(self, weights: Weights) -> None:
        """Load a model and run it once, so that the first person need not wait for it."""
        with self.residency.using(self.artefacts.know(weights)):
            logger.info("%s is ready on %s", weights.architecture, self.device)

    def warm_up_what_serves(self) -> None:
        """Load what deployments use, as far as the budget goes; a model that fails is left for its first run."""
        for weights in served_weights():
            if self.residency.is_full():
                return
            try:
                self.warm_up(weights)
            except Exception:  # one organization's model must not keep the worker of all from starting
                logger.warning("%s could not be loaded", weights.path, exc_info=True)

    def describe(self) -> dict[str, Any]:
        """What the models page shows of this worker."""
        name = torch.cuda.get_device_name() if self.device.type == "cuda" else "cpu"
        return {
            "device": name,
            "threads": self.threads,
            "models": self.artefacts.by_version(self.residency.warmth()),
            "waiting": {lane.name.lower(): count for lane, count in self.batcher.depth().items()},
            "busy_seconds": round(self._device.busy_seconds, 1),
        }

    def _detect(self, run: Run, lost: threading.Event) -> None:
        if self._draining.is_set():
            raise RequestCancelled
        pixels = run.source.width * run.source.height
        key = self.artefacts.know(run.weights)
        with self.pictures.lent(run.org_id, run.source.sha256, pixels=pixels) as picture:
            if picture.shape[:2] != (run.source.height, run.source.width):
                raise BadPicture("The picture does not have the size that its item says.")
            with self.residency.using(key) as runner:
                found, last = detect(
                    run,
                    picture,
                    runner,
                    self.batcher,
                    write=lambda results: services.write_tiles(run=run, results=results),
                    lost=lost,
                )
        services.finish_inference(run=run, found=found, last=last)

    def _warm(self, runner: Runner) -> None:
        inputs = torch.zeros(self.max_batch, 3, runner.input_size, runner.input_size)
        size = 1
        while size <= self.max_batch:
            self.batcher.send(lambda size=size: runner.forward(inputs[:size])).result()  # type: ignore[misc]
            size *= 2

    def _let_go(self, run: Run) -> None:
        """Cancelled or taken over: nothing to write. Stopping: given back, without counting the attempt."""
        if self._draining.is_set():
            self._quietly(services.requeue_inference, run=run, counted=False)

    def _retry(self, run: Run, trouble: BaseException) -> None:
        logger.warning("inference %s, attempt %d: %r", run.inference_id, run.attempt, trouble)
        counted = not isinstance(trouble, DeadlinePassed)  # others kept the device busy: no fault of this run
        if counted and run.attempt >= run.max_attempts:
            message = "The model could not be run after several attempts. Ask again later."
            self._fail(run, code="out_of_attempts", message=message)
            return
        pause = timedelta(seconds=random.uniform(0.5, 1.0) * 2**run.attempt)
        self._quietly(services.requeue_inference, run=run, counted=counted, after=pause)

    def _fail(self, run: Run, *, code: str, message: str) -> None:
        self._quietly(services.fail_inference, run=run, code=code, message=message)

    def _quietly(self, service: Any, **arguments: Any) -> None:
        try:
            service(**arguments)
        except RunLost:
            logger.info("inference %s is somebody else's now", arguments["run"].inference_id)
        except Error:  # the reaper sees the heart-beat stop and gives the run to another
            logger.warning("inference %s could not be ended", arguments["run"].inference_id, exc_info=True)
