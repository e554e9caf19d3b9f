"""The environment, read once and typed: the only place that knows the names of variables."""

import os
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_SECRET = 32


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


@dataclass(frozen=True)
class Mail:
    """Which of Django's mail backends, and what it needs to know."""

    backend: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    ssl: bool = False
    tls: bool = False
    folder: str = ""


def text(name: str, default: str | None = None) -> str:
    """A variable's value; raises BadEnvironment when it has neither value nor default."""
    value = os.environ.get(name, default)
    if value is None:
        raise BadEnvironment(f"{name} is not set. Start Tessera with `make demo` or `make start`, or set it.")
    return value


def secret(name: str) -> str:
    """A key that signs; raises BadEnvironment for one that could be guessed."""
    value = text(name)
    if len(value) < SHORTEST_SECRET:
        raise BadEnvironment(f"{name} must have at least {SHORTEST_SECRET} characters, made at random.")
    return value


def number(name: str, default: int) -> int:
    """A whole number from 0 on; raises BadEnvironment for anything else."""
    value = os.environ.get(name) or str(default)
    if not value.isdecimal():
        raise BadEnvironment(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def is_set(name: str) -> bool:
    """Whether a variable has a value."""
    return bool(os.environ.get(name))


def flag(name: str) -> bool:
    """True for 1, true, yes and on."""
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list without blanks."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """A comma-separated list of networks, such as `10.1.0.0/16`; raises BadEnvironment for what is none."""
    try:
        return [ip_network(part) for part in names(name)]
    except ValueError as error:
        raise BadEnvironment(f"{name} must be networks with commas between, such as 10.1.0.0/16: {error}.") from error


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


def mail(name: str) -> Mail:
    """`smtp://user:password@host:587` (STARTTLS), `smtps://…:465`, `file:///folder`, or `console:`; not set, nothing
    leaves."""
    url = urlsplit(os.environ.get(name, ""))
    match url.scheme:
        case "":
            return Mail("dummy")
        case "console":
            return Mail("console")
        case "file":
            return Mail("filebased", folder=unquote(url.path))
        case "smtp" | "smtps":
            return Mail(
                "smtp",
                host=unquote(url.hostname or "127.0.0.1"),
                port=url.port or (465 if url.scheme == "smtps" else 587),
                user=unquote(url.username or ""),
                password=unquote(url.password or ""),
                ssl=url.scheme == "smtps",
                # To a server on this machine that wants no login there is nothing to hide on the way.
                tls=url.scheme == "smtp" and bool(url.username),
            )
    raise BadEnvironment(f"{name} must begin with smtp://, smtps://, file:/// or console:.")


def folder() -> Path:
    """The folder of everything that this installation writes."""
    return Path(os.environ.get("TESSERA_VAR") or ROOT / "var")


def weights() -> Path:
    """The folder of downloaded and trained model files."""
    return folder() / "weights"
