"""Claims and submissions on 10,000, 1,000,000 and 5,000,000 ready tasks of 50 organizations, by HTTP and in SQL alone.

Two databases on one server, a web process each: the small one has 10,000 tasks, the large one grows, and both are asked
in turns. `python -m bench scale`; BENCH_TASKS=100000 for a quick look at one size. CPU is of the web process that is
asked and of the database; the load generator shares the machine and is not counted.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median, quantiles
from typing import Any

import psycopg

from bench import claims
from bench.claims import Rig, in_sql, over_http, report

SIZES = [int(size) for size in os.environ.get("BENCH_TASKS", "1000000,5000000").split(",")]
ORGANIZATIONS = 50
TURNS, EACH = 6, 300
RATIO = 1.1
CHUNK = 10_000
# A run of its own for each chunk, since a run has an item once; the others' rows belong to nobody and are never read.
GROW = """
WITH source AS (SELECT * FROM task WHERE org_id = %(owner)s AND state = 'ready' ORDER BY id LIMIT 1),
run AS (
  INSERT INTO pipeline_run (id, org_id, project_id, pipeline_version_id, recipe_version_id, dataset_id, state, priority,
                            due_at, units_made, moved_to, started_at)
  SELECT gen_random_uuid(), %(to)s, r.project_id, r.pipeline_version_id, r.recipe_version_id, r.dataset_id, %(run)s,
         200, r.due_at, %(rows)s, '{}', now()
  FROM pipeline_run r JOIN source s ON r.id = s.pipeline_run_id RETURNING id),
made AS MATERIALIZED (
  SELECT gen_random_uuid() AS unit, gen_random_uuid() AS task, i.id AS item
  FROM (SELECT id FROM item WHERE org_id = %(owner)s ORDER BY id LIMIT %(rows)s) i),
units AS (
  INSERT INTO unit (id, org_id, project_id, pipeline_run_id, item_id, kind, open_children, open_slots, workers,
                    worker_orgs, state)
  SELECT made.unit, %(to)s, s.project_id, run.id, made.item, 'item', 0, 0, '{}', '{}', 'open'
  FROM made CROSS JOIN source s CROSS JOIN run)
INSERT INTO task (id, org_id, project_id, pipeline_run_id, stage_id, unit_id, kind, round, slot, state, arm, priority,
                  due_at, preferred_until, postponed, note, skipped_by, skip_reason, attempt, error_code, created_at,
                  holder, worker_org_id, lease_token, lease_until, claimed_at, ended_at)
SELECT made.task, %(to)s, s.project_id, run.id, s.stage_id, made.unit, 'human', 1, 1, %(state)s, s.arm, 200,
       s.due_at, s.preferred_until, false, '', '{}', '', 0, '', now(), %(holder)s::uuid, %(worker)s::uuid,
       CASE WHEN %(state)s = 'leased' THEN gen_random_uuid() END,
       CASE WHEN %(state)s = 'leased' THEN now() + interval '4 hours' END,
       CASE WHEN %(holder)s IS NOT NULL THEN now() END, CASE WHEN %(state)s = 'submitted' THEN now() END
