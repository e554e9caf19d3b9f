"""The dashboards at ten million activity events: each page as a person gets it, and what one fold of news costs.

Pages are asked through Django's own client in this process, as the web's role with row-level security on: middleware,
queries and template, without the network. `python -m bench dashboards`; BENCH_EVENTS=100000 for a quick look.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import quantiles
from typing import Any

import psycopg

from bench import activity
from bench.claims import _cpu as cpu_of
from bench.world import servers
from config.supervisor.provision import url_for
from tests import cluster

EVENTS = int(os.environ.get("BENCH_EVENTS", "10000000"))
TASKS, HELD = 5_000, 60
ROUNDS, WARM_UP, GOAL_MS = 60, 3, 300
FOLDS = 5

PAGES = (
    ("max", "performance, 14 days", "projects/{project}/performance/?days=14"),
    ("max", "performance, 90 days", "projects/{project}/performance/?days=90"),
    ("noor", "performance, 90 days, owner", "projects/{project}/performance/?days=90"),
    ("noor", "by stage, 90 days", "projects/{project}/performance/?days=90&group=stage"),
    ("noor", "by class, 90 days", "projects/{project}/performance/?days=90&group=class"),
    ("noor", "by day, 90 days", "projects/{project}/performance/?days=90&group=day"),
    ("noor", "work status", "projects/{project}/performance/run/"),
    ("noor", "suggestions' worth, 90 days", "projects/{project}/performance/suggestions/?days=90"),
    ("p0", "my figures, 90 days", "me/?days=90"),
    ("max", "team board", "team/"),
    ("noor", "quality", "projects/{project}/quality/"),
    ("noor", "quality, 90 days", "projects/{project}/quality/?days=90"),
    ("noor", "quality of the organization", "quality/"),
)


def main() -> None:
    """Print one line for each page, then the folds'."""
    with servers("app_web"):
        subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], check=True)
        world, people, values = make_world()
        began = time.perf_counter()
        with as_admin() as admin:
            number = activity.load(admin, values, EVENTS)
        print(f"{number:,} events of {activity.DAYS} days, made in {time.perf_counter() - began:.0f} s", flush=True)
        recount_some(world)
        print(f"{'page':<30} {'p50':>7} {'p95':>7} {'CPU':>7} {'queries':>8}  ms, {ROUNDS} times; goal p95 {GOAL_MS}")
        missed = [title for who, title, path in PAGES if not report(world, people[who], title, path)]
        folds(world)
        print(f"missed: {', '.join(missed)}" if missed else f"all pages within {GOAL_MS} ms at p95")


def make_world() -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Ninety-six people of a vendor, a line with some thousand open tasks, and what the statements need to know."""
    from apps.core.ids import new_id  # noqa: PLC0415 - after `servers` has set Django up, as all below
    from apps.core.roles import Role  # noqa: PLC0415
    from apps.core.tenancy import owner_context, tenant_tx  # noqa: PLC0415
    from apps.recipes.models import Label  # noqa: PLC0415
    from tests.distribution.line import make_line  # noqa: PLC0415
    from tests.people import make_member, make_world  # noqa: PLC0415

    world = make_world()
    line = make_line(world)
    shared = frozenset({world.project.id})
    made = [
        make_member(world.meadow, f"p{n}", Role.ANNOTATOR if n < activity.LABELLERS else Role.REVIEWER, projects=shared)
        for n in range(activity.LABELLERS + activity.REVIEWERS)
    ]
    with tenant_tx(owner_context(world.parking.id)):
        recipe = line.recipe.recipe
        for n in range(activity.CLASSES - 2):
            Label.objects.create(org_id=world.parking.id, project=world.project, recipe=recipe, name=f"class {n}")
        labels = list(Label.objects.values_list("pk", flat=True))
    _tasks(world, line, [one.id for one in made])
    values = {
        "org": world.parking.id,
        "worker": world.meadow.id,
        "project": world.project.id,
        "label": line.label.pk,
        "review": line.review.pk,
        "run": line.run.pk,
        "version": new_id(),
        "people": [one.id for one in made],
        "labels": labels,
    }
    return world, world.members | {"p0": made[0]}, values


def _tasks(world: Any, line: Any, people: list[Any]) -> None:
    """Open tasks, some of them held."""
    from django.utils import timezone  # noqa: PLC0415

    from apps.core.tenancy import owner_context, tenant_tx  # noqa: PLC0415
    from apps.distribution.models import PipelineRun, RunState, Task  # noqa: PLC0415
    from apps.distribution.services.runs import fill_run  # noqa: PLC0415
    from apps.projects.models import Item  # noqa: PLC0415

    owner = {"org_id": world.parking.id, "project": world.project, "dataset": world.dataset}
    common = {"media_type": "image/jpeg", "sha256": "0" * 64, "bytes": 1, "width": 900, "height": 700}
    context = owner_context(world.parking.id)
    with tenant_tx(context):
        Item.objects.bulk_create(Item(**owner, **common, name=f"{number}.jpg") for number in range(TASKS))
        PipelineRun.objects.update(state=RunState.FILLING)
    fill_run(context=context, run_id=line.run.pk, progress=lambda done: None)
    now = timezone.now()
    with tenant_tx(context):
        for person, task in zip(people, Task.objects.filter(state="ready").order_by("id")[:HELD], strict=False):
            Task.objects.filter(pk=task.pk).update(
                state="leased", holder=person, worker_org_id=world.meadow.id, lease_token=task.pk,
                claimed_at=now - timedelta(minutes=3), lease_until=now + timedelta(hours=3), attempt=1,
            )  # fmt: skip


def recount_some(world: Any) -> None:
    """The last days by the product's own recount."""
    from django.db import connection  # noqa: PLC0415

    from apps.core.tenancy import owner_context, tenant_tx  # noqa: PLC0415
    from apps.performance.services import folding  # noqa: PLC0415

    began = time.perf_counter()
    with tenant_tx(owner_context(world.parking.id)) as context, connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT actor_id, (at AT TIME ZONE 'UTC')::date FROM activity_event"
            " WHERE org_id = %s AND at >= current_date - %s::integer AND kind = 'task.claimed'",
            [context.org_id, activity.RECOUNTED_DAYS - 1],
        )
        days = cursor.fetchall()
        for person, day in days:
            folding.recount(_person_day(context.org_id, person, day))
    took = (time.perf_counter() - began) * 1000
    print(f"{len(days)} days of people recounted from events, {took / max(1, len(days)):.0f} ms each", flush=True)


