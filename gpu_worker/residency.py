"""Which models are loaded: by need, within a budget of bytes, the least recently used leaving first."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from gpu_worker.runners.base import Runner


class Warmth(StrEnum):
    COLD = "cold"
    LOADING = "loading"
    WARMING = "warming"
    READY = "ready"


@dataclass(slots=True)
class _Place:
    lock: threading.Lock = field(default_factory=threading.Lock)
    warmth: Warmth = Warmth.COLD
    runner: Runner | None = None
    size: int = 0
    users: int = 0
    used_at: float = 0.0


class Residency:
    """Loads a model once however many ask for it, and keeps it while it is used."""

    def __init__(self, *, budget: int, load: Callable[[str], Runner], warm: Callable[[Runner], None]) -> None:
        self._budget = budget
        self._load = load
        self._warm = warm
        self._places: dict[str, _Place] = {}
        self._lock = threading.Lock()

    @contextmanager
    def using(self, model: str) -> Iterator[Runner]:
        """The loaded, warm model; it stays while the block runs."""
        with self._lock:
            place = self._places.setdefault(model, _Place())
            place.users += 1
        try:
            with place.lock:  # the first loads, the others wait for it; other models are not held up
                runner = place.runner or self._prepare(model, place)
            yield runner
        finally:
            with self._lock:
                place.users -= 1
                place.used_at = time.monotonic()

    def loaded(self, model: str) -> Runner:
        """A model that somebody uses; for the device thread, which never loads."""
        runner = self._places[model].runner
        if runner is None:
            raise LookupError(f"{model} is not loaded")
        return runner

    def warmth(self) -> dict[str, str]:
        """How far each model is, to be shown to people."""
        with self._lock:
            return {model: str(place.warmth) for model, place in self._places.items()}

    def is_full(self) -> bool:
        """Whether the next model would push another out."""
        return self._held() >= self._budget

    def make_room(self) -> bool:
        """Drop the least recently used model that nobody uses. False when there is none."""
        with self._lock:
            idle = [place for place in self._places.values() if place.runner and not place.users]
            if not idle:
                return False
            oldest = min(idle, key=lambda place: place.used_at)
            oldest.runner, oldest.size, oldest.warmth = None, 0, Warmth.COLD
            return True

    def _prepare(self, model: str, place: _Place) -> Runner:
        place.warmth = Warmth.LOADING
        try:
            runner = self._load(model)
            place.size = runner.memory()
            while self._held() > self._budget and self.make_room():
                pass
            place.warmth = Warmth.WARMING
            self._warm(runner)
        except BaseException:
            place.warmth, place.size = Warmth.COLD, 0
            raise
        place.runner, place.warmth = runner, Warmth.READY
        return runner

    def _held(self) -> int:
        with self._lock:
            return sum(place.size for place in self._places.values())
