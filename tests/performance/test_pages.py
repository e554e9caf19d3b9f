"""The pages, files and API of performance: who may, what they say, how many queries they make."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import Engagement, EngagementState, Organization, User
from apps.accounts.selectors import Member
from apps.core.ids import new_id
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.performance.models import RunDay
from apps.performance.services.folding import fold
from apps.performance.services.rebuilding import rebuild
from apps.pipelines.models import Stage
from tests.distribution.conftest import Desk
from tests.distribution.line import Line, as_owner, box, make_tasks
from tests.people import World, make_member, make_organization

SignIn = Callable[[Member], Client]
MOST_QUERIES = 12
# Only a test's request runs inside another transaction, whose settings are read before and put back at the end.
NESTED = ("SAVEPOINT", "RELEASE", "SELECT current_setting", "SELECT set_config('app.org', ''")
PROJECT_PAGES = ("", "run/", "suggestions/", "table.csv")
PROJECT_API = ("", "/run", "/suggestions")


@pytest.fixture
def worked(world: World, line: Line, at: Callable[[Member], Desk]) -> World:
    """Ada hands in two tasks; Rita returns one and accepts the other; Ada holds the returned one again."""
    make_tasks(world, line, 3)
    ada, rita = at(world.ada), at(world.rita)
    for _ in range(2):
        ada.submit(ada.take(stage=str(line.label.pk)), box(), box(100))
    rita.judge(rita.take(stage=str(line.review.pk)), "reject", comment="Look again.", reason="missed")
    rita.judge(rita.take(stage=str(line.review.pk)), "accept")
    ada.take(stage=str(line.label.pk))
    with as_owner(world.project):
        fold()
    return world


def page(client: Client, world: World, tail: str = "", project: Any = None) -> Any:
    """A page about the project's performance."""
    return client.get(f"{client.org}/projects/{project or world.project.id}/performance/{tail}")  # type: ignore[attr-defined]


def api(client: Client, world: World, tail: str = "", project: Any = None) -> Any:
    """The same in the API."""
    return client.get(f"{client.api}/projects/{project or world.project.id}/performance{tail}")  # type: ignore[attr-defined]


@pytest.mark.parametrize("tail", PROJECT_PAGES)
def test_pages_open_to_managers_of_both_sides_and_the_owners_engineers(
    worked: World, signed_in: SignIn, tail: str
) -> None:
    for name, status in {"noor": 200, "max": 200, "ada": 403, "rita": 403, "olga": 403}.items():
        assert page(signed_in(getattr(worked, name)), worked, tail).status_code == status, name


@pytest.mark.parametrize("tail", PROJECT_PAGES)
def test_a_stranger_is_told_what_a_made_up_id_is_told(worked: World, signed_in: SignIn, tail: str) -> None:
    eve = signed_in(worked.eve)
    theirs, unknown = page(eve, worked, tail), page(eve, worked, tail, new_id())
    assert (theirs.status_code, unknown.status_code) == (404, 404)


@pytest.mark.parametrize("tail", PROJECT_API)
def test_the_api_is_closed_like_the_pages(worked: World, signed_in: SignIn, tail: str) -> None:
    for name, status in {"noor": 200, "max": 200, "ada": 403, "olga": 403, "eve": 404}.items():
        assert api(signed_in(getattr(worked, name)), worked, tail).status_code == status, name
    eve = signed_in(worked.eve)
    theirs, unknown = (api(eve, worked, tail, one).json()["error"] for one in (worked.project.id, new_id()))
    assert theirs | {"request_id": ""} == unknown | {"request_id": ""}


def test_the_api_gives_the_same_figures(worked: World, signed_in: SignIn) -> None:
    answer = api(signed_in(worked.max), worked).json()
    ada = next(line for line in answer["results"] if line["name"] == "Ada")
    assert ada["figures"]["tasks"] == 2
    assert ada["figures"]["first_pass"] == {"value": None, "low": None, "high": None, "n": 2, "needed": 30}
    assert answer["whole"]["reviews"] == 2
    own = signed_in(worked.ada).get("/api/v1/orgs/meadow/me/performance").json()
    assert own["whole"] == ada["figures"] | {name: own["whole"][name] for name in ("wait_each_ms",)}


