"""One run of Tessera, from the checks to the last child's end."""

import http.client
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType

from . import programs
from .child import last_words
from .home import Home
from .leftovers import end_leftovers, note_children
from .ports import LOOPBACK, web_port
from .refusal import CannotStart
from .servers import Servers
from .service import Program, Service
from .state import Preparation
from .watch import Watch

LOOK_SECONDS = 0.2
WEB_SECONDS = 60
# Together under ten seconds: programs first, then the servers that they still write to.
PROGRAM_STOP_SECONDS = 5
SERVER_STOP_SECONDS = 3


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal. Not an Exception: nothing on the way may swallow it."""


def run(mode: str, given: Mapping[str, str]) -> None:
    """Start everything and keep it running until told to stop. `mode`: demo, start or dev. Raises CannotStart."""
    home = Home(Path(given.get("TESSERA_VAR") or programs.ROOT / "var"))
    port = web_port(given.get("PORT", ""))
    with home.held(f"process {os.getpid()}, http://{LOOPBACK}:{port}/"):
        end_leftovers(home.children)
        _hear_signals()
        supervisor = Supervisor(home, given, mode=mode, port=port)
        try:
            supervisor.start()
            supervisor.watch()
        except Stopped:
            say("Stopping…")
        finally:
            _ignore_signals()
            supervisor.stop()
    say("Stopped. All data is kept; the next start goes on with it.")


def say(line: str) -> None:
    """To whoever watches the terminal, at once; a terminal that was closed is no reason to stop working."""
    with suppress(OSError):
        print(line, flush=True)


class Supervisor:
    """Starts in the order in which things need each other, and stops in reverse."""

    def __init__(self, home: Home, given: Mapping[str, str], *, mode: str, port: int) -> None:
        self._home, self._given, self._mode, self._port = home, given, mode, port
        self._servers = Servers(home, given)
        self._started: list[Service] = []

    def start(self) -> None:
        """Return when the first page can be opened; the rest comes up behind it."""
        self._servers.check_given()
        for server in self._servers.own:
            self._start(server)
        at = self._servers.addresses()
        key = self._home.secrets()["secret_key"]
        shared = programs.environment(self._given, home=self._home, at=at, key=key, mode=self._mode)
        self._prepare(programs.preparation(shared, at=at, home=self._home))
        web = programs.web(shared, at=at, home=self._home, port=self._port, mode=self._mode)
        self._start(web)
        _wait_for(web, self._port)
        # After the first page: on two cores these would double the time to it.
        for program in programs.workers(shared, at=at, home=self._home):
            self._start(program)
        self._announce()

    def watch(self) -> None:
        """Never returns; a signal ends it."""
        watch = Watch(self._started, say=say, changed=self._note)
        while True:
            watch.look()
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """Programs first, all at once, then the servers, all at once; whoever is late is killed."""
        servers = self._servers.own
        _stop([service for service in self._started if service not in servers], PROGRAM_STOP_SECONDS)
        _stop(servers, SERVER_STOP_SECONDS)
        self._home.children.unlink(missing_ok=True)

    def _start(self, service: Service) -> None:
        self._started.append(service)
        service.start()
        self._note()

    def _note(self) -> None:
        note_children(self._home.children, self._started)

    def _prepare(self, program: Program) -> None:
        preparation = Preparation(self._home, self._servers.admin_url, mode=self._mode)
        if preparation.is_done:
            return
        say("Preparing the database and the pages; only after an installation or a change…")
        program.start()
        try:
            while program.is_alive:
                time.sleep(LOOK_SECONDS / 4)
        finally:
            program.stop()
        if program.exit_status:
            raise CannotStart(
                f"The database could not be prepared. The end of {program.log}:\n{last_words(program.log)}"
            )
        preparation.note_done()

    def _announce(self) -> None:
        say(f"\nTessera runs at http://{LOOPBACK}:{self._port}/")
        with suppress(FileNotFoundError):
            say(self._home.sign_ins.read_text().rstrip())
        say(f"Logs: {self._home.log_folder}. Ctrl-C stops everything; the data stays in {self._home.path}.\n")


def _stop(services: list[Service], seconds: float) -> None:
    until = time.monotonic() + seconds
    for service in services:
        service.ask_to_stop()
    for service in services:
        service.finish(until)


def _wait_for(web: Program, port: int) -> None:
    until = time.monotonic() + WEB_SECONDS
    while time.monotonic() < until:
        if not web.is_alive:
            raise CannotStart(f"The web process ended at once. The end of {web.log}:\n{last_words(web.log)}")
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                return
        time.sleep(LOOK_SECONDS / 4)
    raise CannotStart(
        f"The web process gave no page within {WEB_SECONDS} s. The end of {web.log}:\n{last_words(web.log)}"
    )


def _hear_signals() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        _ignore_signals()  # a second Ctrl-C must not cut the stopping short and leave children behind
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
