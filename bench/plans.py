"""The plans of a claim at 5,000,000 ready tasks of 50 organizations, as the claim itself runs them, held to goals.

`python -m bench plans`; BENCH_TASKS=100000 for a quick look. The server explains every statement inside `app.claim`
(auto_explain); the one that takes from the queue is printed and judged.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import psycopg

from bench import claims
from bench.claims import Rig
from bench.scale import ORGANIZATIONS, grow, settle

TASKS = int(os.environ.get("BENCH_TASKS", "5000000"))
LEASED, OWN = 10_000, 5_000
AT_ONCE, TURNS = 500, 7
MOST_REMOVED, MOST_BUFFERS, LONGEST_MS = 50, 60, 15.0
CLAIM = "SELECT count(*) FROM app.claim(%s, %s, %s, %s, %s, %s, NULL, %s, 1000000, 'bench')"
EXPLAIN = """
LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on;
SET auto_explain.log_buffers = on; SET auto_explain.log_nested_statements = on; SET auto_explain.log_format = json;
SET auto_explain.log_timing = off; SET client_min_messages = log
"""
# Reviews of what one person has labelled, more urgent than all else, and behind them one of another's work.
REVIEWS = """
INSERT INTO task (id, org_id, project_id, pipeline_run_id, stage_id, unit_id, kind, round, slot, state, arm, priority,
                  due_at, preferred_until, postponed, note, skipped_by, skip_reason, attempt, error_code, created_at,
                  reviews_id)
SELECT gen_random_uuid(), org_id, project_id, (SELECT id FROM pipeline_run r WHERE r.org_id = t.org_id
         AND r.project_id = t.project_id AND r.state = 'running' LIMIT 1), %(review)s, unit_id, 'human', 1, 1, 'ready',
       arm, %(priority)s, due_at, preferred_until, false, '', '{}', '', 0, '', now(), id
