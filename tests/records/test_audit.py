"""The audit's page, its file and the API: who sees which rows, under which names."""

import csv
import datetime
import io
from typing import Any

import pytest
from django.db import connection

from apps.accounts.names import names_of
from apps.activity.services import record_audit
from apps.core.tenancy import tenant_tx
from apps.jobs.services import upkeep
from tests.conftest import as_worker
from tests.people import World


@pytest.fixture
def acts(world: World) -> World:
    """Noor edits the project three times, Max and Ada do something in it for Meadow, Eve something of her own."""
    with tenant_tx(world.noor.context):
        for number in range(3):
            record_audit("project.edit", world.project, number=number)
    for person in (world.max, world.ada):
        with tenant_tx(person.context):
            record_audit("thread.open", world.project, note='=HYPERLINK("x")')
    return world


def seal() -> None:
    """The scheduler's turn."""
    with as_worker():
        upkeep.seal_audit()


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1:]


def test_a_customer_sees_all_and_vendors_people_as_pseudonyms(acts: World, signed_in: Any) -> None:
    text = signed_in(acts.olga).get("/o/parking/audit/").content.decode()
    assert text.count("project.edit</code>") == 3
    assert text.count("thread.open</code>") == 2
    with tenant_tx(acts.olga.context):
        pseudonym = names_of([acts.ada.id], acts.project.id)[acts.ada.id]
    assert pseudonym in text
    assert "Ada" not in text
    assert str(acts.ada.id) not in text


def test_a_vendor_sees_what_its_own_people_did(acts: World, signed_in: Any) -> None:
    text = signed_in(acts.max).get("/o/meadow/audit/").content.decode()
    assert "Ada" in text
    assert text.count("thread.open</code>") == 2
    assert "project.edit</code>" not in text
    assert "Noor" not in text


def test_a_stranger_sees_nothing_of_it(acts: World, signed_in: Any) -> None:
    text = signed_in(acts.eve).get("/o/elsewhere/audit/").content.decode()
    assert "Nothing was done yet" in text
    assert signed_in(acts.eve).get("/o/parking/audit/").status_code == 404


@pytest.mark.parametrize("name", ["noor", "ada", "rita"])
@pytest.mark.parametrize("page", ["/o/{org}/audit/", "/o/{org}/audit/table.csv", "/api/v1/orgs/{org}/events"])
def test_other_roles_may_not(acts: World, signed_in: Any, name: str, page: str) -> None:
    member = acts.members[name]
    assert signed_in(member).get(page.format(org=member.context.org_slug)).status_code == 403


FILTERS = (
    ("verb=project", 3),
    ("verb=project.edit", 3),
    ("verb=proj", 0),
    ("verb=thread.open", 2),
    ("object=project", 5),
    ("object=membership", 0),
    ("who=person:{noor}", 3),
    ("who=organization:{meadow}", 2),
    ("first={today}&last={today}", 5),
    ("last={yesterday}", 0),
    ("who=nobody&first=never&verb=", 5),
)


@pytest.mark.parametrize(("asked", "number"), FILTERS)
def test_rows_are_found_by_who_what_and_day(acts: World, signed_in: Any, asked: str, number: int) -> None:
    today = datetime.datetime.now(tz=datetime.UTC).date()
    known = {"noor": acts.noor.id.hex, "meadow": acts.meadow.id.hex, "today": today,
             "yesterday": today - datetime.timedelta(days=1)}  # fmt: skip
    browser = signed_in(acts.olga)
    answer = browser.get("/o/parking/audit/table.csv?" + asked.format(**known))
    assert len(table(answer.content.decode())) == number
    assert browser.get("/o/parking/audit/?" + asked.format(**known)).status_code == 200


def test_the_file_is_inert_in_a_spreadsheet(acts: World, signed_in: Any) -> None:
    answer = signed_in(acts.olga).get("/o/parking/audit/table.csv")
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-parking-')
    assert not any(cell[:1] in "=+-@" for row in table(answer.content.decode()) for cell in row if cell)


