"""The folder that an installation writes (`var/`): its parts, its secrets, and its one supervisor at a time."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .refusal import CannotStart

SECRETS = (
    "postgres", "app_migrate", "app_web", "app_worker", "app_ops", "broker", "cache", "secret_key",
)  # fmt: skip
# Printed by the demo's seed, shown at each start.
SIGN_INS = "sign_ins.txt"


class Home:
    """An open var folder. `Home(path)` makes what is missing; raises CannotStart when it cannot be written."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.log_folder = self.path / "log"
        self.run_folder = self.path / "run"
        self.children = self.run_folder / "children.json"
        self.sign_ins = self.path / SIGN_INS
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for folder in (self.log_folder, self.run_folder, self.path / "storage"):
                folder.mkdir(exist_ok=True, mode=0o700)
            probe = self.run_folder / f"probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise CannotStart(
                f"The folder {self.path} cannot be written ({error.strerror}). "
                "Give this user the right to write there, or set TESSERA_VAR to another folder."
            ) from error

    def log_of(self, name: str) -> Path:
        return self.log_folder / f"{name}.log"

    def secrets(self) -> dict[str, str]:
        """Passwords and keys: made at the first start, readable by this user alone, the same ever after."""
        path = self.path / "secrets.json"
        with suppress(FileNotFoundError):
            kept: dict[str, str] = json.loads(path.read_text())
            if all(name in kept for name in SECRETS):
                return kept
        fresh = {name: secrets.token_hex(32) for name in SECRETS}
        beside = path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(fresh, file, indent=1)
        beside.replace(path)
        return fresh

    @contextmanager
    def held(self, note: str) -> Iterator[None]:
        """Hold the folder; raises CannotStart while another supervisor does. The kernel lets go when this one dies."""
        with (self.run_folder / "supervisor.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise CannotStart(
                    f"Tessera already runs from {self.path} ({file.read().strip()}). Use that one, or stop it first."
                ) from None
            file.truncate(0)
            file.write(note)
            file.flush()
            yield