def test_a_customer_sees_pseudonyms_and_a_vendor_names(worked: World, signed_in: SignIn) -> None:
    names = {line["name"] for line in api(signed_in(worked.noor), worked).json()["results"]}
    assert all(name.startswith("Person ") for name in names)
    names = {line["name"] for line in api(signed_in(worked.max), worked).json()["results"]}
    assert names == {"Ada", "Rita"}


@pytest.mark.parametrize("group", ["person", "stage", "class", "day"])
def test_each_grouping_is_a_page_and_a_file(worked: World, signed_in: SignIn, group: str) -> None:
    max_ = signed_in(worked.max)
    shown = page(max_, worked, f"?group={group}&sort=-objects")
    assert shown.status_code == 200
    file = page(max_, worked, f"table.csv?group={group}")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert sum(int(row["objects" if group == "class" else "tasks"]) for row in rows) == (4 if group == "class" else 2)


def test_a_name_that_begins_a_formula_is_inert_in_a_file(worked: World, signed_in: SignIn) -> None:
    User.objects.filter(pk=worked.ada.id).update(name="\n=HYPERLINK(1)")
    file = page(signed_in(worked.max), worked, "table.csv").content.decode()
    assert '"\'\n=HYPERLINK(1)"' in file


def test_a_stage_narrows_and_an_unknown_one_is_not_found(worked: World, signed_in: SignIn) -> None:
    max_ = signed_in(worked.max)
    names = {line["name"] for line in api(max_, worked, "?stage=review").json()["results"]}
    assert names == {"Rita"}
    assert api(max_, worked, "?stage=nowhere").status_code == 404


def test_work_status_names_what_waits(worked: World, line: Line, signed_in: SignIn) -> None:
    answer = api(signed_in(worked.noor), worked, "/run").json()
    assert (answer["finished"], answer["finish"], answer["active_days"]) == (1, None, 0)
    stages = {one["kind"]: one for one in answer["stages"]}
    assert stages["label"]["ready"] + stages["label"]["in_work"] == 2
    assert stages["label"]["is_bottleneck"]


def test_a_cancelled_run_will_never_be_done(worked: World, line: Line, signed_in: SignIn) -> None:
    with as_owner(worked.project):
        for ago in range(1, 4):
            RunDay.objects.create(
                org_id=worked.parking.id,
                project=worked.project,
                pipeline_run_id=line.run.pk,
                day=timezone.now().date() - timedelta(days=ago),
                made=9,
                finished=3,
            )
    noor = signed_in(worked.noor)
    assert api(noor, worked, "/run").json()["finish"] is not None
    assert b"80 % range" in page(noor, worked, "run/").content
    with as_owner(worked.project):
        line.run.move_to("cancelled")
    assert api(noor, worked, "/run").json()["finish"] is None
    assert b"the run was cancelled" in page(noor, worked, "run/").content


def test_my_figures_are_mine_and_show_the_line_of_my_day(worked: World, signed_in: SignIn) -> None:
    shown = signed_in(worked.ada).get("/o/meadow/me/")
    assert shown.status_code == 200
    assert b"not counted" in shown.content
    assert b"gaps above 60 s are not counted" in shown.content
    for day in ("yesterday", "0001-01-01", "9999-12-31"):
        assert signed_in(worked.ada).get(f"/o/meadow/me/?day={day}&first={day}&last={day}").status_code == 200
    assert signed_in(worked.olga).get("/o/parking/me/").status_code == 403