def test_pages_hold_every_row_once_also_where_times_are_alike(
    acts: World, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.records.views.audit.A_PAGE", 2)
    with tenant_tx(acts.noor.context), connection.cursor() as cursor:
        for _ in range(7):
            cursor.execute(
                "INSERT INTO audit_event (org_id, verb, object_type, details, request_id, at)"
                " VALUES (%s, 'same.moment', 'project', '{}', '', '2026-11-20T10:00:00Z')",
                [acts.parking.id],
            )
    browser, seen, address = signed_in(acts.olga), 0, "/o/parking/audit/"
    for _ in range(6):
        page = browser.get(address)
        seen += len(page.context["rows"])
        if not page.context["next"]:
            break
        address = f"/o/parking/audit/?cursor={page.context['next']}"
    assert seen == 12
    assert browser.get("/o/parking/audit/?cursor=x").status_code == 400


def test_the_api_gives_the_chain_after_a_number(acts: World, signed_in: Any) -> None:
    browser = signed_in(acts.olga)
    assert browser.get("/api/v1/orgs/parking/events").json() == {"results": [], "next": None}
    seal()
    first = browser.get("/api/v1/orgs/parking/events?limit=2").json()
    assert [one["seq"] for one in first["results"]] == [1, 2]
    assert first["next"] == 2
    rest = browser.get("/api/v1/orgs/parking/events?after=2").json()
    assert [one["seq"] for one in rest["results"]] == [3, 4, 5]
    assert rest["next"] is None
    assert rest["results"][0]["actor"] == "Noor"
    assert rest["results"][1]["actor"].startswith("Person ")
    assert rest["results"][1]["organization"] == "Meadow"


def test_the_api_goes_on_past_a_row_that_somebody_removed(acts: World, signed_in: Any) -> None:
    seal()
    olga = signed_in(acts.olga)
    before = olga.get("/api/v1/orgs/parking/events").json()["results"]
    with tenant_tx(acts.noor.context), connection.cursor() as cursor:
        cursor.execute("SET ROLE app_owner")
        cursor.execute("DELETE FROM audit_event WHERE verb = 'project.edit' AND details @> '{\"number\": 1}'")
        cursor.execute("SET ROLE app_web")

    after = olga.get("/api/v1/orgs/parking/events")
    assert after.status_code == 200
    assert len(after.json()["results"]) == len(before) - 1


def test_the_api_goes_on_past_a_whole_page_of_removed_rows(acts: World, signed_in: Any) -> None:
    seal()
    with tenant_tx(acts.noor.context), connection.cursor() as cursor:
        cursor.execute("SET ROLE app_owner")
        cursor.execute(
            "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_seal WHERE seq BETWEEN 2 AND 4)"
        )
        cursor.execute("SET ROLE app_web")
    rest = signed_in(acts.olga).get("/api/v1/orgs/parking/events?after=1&limit=1").json()
    assert [one["seq"] for one in rest["results"]] == [5]


def test_a_vendors_numbers_tell_nothing_of_what_others_do(acts: World, signed_in: Any) -> None:
    seal()
    browser, project = signed_in(acts.max), acts.project.id
    assert browser.get("/api/v1/orgs/meadow/events").json()["results"] == []
    found = browser.get(f"/api/v1/orgs/meadow/events?project={project}").json()["results"]
    assert [(one["seq"], one["actor"], one["verb"]) for one in found] == [
        (1, "Max", "thread.open"),
        (2, "Ada", "thread.open"),
    ]
    after = browser.get(f"/api/v1/orgs/meadow/events?project={project}&after=1").json()["results"]
    assert [one["seq"] for one in after] == [2]
    foreign = signed_in(acts.eve).get(f"/api/v1/orgs/elsewhere/events?project={project}")
    assert foreign.status_code == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "after=-1", "after=9223372036854775807", "after=x", "who=1"])
def test_the_api_refuses_nonsense(acts: World, signed_in: Any, query: str) -> None:
    assert signed_in(acts.olga).get(f"/api/v1/orgs/parking/events?{query}").status_code in {400, 422}
