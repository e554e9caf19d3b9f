"""One PostgreSQL and two Valkeys for the whole run, shared by all xdist workers; a pytest plugin.

It is loaded by `-p tests.cluster` (pyproject.toml), so that the servers run and the environment names them before
Django reads its settings. Durability is off: nothing here is kept.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config.supervisor.postgres import Postgres
from config.supervisor.provision import LOGIN_ROLES, add_extensions, as_admin, make_roles, url_for
from config.supervisor.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "tessera"
# xdist's workers inherit the environment: they find the mark and leave the servers to the process that started them.
MARK = "TESSERA_TEST_CLUSTER"

# The suite's own login: it may become either application role, and by itself may do nothing. To see what each wall
# holds alone, tests/access also becomes one that no policy binds, and the owner, who can make a policy silent.
TEST_ROLES = """
CREATE ROLE app_test LOGIN NOINHERIT NOBYPASSRLS;
CREATE ROLE app_unwalled NOLOGIN BYPASSRLS;
GRANT app_web TO app_unwalled;
GRANT app_web, app_worker, app_unwalled, app_owner TO app_test;
ALTER ROLE app_owner CREATEDB;
"""

_running: list[Postgres | Valkey] = []
_folders: list[Path] = []


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """A wrapper runs before pytest-django's own hook, which reads the settings."""
    if MARK not in os.environ:
        start_cluster()
    return (yield)


def pytest_unconfigure() -> None:
    stop_cluster()


def start_cluster() -> None:
    """Start the servers and name them in the environment."""
    folder = Path(tempfile.mkdtemp(prefix="tessera-tests-"))
    folder.chmod(0o755)  # where PostgreSQL must run as another user, it has to pass through
    _folders.append(folder)
    _share_weights(folder / "var")
    passwords = {role: secrets.token_hex(16) for role in (*LOGIN_ROLES, "app_test")}
    postgres = Postgres(folder / "postgres", password=secrets.token_hex(16), durable=False)
    broker = Valkey(folder / "broker", password=secrets.token_hex(16), name="broker")
    cache = Valkey(folder / "cache", password=secrets.token_hex(16), name="cache", appendonly=False)
    for server in (postgres, broker, cache):
        _running.append(server)
        server.start()
    with as_admin(url_for(postgres.url, database="template1")) as connection:
        make_roles(connection, {role: passwords[role] for role in LOGIN_ROLES})
        connection.execute(TEST_ROLES)
        make_roles(connection, {"app_test": passwords["app_test"]})
        add_extensions(connection)  # in template1, so in each test database
    os.environ |= {
        MARK: str(folder),
        "TESSERA_VAR": str(folder / "var"),
        "DATABASE_ADMIN_URL": url_for(postgres.url, database=DATABASE),
        "DATABASE_URL": url_for(postgres.url, user="app_test", password=passwords["app_test"], database=DATABASE),
        "DATABASE_OWNER_URL": url_for(
            postgres.url, user="app_migrate", password=passwords["app_migrate"], database=DATABASE
        ),
        "REDIS_URL": broker.url,
        "REDIS_CACHE_URL": cache.url,
        "STORAGE_URL": (folder / "storage").as_uri(),
        "SECRET_KEY": secrets.token_hex(32),
    }


def _share_weights(var: Path) -> None:
    # Set-up fetched them; a run of the suite must not fetch 145 MB again.
    kept = Path(os.environ.get("TESSERA_VAR") or ROOT / "var").absolute() / "weights"
    kept.mkdir(parents=True, exist_ok=True)
    var.mkdir()
    (var / "weights").symlink_to(kept)


def stop_cluster() -> None:
    """Stop what this process started, and remove it."""
    while _running:
        _running.pop().stop()
    while _folders:
        with suppress(OSError):
            shutil.rmtree(_folders.pop())
