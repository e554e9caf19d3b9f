"""Kills processes while people and machines work, then counts: lost, double-accepted, stuck, acknowledged but missing.

A Tessera of its own, with the processes that the supervisor runs. Every two seconds a random web, jobs, relay or gpu
process gets SIGKILL, and is started again at once, so that there is always something to kill; both Valkeys are emptied
twice. `python -m bench kill_storm`, or `python -m bench.kill_storm --seconds 20 --tasks 150` for a short one. Exit
status 1 unless all is 0.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import redis

from bench.kill_clients import Person, Told
from config.supervisor import programs
from config.supervisor.home import Home
from config.supervisor.ports import free_port
from config.supervisor.programs import ROOT, Addresses
from config.supervisor.servers import Servers
from config.supervisor.service import Program

WEBS = 2
EVERY = 2.0
RESTART = 0.5
START = 180
SECONDS, TASKS, DRAIN = 180, 2000, 600

# What must be nothing. Each gives a number; `told` is what the clients were told.
LOST = """
SELECT (SELECT count(*) FROM item i WHERE NOT EXISTS (SELECT FROM unit u WHERE u.item_id = i.id))
  + (SELECT count(*) FROM unit u WHERE u.state = 'open'
       AND NOT EXISTS (SELECT FROM task t
                       WHERE t.unit_id = u.id AND t.state IN ('waiting', 'ready', 'leased', 'skipped'))
       AND NOT EXISTS (SELECT FROM unit c WHERE c.parent_id = u.id AND c.state = 'open'))
"""
DOUBLE = """
SELECT (SELECT count(*) FROM (SELECT FROM submission GROUP BY task_id HAVING count(*) > 1) s)
  + (SELECT count(*) FROM (SELECT FROM verdict GROUP BY task_id HAVING count(*) > 1) v)
  + (SELECT count(*) FROM (SELECT FROM task WHERE kind = 'human' AND state IN ('submitted', 'accepted')
       GROUP BY unit_id, stage_id, round HAVING count(*) > 1) t)
  + (SELECT count(*) FROM (SELECT FROM activity_event WHERE kind = 'unit.finished'
       GROUP BY unit_id HAVING count(*) > 1) f)
"""
STUCK = """
SELECT (SELECT count(*) FROM unit WHERE state = 'open')
  + (SELECT count(*) FROM task WHERE state IN ('waiting', 'ready', 'leased', 'submitted'))
"""
MISSING = """
SELECT (SELECT count(*) FROM jsonb_each_text(%(submitted)s::jsonb) a
        WHERE NOT EXISTS (SELECT FROM submission s WHERE s.id = a.value::uuid AND s.task_id = a.key::uuid))
  + (SELECT count(*) FROM jsonb_array_elements_text(%(judged)s::jsonb) a(task)
     WHERE NOT EXISTS (SELECT FROM verdict v WHERE v.task_id = a.task::uuid))
  + (SELECT count(*) FROM jsonb_each_text(%(shapes)s::jsonb) a
     JOIN unit u ON u.id = a.key::uuid
     WHERE NOT EXISTS (SELECT FROM annotation s WHERE s.id = a.value::uuid)
       AND NOT EXISTS (SELECT FROM task m JOIN stage g ON g.id = m.stage_id
                       WHERE m.unit_id = u.parent_id AND g.key = 'mend' AND m.state = 'accepted'))
"""
COUNTS = {"lost": LOST, "double-accepted": DOUBLE, "stuck": STUCK, "acknowledged but missing": MISSING}
PROGRESS = """
SELECT (SELECT count(*) FROM unit WHERE kind = 'item' AND state <> 'open'), (SELECT count(*) FROM submission),
       (SELECT count(*) FROM unit WHERE state = 'open')
  + (SELECT count(*) FROM pipeline_run WHERE state = 'filling')
