"""What row-level security costs: claims and lists with it and without, in turns, on 200,000 tasks of 50 organizations.

Pages and API are asked through Django's own client in this process, as the web's role; the application's own filters
stay on in both. `python -m bench walls`; the plans of the claim go to var/plans/. BENCH_TASKS=20000 for a quick look.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import psycopg

from bench.world import servers
from config.supervisor.programs import ROOT
from config.supervisor.provision import url_for
from tests import cluster

TASKS = int(os.environ.get("BENCH_TASKS", "200000"))
ORGANIZATIONS = 50
TURNS, EACH, GOAL = 6, 20, 1.3
PLANS = ROOT / "var" / "plans"
SWITCHES = {"with": ("ENABLE", "FORCE"), "without": ("DISABLE", "NO FORCE")}
ASKED = (
    ("claim over HTTP", "POST", "/api/v1/orgs/{org}/projects/{project}/claims", 201),
    ("my work", "GET", "/o/{org}/", 302),
    ("tasks, API", "GET", "/api/v1/orgs/{org}/tasks?limit=50", 200),
    ("items, API", "GET", "/api/v1/orgs/{org}/datasets/{dataset}/items?limit=50", 200),
    ("projects", "GET", "/o/{org}/projects/", 200),
    ("dataset", "GET", "/o/{org}/projects/{project}/dataset/{dataset}/", 200),
    ("project overview", "GET", "/o/{org}/projects/{project}/", 200),
    ("team board", "GET", "/o/{org}/team/", 200),
)


def main() -> None:
    """Print a line for each; the worst ratio at the end."""
    with servers("app_web"):
        subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], check=True)
        began = time.perf_counter()
        place, *_others = [make_place(number, with_people=not number) for number in range(ORGANIZATIONS)]
        with as_admin() as admin:
            for table in ("item", "unit", "task", "item_facet"):
                admin.execute(f"VACUUM ANALYZE {table}".encode())
        print(
            f"{TASKS:,} tasks of {ORGANIZATIONS} organizations, made in {time.perf_counter() - began:.0f} s", flush=True
        )
        print(f"{'ms, p50':<20} {'with':>7} {'without':>8} {'ratio':>6}   goal ≤ {GOAL}; {TURNS} turns of {EACH} each")
        ratios = [report(title, acts_of(place, method, path, wanted)) for title, method, path, wanted in ASKED]
        for switch in SWITCHES:
            secure(switch)
            keep_plan(switch, place)
        print(f"worst ratio {max(ratios):.2f}; plans of the claim in {PLANS.relative_to(ROOT)}/")


def make_place(number: int, *, with_people: bool) -> Any:
    """An organization with a project, a line and its share of the tasks, and a manager."""
    from apps.core.roles import Role  # noqa: PLC0415 - after `servers` has set Django up, as all below
    from apps.core.tenancy import owner_context, tenant_tx  # noqa: PLC0415
    from apps.distribution.models import PipelineRun, RunState  # noqa: PLC0415
    from apps.distribution.services.runs import fill_run  # noqa: PLC0415
    from apps.projects.models import Dataset, Item, Project  # noqa: PLC0415
    from tests.distribution.line import make_line  # noqa: PLC0415
    from tests.people import make_member, make_organization  # noqa: PLC0415

    organization = make_organization(f"org-{number}")
    context = owner_context(organization.id)
    with tenant_tx(context):
        project = Project.objects.create(org_id=organization.id, name="Lots")
        dataset = Dataset.objects.create(org_id=organization.id, project=project, name="Lots")
    place = SimpleNamespace(organization=organization, project=project, dataset=dataset)
    place.line = make_line(place)
    common = {"org_id": organization.id, "project": project, "dataset": dataset, "media_type": "image/jpeg"}
    common |= {"sha256": "0" * 64, "bytes": 1, "width": 900, "height": 700}
    with tenant_tx(context):
        Item.objects.bulk_create(Item(**common, name=f"lot-{n}.jpg") for n in range(TASKS // ORGANIZATIONS))
        PipelineRun.objects.update(state=RunState.FILLING)
    fill_run(context=context, run_id=place.line.run.pk, progress=lambda done: None)
    people = TURNS * 2 * EACH // 10 if with_people else 0
    place.people = [make_member(organization, f"m{one}", Role.MANAGER) for one in range(people)]
    return place


def acts_of(place: Any, method: str, path: str, wanted: int) -> Callable[[int], None]:
    """What is asked the nth time. Claims go round, so that nobody holds more than they may."""
    from django.test import Client  # noqa: PLC0415

    address = path.format(org=place.organization.slug, project=place.project.id, dataset=place.dataset.id)
    clients = []
    for person in place.people if method == "POST" else place.people[:1]:
        client = Client(headers={"Host": "localhost"})
        client.force_login(person.user)
        clients.append(client)

    def ask(number: int) -> None:
        client = clients[number % len(clients)]
        answer = client.generic(method, address, "{}", content_type="application/json", secure=True)
        assert answer.status_code == wanted, (address, answer.status_code, answer.content[:300])  # noqa: S101

    return ask


def report(title: str, ask: Callable[[int], None]) -> float:
    """In turns, so that what else the machine does falls on both alike."""
    took: dict[str, list[float]] = {switch: [] for switch in SWITCHES}
    number = 0
    for turn in range(TURNS):
        for switch in SWITCHES:
            secure(switch)
            for place in range(EACH + 2):
                began = time.perf_counter()
                ask(number)
                number += 1
                if place >= 2 and turn:  # plans and caches are warm then
                    took[switch].append((time.perf_counter() - began) * 1000)
    with_walls, without = median(took["with"]), median(took["without"])
    print(f"{title:<20} {with_walls:>7.1f} {without:>8.1f} {with_walls / without:>6.2f}", flush=True)
    return with_walls / without


def secure(switch: str) -> None:
    """Row-level security of all tables, on or off."""
    enable, force = SWITCHES[switch]
    with as_admin() as admin:
        tables = admin.execute(
            "SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)"
        ).fetchall()
        for (table,) in tables:
            admin.execute(f"ALTER TABLE {table} {enable} ROW LEVEL SECURITY, {force} ROW LEVEL SECURITY".encode())


def keep_plan(switch: str, place: Any) -> None:
    """The plan of the claim's own statement, with what it read, as PostgreSQL's auto_explain tells it."""
    from apps.distribution.services.claims import CLAIM, KINDS  # noqa: PLC0415

    told: list[str] = []
    with as_admin() as admin, admin.transaction(force_rollback=True):
        admin.execute("LOAD 'auto_explain'")
        for name, value in {
            "auto_explain.log_min_duration": "0", "auto_explain.log_analyze": "on", "auto_explain.log_buffers": "on",
            "auto_explain.log_nested_statements": "on", "client_min_messages": "log",
        }.items():  # fmt: skip
            admin.execute(f"SET LOCAL {name} = '{value}'".encode())
        admin.execute("SET LOCAL ROLE app_web")
        admin.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        values = [place.organization.id, [], place.people[0].id, "manager", place.project.id, None, None, 1, 20, "b"]
        admin.execute("SET LOCAL search_path = public, app")
        admin.execute(CLAIM.encode(), [*values, [str(kind) for kind in KINDS]])
    PLANS.mkdir(parents=True, exist_ok=True)
    claim = next(plan for plan in told if "SKIP LOCKED" in plan)
    Path(PLANS / f"claim-{switch}-walls.txt").write_text(claim)


def as_admin() -> psycopg.Connection:
    """The administrator, for what no role of the product may."""
    return psycopg.connect(url_for(os.environ["DATABASE_ADMIN_URL"], database=cluster.DATABASE), autocommit=True)


if __name__ == "__main__":
    main()