def _person_day(org_id: Any, person: Any, day: Any) -> Any:
    from datetime import UTC, datetime  # noqa: PLC0415

    from apps.review.services.tallies import PersonDay  # noqa: PLC0415

    starts = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return PersonDay(org_id, person, day, starts, starts + timedelta(days=1))


def report(world: Any, member: Any, title: str, path: str) -> bool:
    """One page."""
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    client = Client(headers={"Host": "localhost"})
    client.force_login(member.user)
    address = f"/o/{member.context.org_slug}/{path.format(project=world.project.id)}"

    def ask() -> None:
        answer = client.get(address, secure=True)
        assert answer.status_code == 200, (address, answer.status_code)  # noqa: S101 - a bench of errors is none

    for _ in range(WARM_UP):
        ask()
    asked: list[tuple[float, str]] = []
    with connection.execute_wrapper(lambda execute, sql, *rest: _noted(asked, sql, lambda: execute(sql, *rest))):
        ask()
    before = cpu()
    took = timed(ask, ROUNDS)
    busy = (cpu() - before) * 1000 / ROUNDS
    p50, p95 = (quantiles(took, n=20)[place] for place in (9, 18))
    print(f"{title:<30} {p50:>7.0f} {p95:>7.0f} {busy:>7.0f} {len(asked):>8}", flush=True)
    if os.environ.get("BENCH_QUERIES"):
        for seconds, sql in sorted(asked, reverse=True)[:3]:
            print(f"    {seconds * 1000:.0f} ms: {' '.join(sql.split())[:120]}", flush=True)
    return p95 <= GOAL_MS


def _noted(asked: list[tuple[float, str]], sql: str, act: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    try:
        return act()
    finally:
        asked.append((time.perf_counter() - began, sql))


def cpu() -> float:
    """Seconds that this process and the database have worked so far: what is left where others share the machine."""
    return time.process_time() + cpu_of(cluster._running[0].pid or 0)


def folds(world: Any) -> None:
    """What the scheduler does every ten seconds, with news of nobody, of one and of thirty people."""
    from django.db import connection  # noqa: PLC0415

    from apps.core.tenancy import owner_context, tenant_tx  # noqa: PLC0415
    from apps.performance.models import FigureMark  # noqa: PLC0415
    from apps.performance.services.folding import fold  # noqa: PLC0415

    def once() -> None:
        with tenant_tx(owner_context(world.parking.id)):
            fold()

    with tenant_tx(owner_context(world.parking.id)) as context:
        FigureMark.objects.get_or_create(org_id=context.org_id)
    for number in (0, 1, 30):
        took = []
        for _ in range(FOLDS):
            with tenant_tx(owner_context(world.parking.id)) as context, connection.cursor() as cursor:
                cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
                FigureMark.objects.filter(org_id=context.org_id).update(xact=cursor.fetchone()[0])
            with as_admin() as admin:
                admin.execute(NEWS, {"org": world.parking.id, "number": number})
            took += timed(once, 1)
        print(f"fold with news of {number:>2} people      {quantiles(took, n=20)[9]:>7.0f} ms", flush=True)


NEWS = """
INSERT INTO activity_event (org_id, worker_org_id, project_id, stage_id, task_id, unit_id, actor_id, kind, at, payload,
                            schema)
SELECT org_id, worker_org_id, project_id, stage_id, task_id, unit_id, actor_id, 'pulse.work', at + interval '1 s',
       payload, 1
FROM (SELECT DISTINCT ON (actor_id) * FROM activity_event
      WHERE org_id = %(org)s AND at >= current_date AND kind = 'pulse.work' ORDER BY actor_id, at DESC) last
LIMIT %(number)s
"""


def timed(act: Callable[[], None], rounds: int) -> list[float]:
    """Milliseconds of each."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return took


def as_admin() -> psycopg.Connection:
    """The administrator, for what no role of the product may."""
    return psycopg.connect(url_for(os.environ["DATABASE_ADMIN_URL"], database=cluster.DATABASE), autocommit=True)


if __name__ == "__main__":
    main()