"""


@dataclass
class Rig:
    """What runs, and where."""

    at: Addresses
    admin: str
    programs: list[Program]
    ports: list[int]
    seed: dict[str, Any]

    def row(self, sql: str, values: dict[str, str] | None = None) -> tuple[Any, ...]:
        """Asked as one whom no policy binds."""
        with psycopg.connect(self.admin, autocommit=True) as connection:
            return connection.execute(sql.encode(), values).fetchone() or ()

    def flush(self) -> None:
        for url in (self.at.broker, self.at.cache):
            redis.Redis.from_url(url).flushall()


def main(given: list[str] | None = None) -> None:
    """Storm, drain, count. Exits with 1 unless all counts are 0."""
    parser = argparse.ArgumentParser(prog="kill_storm")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the storm lasts")
    parser.add_argument("--tasks", type=int, default=TASKS, help="label tasks")
    parser.add_argument("--drain", type=float, default=DRAIN, help="seconds that the rest of the work may take")
    asked = parser.parse_args(given or [])
    with rig(asked.tasks) as running:
        told, stop = Told(), threading.Event()
        tokens = [*running.seed["annotators"], *running.seed["reviewers"]]
        people = [Person(running.seed, token, running.ports, told, stop) for token in tokens]
        for person in people:
            person.start()
        await_work(running)
        killed = storm(running, asked.seconds)
        done, submitted, _ = running.row(PROGRESS)
        print(f"storm of {asked.seconds:.0f} s: killed {dict(killed)}; {submitted} submissions, {done} pictures done")
        took = drain(running, asked.drain)
        stop.set()
        for person in people:
            person.join(10)
        print(f"drained in {took:.0f} s; {told.unanswered} requests had no answer; refused: {told.refused}")
        found = count(running, told)
    sys.exit(any(found.values()))


def await_work(running: Rig) -> None:
    """The storm begins when people are at work."""
    until = time.monotonic() + START
    while not running.row(PROGRESS)[1]:
        _start_dead(running)
        if time.monotonic() > until:
            sys.exit(f"Nobody handed anything in within {START} s.")
        time.sleep(RESTART)


def storm(running: Rig, seconds: float) -> Counter[str]:
    """Kill one every two seconds; a third and two thirds of the way through, empty both Valkeys."""
    chance, killed = Random(5), Counter[str]()
    began = last = time.monotonic()
    flushes = [seconds / 3, seconds * 2 / 3]
    while (now := time.monotonic()) - began < seconds:
        if flushes and now - began > flushes[0]:
            flushes.pop(0)
            running.flush()
            killed["both Valkeys emptied"] += 1
        if now - last >= EVERY:
            last = now
            victim = chance.choice([one for one in running.programs if one.is_alive and one.name != "scheduler"])
            os.kill(victim.pid or 0, signal.SIGKILL)
            killed[victim.name] += 1
        _start_dead(running)
        time.sleep(RESTART)
    return killed


def drain(running: Rig, seconds: float) -> float:
    """Wait until no unit is open; gives how long it took."""
    began = shown = time.monotonic()
    while running.row(PROGRESS)[2] and time.monotonic() - began < seconds:
        _start_dead(running)
        if time.monotonic() - shown > 30:
            shown = time.monotonic()
            print("  {} pictures done, {} submissions, {} units open".format(*running.row(PROGRESS)), flush=True)
        time.sleep(RESTART)
    return time.monotonic() - began


def count(running: Rig, told: Told) -> dict[str, int]:
    """Print each figure with its SQL."""
    values = {name: json.dumps(getattr(told, name)) for name in ("submitted", "judged", "shapes")}
    found: dict[str, int] = {}
    for name, sql in COUNTS.items():
        (found[name],) = running.row(sql, values if sql is MISSING else None)
        print(f"\n{name}: {found[name]}\n{sql.strip()}")
    print(f"\nacknowledged: {len(told.submitted)} submissions, {len(told.judged)} verdicts")
    return found


def _start_dead(running: Rig) -> None:
    for one in running.programs:
        if not one.is_alive:
            one.start()


@contextmanager
def rig(tasks: int) -> Iterator[Rig]:
    """Servers and all processes in a folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tessera-storm-"))
    folder.chmod(0o755)  # where PostgreSQL must run as another user, it has to pass through
    home = Home(folder / "var")
    servers = Servers(home, {})
    started: list[Any] = []
    try:
        for server in servers.own:
            started.append(server)
            server.start()
        at = servers.addresses()
        shared = programs.environment(os.environ, home=home, at=at, key=secrets.token_hex(32), mode="start")
        as_worker = {**shared, "DATABASE_URL": at.worker, "DATABASE_OWNER_URL": at.owner}
        _run("manage.py", "migrate", "--database", "owner", "-v0", env=as_worker)
        _run("manage.py", "collectstatic", "--noinput", "-v0", env=as_worker)
        seed = json.loads(_run("-m", "bench.kill_line", str(tasks), env={**shared, "DATABASE_URL": at.web}))
        ports = [free_port() for _ in range(WEBS)]
        webs = [programs.web(shared, at=at, home=home, port=port, mode="start") for port in ports]
        all_programs = [*webs, *programs.workers(shared, at=at, home=home)]
        for program in all_programs:
            started.append(program)
            program.start()
        yield Rig(at, servers.admin_url, all_programs, ports, seed)
    finally:
        for service in reversed(started):
            service.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str, env: dict[str, str]) -> bytes:
    return subprocess.run([sys.executable, *command], env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    main(sys.argv[1:])