FROM task t WHERE org_id = %(owner)s AND holder = %(holder)s AND state = 'submitted' LIMIT %(most)s
"""


@dataclass(frozen=True)
class Scan:
    """What the taking from a queue did; `ms` is of the whole claim, unexplained, the median of some."""

    nodes: list[str]
    indexes: list[str]
    removed: int
    buffers: int
    ms: float
    plan: dict[str, Any]


def main() -> None:
    """Print each plan with its figures and say whether the goals hold; ends with 1 where one does not."""
    with claims.rig() as (rig,):
        grow(rig, TASKS - 10_000, organizations=ORGANIZATIONS)
        settle(rig)
        me, other = rig.seed["people"][0], rig.seed["people"][1]
        print(f"{TASKS:,} ready tasks of {ORGANIZATIONS} organizations", flush=True)
        held = judge("at the head of the queue", claimed(rig, me, "annotator", rig.seed["stage"]))
        with psycopg.connect(rig.url, autocommit=True, options="-c search_path=public,app") as connection:
            for _ in range(LEASED // AT_ONCE):
                connection.execute(CLAIM, [*_who(rig, other, "annotator", rig.seed["stage"]), AT_ONCE])
        # What was leased leaves entries behind that are stepped over, page by page, until a vacuum has been there.
        judge(f"behind {LEASED:,} just leased, not judged", claimed(rig, me, "annotator", rig.seed["stage"]))
        settle(rig)
        held &= judge(f"behind {LEASED:,} leased ones", claimed(rig, me, "annotator", rig.seed["stage"]))
        held &= judge(
            f"behind {OWN:,} of one's own work", claimed(rig, me, "reviewer", review_own(rig, me, other)), own=OWN
        )
    sys.exit(0 if held else 1)


def review_own(rig: Rig, me: str, other: str) -> str:
    """Gives the review stage."""
    for person, number in ((me, OWN), (other, 4 * TURNS)):
        grow(rig, number, state="submitted", holder=person)
    with psycopg.connect(rig.admin, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        values = {"owner": rig.seed["owner"], "stage": rig.seed["stage"]}
        ((review,),) = admin.execute("SELECT next_id FROM stage WHERE org_id = %(owner)s AND id = %(stage)s", values)
        for person, priority in ((me, 1), (other, 2)):
            admin.execute(REVIEWS, values | {"review": review, "holder": person, "priority": priority, "most": OWN})
    settle(rig)
    return str(review)


def claimed(rig: Rig, person: str, role: str, stage: str) -> Scan:
    """One claim, as the web's role, after one that has warmed the session's plans."""
    told: list[str] = []
    with psycopg.connect(rig.admin, autocommit=True, options="-c search_path=public,app") as connection:
        connection.execute(EXPLAIN)
        connection.execute("SET ROLE app_web")
        connection.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        for _ in range(TURNS):  # the sixth may have a generic plan
            told.clear()
            connection.execute(CLAIM, [*_who(rig, person, role, stage), 1])
    took = []
    with psycopg.connect(rig.url, autocommit=True, options="-c search_path=public,app") as connection:
        for _ in range(TURNS):
            began = time.perf_counter()
            connection.execute(CLAIM, [*_who(rig, person, role, stage), 1])
            took.append(1000 * (time.perf_counter() - began))
    plans = [json.loads(text[text.index("{") :]) for text in told if "plan:" in text]
    taking = [plan for plan in plans if "SKIP LOCKED" in plan["Query Text"] and "task_ready" in json.dumps(plan)]
    return _scan(max(taking, key=lambda plan: plan["Plan"]["Shared Hit Blocks"])["Plan"], median(took))


def judge(where: str, scan: Scan, *, own: int = 0) -> bool:
    """Print what was seen; whether it is as it should be. Own work is walked over, each piece of it."""
    wanted = {
        "one index scan on task_ready": scan.indexes.count("task_ready") == 1,
        "no sort, no sequential or bitmap scan": not {"Sort", "Seq Scan", "Bitmap Heap Scan"} & set(scan.nodes),
    }
    if own:
        wanted[f"≤ {LONGEST_MS:g} ms"] = scan.ms <= LONGEST_MS
    else:
        wanted[f"≤ {MOST_REMOVED} rows removed by filter"] = scan.removed <= MOST_REMOVED
        wanted[f"≤ {MOST_BUFFERS} buffers"] = scan.buffers <= MOST_BUFFERS
    print(f"\n{where}: {scan.ms:.2f} ms, {scan.buffers} buffers, {scan.removed} rows removed by filter")
    print("\n".join(f"  {'holds' if is_so else 'FAILS'}: {what}" for what, is_so in wanted.items()))
    print("\n".join(_drawn(scan.plan)), flush=True)
    return all(wanted.values())


def _who(rig: Rig, person: str, role: str, stage: str) -> list[Any]:
    return [rig.seed["org_id"], [rig.seed["project"]], person, role, rig.seed["project"], stage]


def _scan(plan: dict[str, Any], ms: float) -> Scan:
    nodes = list(_nodes(plan))
    on_queue = [node for node in nodes if node.get("Index Name") == "task_ready"]
    return Scan(
        nodes=[node["Node Type"] for node in nodes],
        indexes=[node["Index Name"] for node in nodes if "Index Name" in node],
        removed=sum(node.get("Rows Removed by Filter", 0) for node in on_queue),
        buffers=plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        ms=ms,
        plan=plan,
    )


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _drawn(plan: dict[str, Any], depth: int = 1) -> Iterator[str]:
    on = f" on {plan['Index Name']}" if "Index Name" in plan else ""
    name = f" ({plan['Subplan Name']})" if "Subplan Name" in plan else ""
    removed = f", {plan['Rows Removed by Filter']} removed" if plan.get("Rows Removed by Filter") else ""
    buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    if not plan["Actual Loops"] or "InitPlan" in name and not buffers:
        return  # what was not run, and what was a constant
    yield f"{'  ' * depth}{plan['Node Type']}{on}{name}: {plan['Actual Rows']:g} rows x {plan['Actual Loops']:g}" + (
        f", {buffers} buffers{removed}"
    )
    for part in plan.get("Plans", ()):
        yield from _drawn(part, depth + 1)
