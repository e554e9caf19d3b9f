"""Roles, passwords and the database, made or mended on each start; all of it is safe to repeat."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from .refusal import CannotStart

ROLES = Path(__file__).with_name("roles.sql")
LOGIN_ROLES = ("app_migrate", "app_web", "app_worker", "app_ops")
OWNER = "app_owner"
OLDEST = 15
CONNECT_SECONDS = 5


def provision(admin_url: str, *, database: str, passwords: Mapping[str, str]) -> None:
    """Make roles, their passwords and the database with its extension; raises CannotStart with what is missing."""
    with as_admin(admin_url) as connection:
        _refuse_old(connection)
        make_roles(connection, passwords)
        _make_database(connection, database)
    with as_admin(url_for(admin_url, database=database)) as connection:
        add_extensions(connection)


@contextmanager
def as_admin(url: str) -> Iterator[psycopg.Connection]:
    """A connection in autocommit; a server that is away or says no becomes CannotStart."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise CannotStart(
            f"No use could be made of the PostgreSQL at {without_password(url)}: {_first_line(error)}. "
            "Start it or mend DATABASE_URL; without DATABASE_URL Tessera runs its own."
        ) from error
    except psycopg.Error as error:
        raise CannotStart(
            f"The PostgreSQL at {without_password(url)} refused to be set up: {_first_line(error)}. "
            "DATABASE_URL must name a user who may create roles and databases."
        ) from error


def make_roles(connection: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    """Create the roles of roles.sql and set the passwords; the server sees only their hashes."""
    connection.execute(ROLES.read_bytes())
    for role, password in passwords.items():
        hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(hashed)))


def add_extensions(connection: psycopg.Connection) -> None:
    """What migrations may rely on; here, because only an administrator may add it. Raises CannotStart."""
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.FeatureNotSupported,
        psycopg.errors.UndefinedFile,
    ) as no:
        raise CannotStart(
            f"The database {connection.info.dbname} lacks pgvector, and it could not be added ({_first_line(no)}). "
            "Install pgvector where PostgreSQL runs, and as a superuser there: CREATE EXTENSION vector"
        ) from no


def url_for(url: str, *, user: str | None = None, password: str | None = None, database: str | None = None) -> str:
    """The same server for another user or database."""
    parts = urlsplit(url)
    login, _, place = parts.netloc.rpartition("@")
    if user is not None:
        login = quote(user) + (f":{quote(password, safe='')}" if password is not None else "")
    return urlunsplit(parts._replace(netloc=f"{login}@{place}", path=f"/{database}" if database else parts.path))


def without_password(url: str) -> str:
    """For messages."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 5432}{parts.path}"


def _refuse_old(connection: psycopg.Connection) -> None:
    major = connection.info.server_version // 10000
    if major < OLDEST:
        raise CannotStart(f"The PostgreSQL of DATABASE_URL is version {major}; Tessera needs {OLDEST} or later.")


def _make_database(connection: psycopg.Connection, name: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    verb = "ALTER DATABASE {} OWNER TO {}" if known else "CREATE DATABASE {} OWNER {}"
    connection.execute(sql.SQL(verb).format(sql.Identifier(name), sql.Identifier(OWNER)))


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
