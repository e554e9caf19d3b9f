"""Keeps services running: a dead one is started again, later each time it dies young."""

import time
from collections.abc import Callable, Sequence

from .refusal import CannotStart
from .service import Service

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
# Who ran this long before it died is not in a loop of crashes.
GROWN_UP_SECONDS = 60.0


class Watch:
    """`look` is called again and again; it never blocks longer than one service takes to start."""

    def __init__(
        self,
        services: Sequence[Service],
        *,
        say: Callable[[str], None],
        changed: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._say, self._changed, self._clock = say, changed, clock
        self._started = {service.name: clock() for service in services}
        self._failures = dict.fromkeys(self._started, 0)
        self._due: dict[str, float] = {}

    def look(self) -> None:
        """Plan a start for each service found dead, and start those whose time has come."""
        for service in self._services:
            if service.name in self._due:
                if self._clock() >= self._due[service.name]:
                    self._start(service)
            elif not service.is_alive:
                self._plan(service, f"{service.name} ended ({_how(service.exit_status)})")

    def _plan(self, service: Service, what: str) -> None:
        name = service.name
        if self._clock() - self._started[name] >= GROWN_UP_SECONDS:
            self._failures[name] = 0
        delay = min(FIRST_DELAY * 2 ** self._failures[name], LONGEST_DELAY)
        self._failures[name] += 1
        self._due[name] = self._clock() + delay
        self._say(f"{what}; it starts again in {delay:g} s. Its log: {service.log}")

    def _start(self, service: Service) -> None:
        del self._due[service.name]
        try:
            service.start()
        except CannotStart as refusal:
            self._plan(service, str(refusal))
            return
        self._started[service.name] = self._clock()
        self._changed()


def _how(status: int | None) -> str:
    if status is None:
        return "not started"
    return f"signal {-status}" if status < 0 else f"exit status {status}"
