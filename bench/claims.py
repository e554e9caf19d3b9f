"""Claims and submissions a second, over HTTP with everything on, beside the engine's SQL alone on the same database.

A web process as `make start` runs it, on a PostgreSQL that keeps its promises (fsync on). CPU is what web and database
used; the load generator shares the machine and is not counted.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.request import urlopen

import psutil
import psycopg

from bench import http_load
from bench.http_load import Load
from config.supervisor.ports import free_port
from config.supervisor.postgres import Postgres
from config.supervisor.programs import ROOT
from config.supervisor.provision import LOGIN_ROLES, provision, url_for
from config.supervisor.service import Program
from config.supervisor.valkey import Valkey

DATABASE = "tessera"
PASSWORDS = {role: secrets.token_hex(16) for role in LOGIN_ROLES}
PAIRS = {1: 600, 8: 1500, 32: 1500}
WARM_UP = 100
CLAIM = "SELECT c::text FROM app.claim(%s, %s, %s, 'annotator', %s, %s, NULL, 1, 20, 'bench') c"
SUBMIT = "SELECT app.hand_in(%s, %s, %s, %s, %s, 0, %s, %s, '[]', '{}', 'bench')"


@dataclass(frozen=True)
class Rig:
    """What runs: the port of the web process, its pid, the database's pid, its address as the web's role and as
    superuser, and what was seeded."""

    port: int
    web: int
    database: int
    url: str
    admin: str
    seed: dict[str, Any]


def main() -> None:
    """Print one line for each number of clients and each way."""
    with rig() as (running,):
        over_http(running, clients=8, pairs=WARM_UP)
        head("10,000 tasks")
        for clients, pairs in PAIRS.items():
            report(running, "HTTP", clients, lambda c=clients, n=pairs: over_http(running, clients=c, pairs=n))
            report(running, "SQL alone", clients, lambda c=clients, n=pairs: in_sql(running, clients=c, pairs=n))
        keyed = lambda: over_http(running, clients=8, pairs=800, keys=True)  # noqa: E731
        report(running, "HTTP, idempotency keys", 8, keyed)


def head(title: str) -> None:
    """Print the columns of a table."""
    print(f"{title}; 5 shapes a submission; CPU is of web and database, ms a pair; others: cores used by others")
    print(f"{'way':>22} {'clients':>7} {'pairs/s':>8} {'CPU':>6} {'web':>6} {'db':>6}"
          f" {'claim p50':>9} {'p95':>7} {'submit p50':>10} {'p95':>7} {'others':>6}", flush=True)  # fmt: skip


def report(running: Rig, way: str, clients: int, measure: Callable[[], Load]) -> None:
    """Measure, and print a line."""
    before = _cpu(running.web), _cpu(running.database), _cpu_of_machine(), _cpu(os.getpid())
    load = measure()
    time.sleep(0.5)  # sessions that ended are counted once the server has buried them
    web, database, machine, own = (
        after - start
        for after, start in zip(
            (_cpu(running.web), _cpu(running.database), _cpu_of_machine(), _cpu(os.getpid())), before, strict=True
        )
    )
    per_pair = 1000 / load.pairs
    others = max(0.0, machine - web - database - own) / load.seconds
    print(
        f"{way:>22} {clients:>7} {load.pairs / load.seconds:>8.0f} {(web + database) * per_pair:>6.2f}"
        f" {web * per_pair:>6.2f} {database * per_pair:>6.2f}"
        f" {median(load.claim_ms):>9.1f} {quantiles(load.claim_ms, n=20)[-1]:>7.1f}"
        f" {median(load.submit_ms):>10.1f} {quantiles(load.submit_ms, n=20)[-1]:>7.1f} {others:>6.2f}",
        flush=True,
    )


def over_http(running: Rig, *, clients: int, pairs: int, keys: bool = False) -> Load:
    """The product as clients meet it."""
    return http_load.run(running.port, running.seed, clients=clients, pairs=pairs, keys=keys)


def in_sql(running: Rig, *, clients: int, pairs: int) -> Load:
    """The same functions, called on a connection each, as the web's role."""
    load, left = Load(), iter(range(pairs))
    lock = threading.Lock()
    labels = running.seed["labels"]
    with_ids = [{**shape, "label_id": labels[shape["label"]]} for shape in http_load.shapes()]

    def person(user: str) -> None:
        with psycopg.connect(running.url, autocommit=True, options="-c search_path=public,app") as connection:
            while True:
                with lock:
                    if next(left, None) is None:
                        return
                claim_ms, submit_ms = _pair(connection, running.seed, user, with_ids)
                load.claim_ms.append(claim_ms)
                load.submit_ms.append(submit_ms)

    threads = [threading.Thread(target=person, args=[user]) for user in running.seed["people"][:clients]]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds, load.pairs = time.perf_counter() - started, len(load.claim_ms)
    return load