FROM made CROSS JOIN source s CROSS JOIN run
"""


def main() -> None:
    """Print a line for each size, number of clients and way; then the ratios beside their goals."""
    with claims.rig(databases=("small", "large")) as (small, large):
        over_http(small, clients=8, pairs=claims.WARM_UP)
        over_http(large, clients=8, pairs=claims.WARM_UP)
        claims.head("10,000 tasks of one organization")
        table(small)
        grown = 10_000
        for size in SIZES:
            began = time.perf_counter()
            grow(large, size - grown, organizations=ORGANIZATIONS)
            grown = size
            settle(large)
            claims.head(
                f"{size:,} tasks of {ORGANIZATIONS} organizations (made in {time.perf_counter() - began:.0f} s)"
            )
            table(large)
        compare("flat", small, large)
        of_owner = grown // ORGANIZATIONS
        grow(large, 19 * of_owner, state="leased", holder=large.seed["people"][-1])
        settle(large)
        compare("95 % leased by others", small, large)
        for person in large.seed["people"][:4]:
            grow(large, 20_000, state="submitted", holder=person)
        settle(large)
        compare("20,000 own submissions", small, large, people=4)
        with run_being_made(large):
            claims.head("while a run over 1,000,000 items is being made (goal: claim p95 ≤ 40 ms)")
            report(large, "HTTP", 8, lambda: over_http(large, clients=8, pairs=1500))


def table(rig: Rig) -> None:
    """One size by both ways."""
    for clients, pairs in claims.PAIRS.items():
        report(rig, "HTTP", clients, partial(over_http, rig, clients=clients, pairs=pairs, keys=True))
        report(rig, "SQL alone", clients, partial(in_sql, rig, clients=clients, pairs=pairs))


def compare(what: str, small: Rig, large: Rig, *, people: int = 8) -> None:
    """In turns, so that a slow minute of the machine falls on both."""
    cpu: dict[str, list[float]] = {"small": [], "large": []}
    claim: dict[str, list[float]] = {"small": [], "large": []}
    for _ in range(TURNS):
        for name, rig in (("small", small), ("large", large)):
            spent, load = claims.measured(rig, partial(over_http, rig, clients=people, pairs=EACH, keys=True))
            cpu[name].append(1000 * spent / load.pairs)
            claim[name] += load.claim_ms
    ratio = median(cpu["large"]) / median(cpu["small"])
    print(
        f"{what}: CPU {median(cpu['small']):.2f} -> {median(cpu['large']):.2f} ms a pair, {ratio:.2f} x"
        f" (goal ≤ {RATIO}; {TURNS} turns of {EACH}); claim p50 {median(claim['small']):.1f} ->"
        f" {median(claim['large']):.1f}, p95 {quantiles(claim['small'], n=20)[-1]:.1f} ->"
        f" {quantiles(claim['large'], n=20)[-1]:.1f} ms",
        flush=True,
    )


def grow(rig: Rig, rows: int, *, organizations: int = 1, state: str = "ready", holder: str | None = None) -> None:
    """More tasks at the line's stage, shared by the line's organization and others that have nothing else."""
    with psycopg.connect(rig.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")  # rows of others refer to nothing
        ids = admin.execute("SELECT gen_random_uuid() FROM generate_series(2, %s)", [organizations])
        for owner in (rig.seed["owner"], *(row[0] for row in ids.fetchall())):
            for done in range(0, rows // organizations, CHUNK):
                part = min(CHUNK, rows // organizations - done)
                add(
                    admin,
                    rig,
                    part,
                    to=owner,
                    state=state,
                    holder=holder,
                    run="running" if state == "ready" else "done",
                )


def add(admin: Any, rig: Rig, rows: int, *, to: str, state: str, holder: str | None, run: str) -> None:
    """One chunk, with a run in this state."""
    values = {"owner": rig.seed["owner"], "to": to, "state": state, "holder": holder, "rows": rows, "run": run}
    admin.execute(GROW.encode(), values | {"worker": rig.seed["org_id"] if holder else None})


def settle(rig: Rig) -> None:
    """As autovacuum would have it by and by."""
    with psycopg.connect(rig.admin, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE task, unit")
        admin.execute("CHECKPOINT")


@contextmanager
def run_being_made(rig: Rig) -> Iterator[None]:
    """Units and tasks of another run in chunks of 2,000 with a pause as long as each, as `fill_run` makes them."""
    stop = threading.Event()

    def fill() -> None:
        with psycopg.connect(rig.admin, autocommit=True) as admin:
            while not stop.is_set():
                began = time.perf_counter()
                add(admin, rig, 2000, to=rig.seed["owner"], state="ready", holder=None, run="filling")
                stop.wait(time.perf_counter() - began)

    filling = threading.Thread(target=fill)
    filling.start()
    try:
        yield
    finally:
        stop.set()
        filling.join()


if __name__ == "__main__":
    main()
