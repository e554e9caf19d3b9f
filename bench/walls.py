"""What row-level security costs: claims and lists with it and without, in turns, on 200,000 tasks of 50 organizations.

Pages and API are asked through Django's own client in this process, as the web's role; the application's own filters
stay on in both. `python -m bench walls`; the plans go to var/plans/. BENCH_TASKS=5000 for a quick look:
the organization that is asked never has fewer than are claimed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
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
TURNS, EACH, WARMING, GOAL = 6, 20, 2, 1.3
PLANS = ROOT / "var" / "plans"
SWITCHES = {"with": ("ENABLE", "FORCE"), "without": ("DISABLE", "NO FORCE")}
CLAIMS = TURNS * len(SWITCHES) * (EACH + WARMING)
# Nobody may hold more than 20.
CLAIMS_EACH = 11
CHUNK = 1000
ASKED = (
    ("claim over HTTP", "annotator", "POST", "/api/v1/orgs/{org}/projects/{project}/claims", 201),
    ("my work", "annotator", "GET", "/o/{org}/", 200),
    ("tasks, API", "manager", "GET", "/api/v1/orgs/{org}/tasks?limit=50", 200),
    ("items, API", "manager", "GET", "/api/v1/orgs/{org}/datasets/{dataset}/items?limit=50", 200),
    ("projects", "manager", "GET", "/o/{org}/projects/", 200),
    ("dataset", "manager", "GET", "/o/{org}/projects/{project}/dataset/{dataset}/", 200),
    ("project overview", "manager", "GET", "/o/{org}/projects/{project}/", 200),
    ("team board", "manager", "GET", "/o/{org}/team/", 200),
)


def main() -> None:
    """Print a line for each; the worst ratio at the end."""
    with servers("app_web"):
        subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], check=True)
        began = time.perf_counter()
        places = [make_place(number) for number in range(ORGANIZATIONS)]
        place, made = places[0], sum(one.tasks for one in places)
        add_people(place)
        with as_admin() as admin:
            for table in ("item", "unit", "task", "item_facet"):
                admin.execute(f"VACUUM ANALYZE {table}".encode())
        print(
            f"{made:,} tasks of {ORGANIZATIONS} organizations, made in {time.perf_counter() - began:.0f} s", flush=True
        )
        print(f"{'ms, p50':<20} {'with':>7} {'without':>8} {'ratio':>6}   goal ≤ {GOAL}; {TURNS} turns of {EACH} each")
        ratios = [
            report(title, acts_of(place, role, method, path, wanted)) for title, role, method, path, wanted in ASKED
        ]
        PLANS.mkdir(parents=True, exist_ok=True)
        for switch in SWITCHES:
            secure(switch)
            keep_plan_of_claim(switch, place)
            for title, role, method, path, wanted in ASKED:
                if method == "GET":
                    keep_plans_of_page(switch, title, acts_of(place, role, method, path, wanted))
        print(f"worst ratio {max(ratios):.2f}; plans in {PLANS.relative_to(ROOT)}/")


def make_place(number: int) -> Any:
    """An organization with a project, a line and its share of the tasks; the first, which is asked, has enough."""
    from apps.core.tenancy import owner_context, tenant_tx  # noqa: PLC0415 - after `servers` has set Django up, as below
    from apps.distribution.models import PipelineRun, RunState  # noqa: PLC0415
    from apps.distribution.services.runs import fill_run  # noqa: PLC0415
    from apps.projects.models import Dataset, Item, Project  # noqa: PLC0415
    from tests.distribution.line import make_line  # noqa: PLC0415
    from tests.people import make_organization  # noqa: PLC0415

    share = max(TASKS // ORGANIZATIONS, 1 if number else CLAIMS + len(SWITCHES))
    organization = make_organization(f"org-{number}")
    context = owner_context(organization.id)
    with tenant_tx(context):
        project = Project.objects.create(org_id=organization.id, name="Lots")
        dataset = Dataset.objects.create(org_id=organization.id, project=project, name="Lots")
    place: Any = SimpleNamespace(organization=organization, project=project, dataset=dataset)
    place.line = make_line(place)
    common = {"org_id": organization.id, "project": project, "dataset": dataset, "media_type": "image/jpeg"}
    common |= {"sha256": "0" * 64, "bytes": 1, "width": 900, "height": 700}
    with tenant_tx(context):
        items = [Item(**common, name=f"lot-{n}.jpg") for n in range(share)]
        Item.objects.bulk_create(items, batch_size=CHUNK)
        PipelineRun.objects.update(state=RunState.FILLING)
    place.tasks = fill_run(context=context, run_id=place.line.run.pk, progress=lambda done: None)
    return place


def add_people(place: Any) -> None:
    """A manager, and annotators enough to hold all that is claimed."""
    from apps.core.roles import Role  # noqa: PLC0415
    from tests.people import make_members  # noqa: PLC0415

    roles = {"manager": Role.MANAGER} | {f"a{one}": Role.ANNOTATOR for one in range(-(-CLAIMS // CLAIMS_EACH))}
    place.people = list(make_members(place.organization, roles).values())


def acts_of(place: Any, role: str, method: str, path: str, wanted: int) -> Callable[[int], None]:
    """What is asked the nth time. Claims go round, so that nobody holds more than they may."""
    from django.test import Client  # noqa: PLC0415

    address = path.format(org=place.organization.slug, project=place.project.id, dataset=place.dataset.id)
    clients = []
    asking = [person for person in place.people if person.context.role == role]
    for person in asking if method == "POST" else asking[:1]:
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
    with as_admin() as admin:
        admin.execute("ANALYZE")  # as PostgreSQL does by itself, once there are other rows than before
    took: dict[str, list[float]] = {switch: [] for switch in SWITCHES}
    number = 0
    for turn in range(TURNS):
        for switch in SWITCHES:
            secure(switch)
            for place in range(EACH + WARMING):
                began = time.perf_counter()
                ask(number)
                number += 1
                if place >= WARMING and turn:  # plans and caches are warm then
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


def keep_plans_of_page(switch: str, title: str, ask: Callable[[int], None]) -> None:
    """The plan of each statement by which a page is made, in its own transaction and so for its own person."""
    from django.db import connection  # noqa: PLC0415

    told: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's
        if sql.startswith(("SELECT", "WITH")):
            execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params, many, context)
            told.append("\n".join([sql, *(line for (line,) in context["cursor"].fetchall())]))
        return execute(sql, params, many, context)

    ask(0)
    with connection.execute_wrapper(explain):
        ask(1)
    (PLANS / f"{title.replace(', ', '-').replace(' ', '-')}-{switch}-walls.txt").write_text("\n\n".join(told))


def keep_plan_of_claim(switch: str, place: Any) -> None:
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
        person = place.people[-1].context
        values = [person.org_id, [], person.user_id, person.role, place.project.id, None, None, 1, 20, "b"]
        admin.execute("SET LOCAL search_path = public, app")
        admin.execute(CLAIM.encode(), [*values, [str(kind) for kind in KINDS]])
    claim = [plan for plan in told if "SKIP LOCKED" in plan]  # a person's own returned tasks first, then all others
    (PLANS / f"claim-{switch}-walls.txt").write_text("\n\n".join(claim))


def as_admin() -> psycopg.Connection:
    """The administrator, for what no role of the product may."""
    return psycopg.connect(url_for(os.environ["DATABASE_ADMIN_URL"], database=cluster.DATABASE), autocommit=True)


if __name__ == "__main__":
    main()