def _pair(
    connection: psycopg.Connection, seed: dict[str, Any], user: str, drawn: list[dict[str, Any]]
) -> tuple[float, float]:
    who = [seed["org_id"], [seed["project"]], user]
    before = time.perf_counter()
    ((frame,),) = connection.execute(CLAIM, [*who, seed["project"], seed["stage"]]).fetchall()
    claimed = time.perf_counter()
    task = json.loads(frame)
    document = json.dumps({"shapes": [_row(shape) for shape in drawn]})
    sent = time.perf_counter()
    connection.execute(SUBMIT, [*who, task["id"], task["token"], document, b"bench"])
    return (claimed - before) * 1000, (time.perf_counter() - sent) * 1000


def _row(shape: dict[str, Any]) -> dict[str, Any]:
    geometry = {name: shape[name] for name in ("x", "y", "width", "height", "parts") if name in shape}
    bounds = {"x1": 0, "y1": 0, "x2": 1, "y2": 1, "area": 1}
    common = {"id": secrets.token_hex(16), "type": shape["type"], "label": shape["label"], "attributes": {}}
    return {**common, **bounds, "label_id": shape["label_id"], "geometry": geometry, "source": {"kind": "human"}}


def measured(running: Rig, measure: Callable[[], Load]) -> tuple[float, Load]:
    """Seconds of CPU of web and database, and the load."""
    before = _cpu(running.web) + _cpu(running.database)
    load = measure()
    time.sleep(0.5)  # as above
    return _cpu(running.web) + _cpu(running.database) - before, load


@contextmanager
def rig(databases: Sequence[str] = (DATABASE,)) -> Iterator[list[Rig]]:
    """Servers, and a web process for each database that is seeded alike, in a folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tessera-bench-"))
    folder.chmod(0o755)  # where PostgreSQL must run as another user, it has to pass through
    postgres = Postgres(folder / "postgres", password=secrets.token_hex(16))
    cache = Valkey(folder / "cache", password=secrets.token_hex(16), name="cache", appendonly=False)
    started: list[Any] = []
    try:
        for server in (postgres, cache):
            started.append(server)
            server.start()
        rigs = []
        for name in databases:
            rigs.append(_serve(name, folder, postgres, cache, started))
        yield rigs
    finally:
        for service in reversed(started):
            service.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _serve(name: str, folder: Path, postgres: Postgres, cache: Valkey, started: list[Any]) -> Rig:
    urls = _provision(postgres, name)
    env = _environment(folder, urls, cache.url)
    subprocess.run([sys.executable, "manage.py", "migrate", "--database", "owner", "-v0"], env=env, check=True)
    seeded = subprocess.run([sys.executable, "-m", "bench.line"], env=env, check=True, stdout=subprocess.PIPE)
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port), "--no-access-log"]
    web = Program(f"web-{name}", command, env=env, folder=ROOT, log=folder / f"web-{name}.log")
    started.append(web)
    web.start()
    _wait_for(port)
    admin = url_for(postgres.url, database=name)
    with psycopg.connect(admin, autocommit=True) as connection:
        # Only what is full: a table that was vacuumed empty is planned as empty until it is analysed again.
        connection.execute("VACUUM ANALYZE task, unit, item")
    return Rig(port, web.pid or 0, postgres.pid or 0, urls["app_web"], admin, json.loads(seeded.stdout))


def _provision(postgres: Postgres, database: str) -> dict[str, str]:
    provision(postgres.url, database=database, passwords=PASSWORDS)
    return {
        role: url_for(postgres.url, user=role, password=password, database=database)
        for role, password in PASSWORDS.items()
    }


def _environment(folder: Path, urls: dict[str, str], cache: str) -> dict[str, str]:
    return os.environ | {
        "TESSERA_VAR": str(folder),
        "DATABASE_URL": urls["app_web"],
        "DATABASE_OWNER_URL": urls["app_migrate"],
        "REDIS_URL": cache,
        "REDIS_CACHE_URL": cache,
        "STORAGE_URL": (folder / "storage").as_uri(),
        "SECRET_KEY": secrets.token_hex(32),
        "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    }


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()  # noqa: S310 - our own port
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _cpu(pid: int) -> float:
    """Seconds that a process and its children used, those that have ended included."""
    process = psutil.Process(pid)
    own = process.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def _cpu_of_machine() -> float:
    times = psutil.cpu_times()
    return times.user + times.system + times.nice + times.softirq


if __name__ == "__main__":
    main()
