"""Saving and restoring: what is in the way is said in a sentence, and what is not as it was saved is named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from config.supervisor.backup import DUMP, MANIFEST, back_up
from config.supervisor.home import Home
from config.supervisor.inventory import difference, inventory_of
from config.supervisor.postgres import Postgres, binary
from config.supervisor.programs import ROOT
from config.supervisor.provision import LOGIN_ROLES, url_for
from config.supervisor.refusal import CannotStart
from config.supervisor.restore import restore
from config.supervisor.servers import Servers

# What opens a wall, and what is said of it.
WITHOUT = {
    "DROP POLICY tenant ON secret": "policy tenant on secret",
    "DROP POLICY scope ON secret; CREATE POLICY scope ON secret USING (true)": "policy scope on secret",
    "ALTER TABLE secret NO FORCE ROW LEVEL SECURITY": "table secret",
    "GRANT INSERT ON secret TO app_web": "table secret",
    "GRANT INSERT (name) ON secret TO app_web": "column secret name",
    "DROP TRIGGER ring ON secret": "trigger ring",
}
NEW = {role: f"new-{role}" for role in LOGIN_ROLES}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An installation with one table, one row behind a policy, and one file. Its server does not run."""
    home = Home(tmp_path_factory.mktemp("installation") / "var")
    servers = Servers(home, {"REDIS_URL": "redis://127.0.0.1:1", "REDIS_CACHE_URL": "redis://127.0.0.1:1"})
    (server,) = servers.own
    server.start()
    servers.addresses()
    with psycopg.connect(servers.admin_url, autocommit=True) as admin:
        admin.execute("SET ROLE app_owner")
        admin.execute("CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO app_web; CREATE TABLE secret (name text)")
        admin.execute("ALTER TABLE secret ENABLE ROW LEVEL SECURITY; ALTER TABLE secret FORCE ROW LEVEL SECURITY")
        admin.execute("CREATE POLICY tenant ON secret USING (false); GRANT SELECT ON secret TO app_web")
        admin.execute(
            "CREATE POLICY scope ON secret AS RESTRICTIVE USING (true); GRANT UPDATE (name) ON secret TO app_web"
        )
        admin.execute("CREATE FUNCTION app.ring() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        admin.execute("CREATE TRIGGER ring AFTER INSERT ON secret EXECUTE FUNCTION app.ring()")
        admin.execute("RESET ROLE; INSERT INTO secret VALUES ('kept')")
    server.stop()
    (home.path / "storage" / "picture.png").write_bytes(b"pixels")
    return home


@pytest.fixture(scope="module")
def backup(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its backup, to be looked at; in a folder that others could read before."""
    folder = tmp_path_factory.mktemp("backup") / "saved"
    folder.mkdir(mode=0o755)
    back_up(home, {}, folder)
    return folder


@pytest.fixture
def saved(backup: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(backup, tmp_path / "saved"))


def test_what_was_saved_comes_back_with_its_walls_files_and_secrets(home: Home, saved: Path, tmp_path: Path) -> None:
    fresh = Home(tmp_path / "fresh")
    restore(fresh, {}, saved)
    assert (fresh.path / "storage" / "picture.png").read_bytes() == b"pixels"
    assert fresh.secrets() == home.secrets()
    server = Postgres(fresh.path / "postgres", password=fresh.secrets()["postgres"])
    server.start()
    try:
        url = url_for(server.url, database="tessera")
        with psycopg.connect(url) as admin:
            assert admin.execute("SELECT name FROM secret").fetchall() == [("kept",)]
        with psycopg.connect(url_for(url, user="app_web", password=fresh.secrets()["app_web"])) as web:
            assert web.execute("SELECT name FROM secret").fetchall() == []
    finally:
        server.stop()


def test_a_backup_is_readable_by_its_maker_alone(saved: Path) -> None:
    for path in (saved, saved / DUMP, saved / "secrets.json"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_folder_in_use_is_not_written_to(home: Home, saved: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="is not empty"):
        back_up(home, {}, home.path / "storage")
    with pytest.raises(CannotStart, match="is not empty"):
        restore(home, {}, saved)


def test_files_that_are_not_there_are_missed_before_anything_is_written(home: Home, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="is not there"):
        back_up(home, {"STORAGE_URL": (tmp_path / "gone").as_uri()}, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_without_an_installation_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    mistyped = Home(tmp_path / "vra")
    with pytest.raises(CannotStart, match="no installation in"):
        back_up(mistyped, {}, tmp_path / "new")
    assert not (mistyped.path / "secrets.json").exists()
    assert not (mistyped.path / "postgres").exists()


def test_a_file_that_is_deleted_meanwhile_spoils_nothing(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleeting, real = home.path / "storage" / "fleeting.zip", shutil.copy2
    fleeting.write_bytes(b"of a week ago")

    def late(source: str, target: str) -> None:
        fleeting.unlink(missing_ok=True)
        real(source, target)

    monkeypatch.setattr(shutil, "copy2", late)
    back_up(home, {}, tmp_path / "saved")
    assert json.loads((tmp_path / "saved" / MANIFEST).read_text())["files"] == 1


@pytest.mark.parametrize("lost", ["storage/picture.png", "secrets.json"])
def test_a_backup_without_all_its_files_is_refused(saved: Path, tmp_path: Path, lost: str) -> None:
    (saved / lost).unlink()
    with pytest.raises(CannotStart, match="changed or cut off"):
        restore(Home(tmp_path / "fresh"), {}, saved)


def test_a_file_that_was_cut_off_is_missed(saved: Path, tmp_path: Path) -> None:
    (saved / "storage" / "picture.png").write_bytes(b"pix")
    with pytest.raises(CannotStart, match="changed or cut off"):
        restore(Home(tmp_path / "fresh"), {}, saved)


def test_a_backup_that_was_cut_off_or_changed_is_refused(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="holds no whole backup"):
        restore(Home(tmp_path / "fresh"), {}, tmp_path)
    with (saved / DUMP).open("ab") as dump:
        dump.write(b"!")
    with pytest.raises(CannotStart, match="changed or cut off"):
        restore(Home(tmp_path / "fresh"), {}, saved)


def test_other_secrets_are_not_overwritten(saved: Path, tmp_path: Path) -> None:
    fresh = Home(tmp_path / "fresh")
    fresh.secrets()
    with pytest.raises(CannotStart, match="other secrets"):
        restore(fresh, {}, saved)


def test_a_restored_database_that_differs_is_named(saved: Path, tmp_path: Path) -> None:
    manifest = json.loads((saved / MANIFEST).read_text())
    manifest["inventory"]["rows"]["secret"] = 2
    (saved / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(CannotStart, match="secret has 1 rows, and had 2"):
        restore(Home(tmp_path / "fresh"), {}, saved)


def test_a_wall_that_is_missing_is_named(home: Home) -> None:
    server = Postgres(home.path / "postgres", password=home.secrets()["postgres"])
    server.start()
    try:
        with psycopg.connect(url_for(server.url, database="tessera")) as admin:
            before = inventory_of(admin)
            assert difference(before, inventory_of(admin)) == ""
            for change, told in WITHOUT.items():
                with admin.transaction(force_rollback=True):
                    admin.execute(change)
                    assert told in difference(before, inventory_of(admin))
    finally:
        server.stop()


def test_a_wrong_command_says_how(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "config.supervisor", "restore", str(tmp_path / "nothing")],
        env={**os.environ, "TESSERA_VAR": str(tmp_path / "var")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("No restore was made.")


def test_an_administrator_sets_up_a_server_of_their_own(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres", password="admin", durable=False)
    server.start()
    try:
        for _ in range(2):  # safe to run again
            values = [
                part for name, value in {"database": "label", **NEW}.items() for part in ("-v", f"{name}={value}")
            ]
            script = [binary("psql"), "-q", *values, "-f", str(ROOT / "config/supervisor/own_server.sql"), server.url]
            done = subprocess.run(script, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        migrate = url_for(server.url, user="app_migrate", password=NEW["app_migrate"], database="label")
        with psycopg.connect(migrate) as owner:
            owner.execute("CREATE TABLE made (id int)")
            assert owner.execute("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'made'").fetchall() == [
                ("app_owner",)
            ]
        web = url_for(server.url, user="app_web", password=NEW["app_web"], database="label")
        with psycopg.connect(web) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")
    finally:
        server.stop()