def test_my_figures_have_what_i_did_just_now_wherever_the_owner_is(worked: World, signed_in: SignIn) -> None:
    # 26 hours apart, so that it is never the same day in both.
    for organization, zone in ((worked.parking, "Etc/GMT-14"), (worked.meadow, "Etc/GMT+12")):
        with tenant_tx(owner_context(organization.pk)):
            Organization.objects.filter(pk=organization.pk).update(timezone=zone)
    with as_owner(worked.project):
        rebuild()
    own = signed_in(worked.ada).get("/api/v1/orgs/meadow/me/performance?days=7").json()
    assert own["whole"]["tasks"] == 2
    assert b'id="days"' in signed_in(worked.ada).get("/o/meadow/me/").content


def test_the_team_board_shows_who_holds_what(worked: World, signed_in: SignIn) -> None:
    shown = signed_in(worked.max).get("/o/meadow/team/")
    assert shown.status_code == 200
    assert b"1 at work now" in shown.content
    assert b"Ada" in shown.content
    part = signed_in(worked.max).get("/o/meadow/team/", headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    for member, status in ((worked.ada, 403), (worked.noor, 403), (worked.olga, 403)):
        client = signed_in(member)
        assert client.get(f"{client.org}/team/").status_code == status  # type: ignore[attr-defined]


def test_the_board_tells_for_whom_work_waits_to_their_own_side_and_the_owner(
    world: World, line: Line, at: Callable[[Member], Desk], signed_in: SignIn
) -> None:
    make_tasks(world, line, 1)
    ada, rita = at(world.ada), at(world.rita)
    ada.submit(ada.take(stage=str(line.label.pk)), box())
    rita.judge(rita.take(stage=str(line.review.pk)), "reject", comment="Look again.")
    orchard = make_organization("orchard")
    with as_owner(world.project):
        Engagement.objects.create(
            org_id=world.parking.id, vendor=orchard, project_id=world.project.id, state=EngagementState.ACTIVE,
            roles=[Role.MANAGER, Role.ANNOTATOR],
        )  # fmt: skip
    olaf = make_member(orchard, "olaf", Role.MANAGER, projects=frozenset({world.project.id}))
    paul = make_member(world.parking, "paul", Role.MANAGER)
    for member, told in ((world.max, b"Ada"), (paul, b"Person "), (olaf, None)):
        client = signed_in(member)
        shown = client.get(f"{client.org}/team/").content  # type: ignore[attr-defined]
        assert b"Car models" in shown, member.user.name
        assert (b'id="returned"' in shown) is (told is not None), member.user.name
        assert told is None or told in shown.partition(b'id="returned"')[2]


def test_a_stranger_board_shows_nothing_of_others(worked: World, signed_in: SignIn) -> None:
    shown = signed_in(worked.eve).get("/o/elsewhere/team/")
    assert b"Nobody has worked today" in shown.content
    assert b"Car models" not in shown.content


@pytest.mark.parametrize("tail", PROJECT_PAGES)
def test_a_project_without_work_says_what_comes(world: World, signed_in: SignIn, tail: str) -> None:
    assert page(signed_in(world.noor), world, tail).status_code == 200


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("max", "projects/{project}/performance/"),
        ("noor", "projects/{project}/performance/"),
        ("noor", "projects/{project}/performance/?group=class"),
        ("max", "projects/{project}/performance/run/"),
        ("noor", "projects/{project}/performance/suggestions/"),
        ("ada", "me/"),
        ("max", "team/"),
    ],
)
def test_no_page_makes_more_than_twelve_queries(worked: World, signed_in: SignIn, who: str, path: str) -> None:
    client = signed_in(getattr(worked, who))
    address = f"{client.org}/{path.format(project=worked.project.id)}"  # type: ignore[attr-defined]
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    own = [one["sql"] for one in captured if not one["sql"].startswith(NESTED)]
    assert len(own) <= MOST_QUERIES, "\n".join(sql[:110] for sql in own)


def test_a_stage_of_an_older_version_counts_under_its_key(worked: World, line: Line, signed_in: SignIn) -> None:
    with as_owner(worked.project):
        assert Stage.objects.filter(pk=line.label.pk).update(title="Find cars") == 1
    answer = api(signed_in(worked.max), worked, "?group=stage").json()
    assert {one["name"]: one["figures"]["tasks"] for one in answer["results"]}["Find cars"] == 2
