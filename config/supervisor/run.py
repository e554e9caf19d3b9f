"""One run of Tessera, from the checks to the last child's end."""

import http.client
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from . import programs
from .child import Child, last_words
from .first_run import first_run_lines
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


class Stopped(Exception):
    """Somebody wants the run to end."""


@dataclass(frozen=True)
class Errand:
    """A child that runs to its end, and what is said if it fails; once it has ended well, the note is left."""

    child: Child
    complaint: str
    note: Path | None = None


class StopSignals:
    """Ctrl-C, SIGTERM and a closed terminal, kept until asked for.

    The handler raises nothing: it may run inside code that swallows exceptions, such as Python's own hooks at a fork.
    """

    def __init__(self) -> None:
        self._heard = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)

    def heed(self) -> None:
        """Raises Stopped once a signal came."""
        if self._heard:
            raise Stopped

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._heard = True


def run(mode: str, given: Mapping[str, str]) -> None:
    """Start everything and keep it running until told to stop. `mode`: demo, start or dev. Raises CannotStart."""
    signals = StopSignals()
    home = Home(Path(given.get("TESSERA_VAR") or programs.ROOT / "var"))
    port = web_port(given.get("PORT", ""))
    with home.held(f"process {os.getpid()}, http://{LOOPBACK}:{port}/"):
        end_leftovers(home.children)
        supervisor = Supervisor(home, given, mode=mode, port=port, signals=signals)
        try:
            supervisor.start()
            supervisor.watch()
        except Stopped:
            say("Stopping…")
        finally:
            supervisor.stop()
    say("Stopped. All data is kept; the next start goes on with it.")


def say(line: str) -> None:
    """To whoever watches the terminal, at once; a terminal that was closed is no reason to stop working."""
    with suppress(OSError):
        print(line, flush=True)


class Supervisor:
    """Starts in the order in which things need each other, and stops in reverse."""

    def __init__(self, home: Home, given: Mapping[str, str], *, mode: str, port: int, signals: StopSignals) -> None:
        self._home, self._given, self._mode, self._port, self._signals = home, given, mode, port, signals
        self._servers = Servers(home, given)
        self._started: list[Service] = []
        self._first_run: list[str] = []

    def start(self) -> None:
        """Return when the first page can be opened; the rest comes up behind it."""
        self._servers.check_given()
        for server in self._servers.own:
            self._start(server)
        at = self._servers.addresses()
        key = self._home.secrets()["secret_key"]
        shared = programs.environment(self._given, home=self._home, at=at, key=key, mode=self._mode)
        self._prepare(shared, at)
        if self._mode == "start":
            self._first_run = first_run_lines(at.web, self._home.path, self._port)
        web = programs.web(shared, at=at, home=self._home, port=self._port, mode=self._mode)
        self._start(web)
        self._wait_for(web)
        # After the first page: on two cores these would double the time to it.
        for program in programs.workers(shared, at=at, home=self._home):
            self._start(program)
        self._announce()

    def watch(self) -> None:
        """Never returns; a signal ends it."""
        watch = Watch(self._started, say=say, changed=self._note)
        while True:
            self._signals.heed()
            watch.look()
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """Programs first, all at once, then the servers, all at once; whoever is late is killed."""
        servers = self._servers.own
        _stop([service for service in self._started if service not in servers], PROGRAM_STOP_SECONDS)
        _stop(servers, SERVER_STOP_SECONDS)
        self._home.children.unlink(missing_ok=True)

    def _start(self, service: Service) -> None:
        self._signals.heed()
        self._started.append(service)
        service.start()
        self._note()

    def _note(self) -> None:
        note_children(self._home.children, self._started)

    def _prepare(self, shared: Mapping[str, str], at: programs.Addresses) -> None:
        variant = f"{self._mode} {self._given.get('DETECTOR', '')}"
        preparation = Preparation(self._home, self._servers.admin_url, variant=variant)
        if preparation.is_done:
            return
        say("Preparing the database and the pages; only after an installation or a change…")
        ready = self._home.run_folder / "detectors-ready"
        ready.unlink(missing_ok=True)
        log = self._home.log_of("prepare")
        preparing = programs.preparation(shared, at=at, log=log, detectors_ready=ready)
        errands = [Errand(preparing, "The database could not be prepared.")]
        if self._mode != "start":
            errands.append(
                Errand(programs.detector(shared), "The demo's detector could not be made ready.", note=ready)
            )
        self._run_beside_each_other(errands)
        preparation.note_done()

    def _run_beside_each_other(self, errands: list[Errand]) -> None:
        """To their end; the first that fails ends the others."""
        unfinished = list(errands)
        try:
            for errand in errands:
                errand.child.start()
            while unfinished:
                self._signals.heed()
                for errand in [one for one in unfinished if not one.child.is_alive]:
                    if errand.child.exit_status:
                        raise CannotStart(f"{errand.complaint} {_end_of(errand.child.log)}")
                    if errand.note:
                        errand.note.touch()
                    unfinished.remove(errand)
                time.sleep(LOOK_SECONDS / 4)
        finally:
            until = time.monotonic() + SERVER_STOP_SECONDS
            for errand in errands:
                errand.child.ask_to_stop()
            for errand in errands:
                errand.child.finish(until)

    def _wait_for(self, web: Program) -> None:
        until = time.monotonic() + WEB_SECONDS
        while time.monotonic() < until:
            self._signals.heed()
            if not web.is_alive:
                raise CannotStart(f"The web process ended at once. {_end_of(web.log)}")
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=2)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == http.client.OK:
                    return
            time.sleep(LOOK_SECONDS / 4)
        raise CannotStart(f"The web process gave no page within {WEB_SECONDS} s. {_end_of(web.log)}")

    def _announce(self) -> None:
        for line in self._first_run:
            say(line)
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


def _end_of(log: Path | None) -> str:
    return f"The end of {log}:\n{last_words(log)}" if log else "Its own words stand above."
