"""A whole run: start, restart, reuse, stop."""

import os
import signal
import sys
import time

import psutil
import psycopg
import pytest

from config.supervisor.home import Home
from config.supervisor.postgres import Postgres

from .conftest import READY, wait_until

pytestmark = pytest.mark.faults


def test_the_first_start_prints_the_address_and_the_sign_ins(start):
    run = start()
    run.says(READY)

    assert "Tessera runs at http://127.0.0.1:" in run.output
    assert "ada@customer.example" in run.output


def test_secrets_are_readable_by_their_owner_alone(start):
    run = start()
    run.says(READY)

    for path in (run.home / "secrets.json", run.home / "broker" / "valkey.conf"):
        assert path.stat().st_mode & 0o777 == 0o600
    for folder in ("postgres", "broker", "cache", "log", "run", "storage"):
        assert (run.home / folder).stat().st_mode & 0o077 == 0
    assert Home(run.home).secrets()["postgres"] not in run.output


def test_passwords_are_not_on_any_command_line(start):
    run = start()
    run.says(READY)

    lines = " ".join(" ".join(child.cmdline()) for child in run.children().values())
    assert not [name for name, secret in Home(run.home).secrets().items() if secret in lines]


def test_ctrl_c_stops_everything_within_ten_seconds_even_a_child_that_will_not(start):
    run = start(STAND_IN_STUBBORN="1")
    run.says(READY)
    children = run.children()
    began = time.monotonic()

    assert run.stop(signal.SIGINT) == 0

    assert time.monotonic() - began < 10
    assert len(children) >= 7
    assert not [child for child in children.values() if _lives(child)]


def test_a_polite_stop_from_the_system_does_the_same(start):
    run = start()
    run.says(READY)
    children = run.children()

    assert run.stop(signal.SIGTERM) == 0
    assert not [child for child in children.values() if _lives(child)]


def test_stopping_while_starting_leaves_nothing_behind(start):
    run = start(STAND_IN_PREPARE="import time; time.sleep(600)")
    run.says("Preparing")
    children = run.children()

    assert run.stop(signal.SIGINT) == 0
    assert not [child for child in children.values() if _lives(child)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_do_not_outlive_a_killed_supervisor(start):
    run = start()
    run.says(READY)
    children = psutil.Process(run.process.pid).children()

    run.stop(signal.SIGKILL)

    wait_until(lambda: not [child for child in children if _lives(child)])
    assert not [child for child in children if _lives(child)]


def test_the_start_after_a_kill_ends_what_was_left_and_goes_on_with_the_data(start):
    run = start(STAND_IN_STUBBORN="1")
    run.says(READY)
    _write_row(run.home)
    stubborn = psutil.Process(run.pid_of("SIG_IGN"))
    run.stop(signal.SIGKILL)

    again = start()
    again.says(READY)

    assert not _lives(stubborn)
    assert _rows(run.home) == [("kept",)]


def test_a_second_start_uses_the_same_data_and_prepares_nothing(start):
    first = start()
    first.says(READY)
    assert "Preparing" in first.output
    _write_row(first.home)
    first.stop()

    second = start()
    second.says(READY)

    assert "Preparing" not in second.output
    assert "ada@customer.example" in second.output
    assert _rows(second.home) == [("kept",)]


def test_a_dead_child_starts_again(start):
    run = start()
    run.says(READY)
    before = run.pid_of("print('up')")

    os.kill(before, signal.SIGKILL)

    wait_until(lambda: run.pid_of("print('up')") not in {None, before})
    assert run.pid_of("print('up')") not in {None, before}
    run.says("jobs ended (signal 9); it starts again in 0.5 s")
    wait_until(lambda: run.pid_of("print('up')") in run.noted())
    assert run.pid_of("print('up')") in run.noted()


def test_a_dead_child_takes_its_own_children_along(start):
    run = start()
    run.says(READY)
    stubborn = psutil.Process(run.pid_of("SIG_IGN"))
    wait_until(stubborn.children)
    grandchild = stubborn.children()[0]

    stubborn.kill()

    wait_until(lambda: not _lives(grandchild))
    assert not _lives(grandchild)


def test_a_killed_database_comes_back_at_the_same_address_with_its_rows(start):
    run = start()
    run.says(READY)
    _write_row(run.home)
    port = _port(run.home)
    before = run.pid_of("bin/postgres")

    os.kill(before, signal.SIGKILL)

    wait_until(lambda: _ready_server(run.home) not in {None, before})
    assert _port(run.home) == port
    assert _rows(run.home) == [("kept",)]


def _lives(child: psutil.Process) -> bool:
    return bool(child.is_running() and child.status() != psutil.STATUS_ZOMBIE)


def _port(home) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[3])


def _ready_server(home) -> int | None:
    """The pid of the server that is ready: after a kill, the file is the dead one's until the next has written it."""
    try:
        lines = (home / "postgres" / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:  # between the two
        return None
    return int(lines[0]) if len(lines) > 7 and "ready" in lines[7] else None


def _connect(home) -> psycopg.Connection:
    server = Postgres(home / "postgres", password=Home(home).secrets()["postgres"], port=_port(home))
    return psycopg.connect(server.url, autocommit=True)


def _write_row(home) -> None:
    with _connect(home) as connection:
        connection.execute("CREATE TABLE memory AS SELECT 'kept' AS word")


def _rows(home) -> list[tuple[str]]:
    with _connect(home) as connection:
        return connection.execute("SELECT word FROM memory").fetchall()
