"""What cannot work is said in a sentence, with exit status 1 and without a traceback."""

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.supervisor import unprivileged
from config.supervisor.home import Home
from config.supervisor.ports import free_port, web_port
from config.supervisor.refusal import CannotStart

from .conftest import READY, ROOT


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def _refused(run, *words):
    assert run.ended() == 1, run.output
    assert "Traceback" not in run.output
    for word in words:
        assert word in run.output


def test_a_taken_port(start, taken_port):
    _refused(start(PORT=str(taken_port)), f"Port {taken_port} is taken by another program")


@pytest.mark.parametrize("wanted", ["0", "65536", "-1", "http", "80 80", "٣"])
def test_a_port_that_is_none(wanted):
    with pytest.raises(CannotStart, match="PORT must be a number from 1 to 65535"):
        web_port(wanted)


def test_without_a_wish_the_next_free_port_is_taken(monkeypatch, taken_port):
    monkeypatch.setattr("config.supervisor.ports.WEB_PORT", taken_port)

    assert taken_port < web_port("") <= taken_port + 100


def test_a_folder_that_cannot_be_made(start, tmp_path):
    (tmp_path / "file").touch()

    _refused(start(tmp_path / "file" / "var"), "cannot be written (Not a directory)", "set TESSERA_VAR")


def test_a_folder_that_may_not_be_written(monkeypatch, tmp_path):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "touch", refuse)

    with pytest.raises(CannotStart, match=r"cannot be written \(Permission denied\)"):
        Home(tmp_path / "var")


def test_an_installation_that_already_runs(start):
    first = start()
    first.says(READY)

    _refused(start(), "Tessera already runs from", f"process {first.process.pid}", "stop it first")


def test_a_user_without_a_name(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 54321)

    with pytest.raises(CannotStart, match="The user id 54321 has no name on this machine"):
        unprivileged.guise()


@pytest.mark.parametrize("name", ["REDIS_URL", "REDIS_CACHE_URL"])
def test_a_dead_redis(start, name):
    port = free_port()

    _refused(start(**{name: f"redis://127.0.0.1:{port}/0"}), f"No Redis answers at 127.0.0.1:{port} ({name})")


def test_a_dead_database(start):
    port = free_port()
    url = f"postgresql://admin:secret@127.0.0.1:{port}/tessera"

    run = start(DATABASE_URL=url)

    _refused(run, f"PostgreSQL at 127.0.0.1:{port}/tessera", "DATABASE_URL")
    assert "secret" not in run.output


@pytest.mark.parametrize("url", ["mysql://a@b/c", "postgresql://admin@127.0.0.1", "nonsense"])
def test_a_database_url_of_another_kind(start, url):
    _refused(start(DATABASE_URL=url), "DATABASE_URL must look like postgresql://")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("file:///no/such/folder", "The folder /no/such/folder (STORAGE_URL) does not exist"),
        ("ftp://bucket", "STORAGE_URL must begin with file:/// or s3://."),
    ],
)
def test_a_storage_that_cannot_be_used(start, url, sentence):
    _refused(start(STORAGE_URL=url), sentence)


def test_a_bucket_whose_server_is_dead(start):
    port = free_port()

    _refused(
        start(STORAGE_URL=f"s3://pictures?endpoint=http://127.0.0.1:{port}"), f"Nothing answers at 127.0.0.1:{port}"
    )


def test_a_web_process_that_ends_at_once_shows_its_last_words(start):
    _refused(start(STAND_IN_WEB="raise SystemExit('the cat sat on it')"), "ended at once", "the cat sat on it")


def test_a_preparation_that_fails_shows_its_last_words_and_is_tried_again(start):
    _refused(start(STAND_IN_PREPARE="raise SystemExit('no such column')"), "could not be prepared", "no such column")

    again = start()
    again.says(READY)
    assert "Preparing" in again.output


def test_a_detector_that_cannot_be_had_says_why(start):
    code = "raise SystemExit('Model weights cannot be kept.')"

    _refused(start(STAND_IN_DETECTOR=code), "Model weights cannot be kept.", "detector could not be made ready")


def test_another_detector_is_prepared_at_the_next_start(start):
    first = start()
    first.says(READY)
    first.stop()

    again = start(DETECTOR="small")
    again.says(READY)

    assert "the detector is ready" in again.output


def test_a_damaged_database_shows_the_servers_own_words(start, tmp_path):
    first = start()
    first.says(READY)
    first.stop()
    (first.home / "postgres" / "global" / "pg_control").unlink()

    _refused(start(), "PostgreSQL did not start", "could not")


def test_a_wrong_command_says_what_there_is():
    done = subprocess.run(
        [sys.executable, "-m", "config.supervisor", "fly"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "demo|start|dev" in done.stderr
