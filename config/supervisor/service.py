"""What the supervisor keeps running: a server or a program, each as one child."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from .child import Child

STOP_SECONDS = 3


class Service(ABC):
    """Can be started again after it ended."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._child: Child | None = None

    @abstractmethod
    def start(self) -> None:
        """Start it; servers return when they take connections. Raises CannotStart."""

    @property
    def pid(self) -> int | None:
        """The process id of the latest start."""
        return self._child.pid if self._child else None

    @property
    def is_alive(self) -> bool:
        return self._child is not None and self._child.is_alive

    @property
    def exit_status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs or before it ran."""
        return self._child.exit_status if self._child else None

    def stop(self) -> None:
        """Ask, wait a little, then end it."""
        self.ask_to_stop()
        self.finish(time.monotonic() + STOP_SECONDS)

    def ask_to_stop(self) -> None:
        """Ask without waiting, so that several stop side by side."""
        if self._child:
            self._child.ask_to_stop()

    def finish(self, until: float) -> None:
        """Wait up to a moment of `time.monotonic`, then kill."""
        if self._child:
            self._child.finish(until)


class Program(Service):
    """One of Tessera's own processes."""

    def __init__(self, name: str, command: Sequence[str], *, env: Mapping[str, str], folder: Path, log: Path) -> None:
        super().__init__(name, log)
        self._child = Child(command, log=log, folder=folder, env=env)

    def start(self) -> None:
        if self._child:
            self._child.start()
