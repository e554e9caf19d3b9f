"""Which servers are ours and which are given (`DATABASE_URL`, `REDIS_URL`, `REDIS_CACHE_URL`, `STORAGE_URL`)."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import redis

from .home import Home
from .postgres import Postgres
from .programs import Addresses
from .provision import LOGIN_ROLES, provision, url_for
from .refusal import CannotStart
from .service import Service
from .valkey import Valkey

DATABASE = "tessera"
CONNECT_SECONDS = 5


class Servers:
    """The data plane of one installation. Given servers are never started, only looked at."""

    def __init__(self, home: Home, given: Mapping[str, str]) -> None:
        self._home, self._given = home, given
        self._secrets = home.secrets()
        self._postgres = None if given.get("DATABASE_URL") else self._own_postgres()
        self._broker = None if given.get("REDIS_URL") else self._own_valkey("broker", appendonly=True)
        self._cache = None if given.get("REDIS_CACHE_URL") else self._own_valkey("cache", appendonly=False)

    @property
    def own(self) -> list[Service]:
        """Those that we run, in the order in which to start them."""
        return [server for server in (self._postgres, self._broker, self._cache) if server]

    @property
    def admin_url(self) -> str:
        """The product's database as an administrator; once PostgreSQL runs."""
        return url_for(self._postgres.url, database=DATABASE) if self._postgres else self._given["DATABASE_URL"]

    def check_given(self) -> None:
        """Raises CannotStart for a given server that is dead, or a storage that cannot be used."""
        for name in ("REDIS_URL", "REDIS_CACHE_URL"):
            if self._given.get(name):
                _refuse_dead_redis(name, self._given[name])
        if self._given.get("STORAGE_URL"):
            _refuse_bad_storage(self._given["STORAGE_URL"])
        if self._given.get("DATABASE_URL"):
            _refuse_bad_database(self._given["DATABASE_URL"])

    def addresses(self) -> Addresses:
        """Make roles and database, and say where everything is; once our own servers run."""
        passwords = {role: self._secrets[role] for role in LOGIN_ROLES}
        admin = self._postgres.url if self._postgres else self.admin_url
        provision(admin, database=urlsplit(self.admin_url).path.strip("/"), passwords=passwords)

        def as_role(role: str) -> str:
            return url_for(self.admin_url, user=role, password=passwords[role])

        return Addresses(
            web=as_role("app_web"),
            worker=as_role("app_worker"),
            owner=as_role("app_migrate"),
            broker=self._broker.url if self._broker else self._given["REDIS_URL"],
            cache=self._cache.url if self._cache else self._given["REDIS_CACHE_URL"],
            storage=self._given.get("STORAGE_URL") or (self._home.path / "storage").as_uri(),
        )

    def _own_postgres(self) -> Postgres:
        return Postgres(
            self._home.path / "postgres", password=self._secrets["postgres"], log=self._home.log_of("postgres")
        )

    def _own_valkey(self, name: str, *, appendonly: bool) -> Valkey:
        return Valkey(
            self._home.path / name,
            password=self._secrets[name],
            appendonly=appendonly,
            name=name,
            log=self._home.log_of(name),
        )


def _refuse_dead_redis(name: str, url: str) -> None:
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        place = urlsplit(url)
        raise CannotStart(
            f"No Redis answers at {place.hostname}:{place.port or 6379} ({name}): {error}. "
            f"Start it or mend {name}; without {name} Tessera runs its own."
        ) from error


def _refuse_bad_database(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise CannotStart("DATABASE_URL must look like postgresql://user:password@host:5432/name.")


def _refuse_bad_storage(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise CannotStart(f"The folder {folder} (STORAGE_URL) does not exist or cannot be written by this user.")
    elif parts.scheme == "s3":
        for endpoint in parse_qs(parts.query).get("endpoint", []):
            _refuse_dead_endpoint(endpoint)
    else:
        raise CannotStart("STORAGE_URL must begin with file:/// or s3://.")


def _refuse_dead_endpoint(endpoint: str) -> None:
    place = urlsplit(endpoint)
    port = place.port or (443 if place.scheme == "https" else 80)
    try:
        socket.create_connection((place.hostname or "", port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        raise CannotStart(
            f"Nothing answers at {place.hostname}:{port} (the endpoint in STORAGE_URL): {error}."
        ) from error
