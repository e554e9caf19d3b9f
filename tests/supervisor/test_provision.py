"""Roles, passwords and the database."""

import psycopg
import pytest

from config.supervisor.home import Home
from config.supervisor.postgres import Postgres
from config.supervisor.provision import LOGIN_ROLES, provision, url_for
from config.supervisor.refusal import CannotStart
from config.supervisor.servers import Servers

PASSWORDS = {role: f"secret of {role} @:/?" for role in LOGIN_ROLES}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("provision")
    server = Postgres(folder / "postgres", password="admin", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def fresh_server(tmp_path):
    """One that no role was made on."""
    server = Postgres(tmp_path / "postgres", password="admin", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def url(server):
    """Provisioned twice: it must be safe to repeat."""
    for _ in range(2):
        provision(server.url, database="tessera", passwords=PASSWORDS)
    return url_for(server.url, database="tessera")


def _as(url, role, **options):
    return psycopg.connect(url_for(url, user=role, password=PASSWORDS[role]), autocommit=True, **options)


def test_application_roles_neither_bypass_policies_nor_belong_to_the_owner(url):
    with psycopg.connect(url) as admin:
        rows = admin.execute(
            "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper OR rolcreaterole OR rolcreatedb,"
            " pg_has_role(oid, 'app_owner', 'MEMBER') FROM pg_roles WHERE rolname LIKE 'app\\_%' ORDER BY 1"
        ).fetchall()

    assert rows == [
        ("app_auth", False, False, False, False),
        ("app_migrate", True, False, False, True),
        ("app_ops", True, True, False, False),
        ("app_owner", False, False, False, True),
        ("app_web", True, False, False, False),
        ("app_worker", True, False, False, False),
    ]


def test_what_migrations_make_belongs_to_the_owner(url):
    with _as(url, "app_migrate") as connection:
        connection.execute("CREATE TABLE made (id int)")
        assert connection.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'made'").fetchone() == (
            "app_owner",
        )


@pytest.mark.parametrize("role", ["app_web", "app_worker"])
def test_an_application_role_may_make_no_table(url, role):
    with _as(url, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE forbidden (id int)")


def test_vectors_can_be_stored(url):
    with _as(url, "app_web") as connection:
        assert connection.execute("SELECT '[1,2]'::vector <-> '[1,4]'::vector").fetchone() == (2.0,)


def test_passwords_reach_the_server_only_as_hashes(url):
    with psycopg.connect(url) as admin:
        stored = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'app_web'").fetchone()

    assert stored and stored[0].startswith("SCRAM-SHA-256$")


def test_a_wrong_password_is_refused(url):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url_for(url, user="app_web", password="guess"))


def test_a_given_database_gets_roles_of_its_own_and_its_address_is_handed_on(server, url, tmp_path, monkeypatch):
    given = {
        "DATABASE_URL": f"{url}?application_name=tessera",
        "REDIS_URL": "redis://broker:6379/0",
        "REDIS_CACHE_URL": "redis://cache:6379/0",
        "STORAGE_URL": tmp_path.as_uri(),
    }
    servers = Servers(Home(tmp_path / "var"), given)

    at = servers.addresses()

    assert servers.own == []
    assert (at.broker, at.cache, at.storage) == (given["REDIS_URL"], given["REDIS_CACHE_URL"], given["STORAGE_URL"])
    for address, role in ((at.web, "app_web"), (at.worker, "app_worker"), (at.owner, "app_owner")):
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT current_user::text, current_database()::text").fetchone() == (
                role,
                "tessera",
            )
    provision(server.url, database="tessera", passwords=PASSWORDS)


def test_an_administrator_who_may_not_make_roles_is_told_so(url):
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE powerless LOGIN PASSWORD 'x'")

    with pytest.raises(CannotStart, match="refused to be set up: permission denied"):
        provision(url_for(url, user="powerless", password="x"), database="tessera", passwords=PASSWORDS)


def test_an_administrator_who_is_no_superuser_is_enough_once_pgvector_is_there(fresh_server):
    server = fresh_server
    with psycopg.connect(server.url, autocommit=True) as admin:
        for statement in (
            "CREATE ROLE boss LOGIN CREATEROLE CREATEDB BYPASSRLS PASSWORD 'x'",
            "GRANT pg_read_all_data TO boss WITH ADMIN OPTION",
        ):
            admin.execute(statement)
    boss = url_for(server.url, user="boss", password="x")

    with pytest.raises(CannotStart, match="lacks pgvector"):
        provision(boss, database="theirs", passwords=PASSWORDS)
    with psycopg.connect(url_for(server.url, database="theirs"), autocommit=True) as admin:
        admin.execute("CREATE EXTENSION vector")
    provision(boss, database="theirs", passwords=PASSWORDS)

    with _as(url_for(boss, database="theirs"), "app_migrate") as connection:
        connection.execute("CREATE SCHEMA app")
