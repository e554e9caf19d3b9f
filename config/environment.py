"""The environment, read once and typed: the only place that knows the names of variables."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent


class BadEnvironment(Exception):
    """A variable is missing or cannot be understood; the message says which and what to do."""


@dataclass(frozen=True)
class Database:
    """Where a PostgreSQL is and as whom to go there."""

    host: str
    port: int
    name: str
    user: str
    password: str


def text(name: str, default: str | None = None) -> str:
    """A variable's value; raises BadEnvironment when it has neither value nor default."""
    value = os.environ.get(name, default)
    if value is None:
        raise BadEnvironment(f"{name} is not set. Start Tessera with `make demo` or `make start`, or set it.")
    return value


def is_set(name: str) -> bool:
    """Whether a variable has a value."""
    return bool(os.environ.get(name))


def flag(name: str) -> bool:
    """True for 1, true, yes and on."""
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list without blanks."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def database(name: str) -> Database:
    """`postgresql://user:password@host:port/name`, also with a socket folder as `?host=` or an escaped host."""
    url = urlsplit(text(name))
    if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
        raise BadEnvironment(f"{name} must look like postgresql://user:password@host:5432/name.")
    return Database(
        host=unquote(url.hostname or "127.0.0.1"),
        port=url.port or 5432,
        name=url.path.strip("/"),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
    )


def folder() -> Path:
    """The folder of everything that this installation writes."""
    return Path(os.environ.get("TESSERA_VAR") or ROOT / "var")


def weights() -> Path:
    """The folder of downloaded and trained model files."""
    return folder() / "weights"
