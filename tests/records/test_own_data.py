"""The file of what is kept of a person: whole, theirs alone, and telling nothing of others."""

import datetime
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from apps.accounts.models import Invitation, Membership, SingleSignOn, Team, TeamMember
from apps.activity.services import record_audit
from apps.core import files
from apps.core.tenancy import owner_context, tenant_tx
from apps.jobs.actors import discover
from apps.jobs.models import Job
from apps.jobs.work import work_off
from apps.records import services
from apps.records.data_map import TABLES, WHOSE
from apps.records.models import OwnData
from apps.records.services.retention import forget_past
from tests.conftest import as_worker
from tests.people import World

from .scene import Scene

PAGE = "/account/own-data/"


def made(world: World, who: str = "ada") -> OwnData:
    """What the job writes."""
    discover()
    with tenant_tx(owner_context(world.members[who].context.org_id)):
        job = Job.objects.get(kind="own_data.write")
    with as_worker():
        work_off(job.pk)
        return OwnData.objects.get(user_id=world.members[who].id)


def opened(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: json.loads(file.read(name)) for name in file.namelist() if name.endswith(".json")}


@pytest.fixture
def asked(world: World) -> tuple[World, Any]:
    """Ada has asked Max something and held a task; then she asks for her data."""
    scene = Scene(world)
    scene.asked()
    browser = scene.client("ada")
    assert "No files yet" in browser.get(PAGE).content.decode()
    assert browser.post(PAGE).status_code == 302
    assert "Being put together" in browser.get(PAGE).content.decode()
    return world, browser


def test_the_file_holds_the_account_and_every_row_that_names_the_person(asked: tuple[World, Any]) -> None:
    world, browser = asked
    row = made(world)
    answer = browser.get(f"{PAGE}{row.pk}/file")
    assert answer["Content-Type"] == "application/zip"
    found = opened(b"".join(answer.streaming_content))
    account = found["account.json"]
    assert (account["email"], account["name"]) == ("ada@meadow.example", "Ada")
    assert len(account["sessions"]) == 1
    assert "password" not in account
    assert [one["role"] for one in found["meadow/membership.json"]] == ["annotator"]
    assert {one["verb"] for one in found["parking/audit_event.json"]} >= {"thread.open"}
    # Of the customer's: that something was said, not what.
    assert set(found["parking/comment.json"][0]) == {"id", "project_id", "at", "author_id", "mentions"}
    assert found["parking/comment.json"][0]["mentions"] == []


@pytest.mark.parametrize("is_enforcing", [False, True])
def test_who_is_not_let_in_any_more_gets_no_contents(asked: tuple[World, Any], is_enforcing: bool) -> None:  # noqa: FBT001 - a case
    world, _ = asked
    with tenant_tx(owner_context(world.elsewhere.id)):
        Membership.objects.create(org_id=world.elsewhere.id, user_id=world.ada.id, role="annotator")
    with tenant_tx(owner_context(world.meadow.id)):
        if is_enforcing:
            SingleSignOn.objects.create(
                org_id=world.meadow.id, name="P", issuer="https://p.example", client_id="c", secret="", enforced=True
            )
        else:
            Membership.objects.filter(user_id=world.ada.id).update(deactivated_at=timezone.now())
    row = made(world)
    with default_storage.open(row.path) as file:
        found = opened(file.read())
    assert set(found["meadow/membership.json"][0]) == {"id", "user_id", "created_at", "deactivated_at"}
    assert "role" in found["elsewhere/membership.json"][0]


def test_ids_of_other_people_are_left_out_of_details_too(asked: tuple[World, Any]) -> None:
    world, browser = asked
    with tenant_tx(world.ada.context):
        record_audit(
            "team.edit", Membership.objects.get(user_id=world.ada.id), people=[str(world.ada.id), str(world.bob.id)]
        )
    found = opened(b"".join(browser.get(f"{PAGE}{made(world).pk}/file").streaming_content))
    (details,) = [one["details"] for one in found["meadow/audit_event.json"] if one["verb"] == "team.edit"]
    assert details == {"people": [str(world.ada.id), "somebody else"]}


def test_teams_and_invitations_are_in_it_but_not_whom_one_invited(asked: tuple[World, Any]) -> None:
    world, browser = asked
    org_id = world.meadow.id
    with tenant_tx(owner_context(org_id)):
        team = Team.objects.create(org_id=org_id, name="Early")
        member = Membership.objects.get(user_id=world.ada.id)
        TeamMember.objects.create(org_id=org_id, team=team, membership=member)
        for email in (world.ada.user.email, "carol@meadow.example"):
            Invitation.objects.create(
                org_id=org_id, email=email, name="Of their own", role="annotator", invited_by_id=world.ada.id,
                digest=email.encode(), expires_at=timezone.now(),
            )  # fmt: skip
    found = opened(b"".join(browser.get(f"{PAGE}{made(world).pk}/file").streaming_content))
    assert found["meadow/team_member.json"][0]["team_id"] == str(team.pk)
    own, other = sorted(found["meadow/invitation.json"], key=len, reverse=True)
    assert (own["email"], own["name"]) == (world.ada.user.email, "Of their own")
    assert other["role"] == "annotator"
    assert {"email", "name", "digest"}.isdisjoint(other)
    assert "digest" not in own


def test_of_who_is_erased_while_the_file_is_made_none_is_left(
    asked: tuple[World, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, _ = asked
    store = files.store

    def slow(path: Path, name: str) -> None:
        store(path, name)
        services.erase(person_id=world.ada.id, asked_by=None)
        services.sweep_erasures()

    monkeypatch.setattr(files, "store", slow)
    with as_worker():
        row = OwnData.objects.get()
    with pytest.raises(OwnData.DoesNotExist):
        made(world)
    assert not default_storage.exists(f"person/{world.ada.id}/{row.pk}.zip")


def test_every_table_that_names_people_is_looked_at(asked: tuple[World, Any]) -> None:
    world, browser = asked
    expected = naming(world)
    row = made(world)
    found = opened(b"".join(browser.get(f"{PAGE}{row.pk}/file").streaming_content))
    assert len(expected) > 5
    assert expected - found.keys() == set()


def naming(world: World) -> set[str]:
    """The tables with rows that name Ada, by organization, asked column by column."""
    named = set()
    for organization in (world.parking, world.meadow):
        with tenant_tx(owner_context(organization.pk)), connection.cursor() as cursor:
            for name, table in TABLES.items():
                for column in table.of_kind(WHOSE) if "org_id" in table.none else ():
                    cursor.execute(
                        f"SELECT count(*) FROM {name} WHERE org_id = %s AND %s = ANY(ARRAY[{column}]::uuid[])",
                        [organization.pk, world.ada.id],
                    )
                    if cursor.fetchone()[0]:
                        named.add(f"{organization.slug}/{name}.json")
    return named


def test_nobody_else_fetches_it(asked: tuple[World, Any], signed_in: Any) -> None:
    world, _ = asked
    row = made(world)
    for who in ("max", "bob", "eve"):
        assert signed_in(world.members[who]).get(f"{PAGE}{row.pk}/file").status_code == 404


def test_two_requests_are_one_and_the_job_may_run_twice(asked: tuple[World, Any]) -> None:
    world, browser = asked
    browser.post(PAGE)
    first = made(world)
    with as_worker():
        assert OwnData.objects.count() == 1
    assert first.bytes > 0


def test_one_file_an_hour_is_enough(asked: tuple[World, Any]) -> None:
    world, browser = asked
    made(world)
    assert "less than an hour ago" in browser.post(PAGE, follow=True).content.decode()
    with as_worker():
        OwnData.objects.update(finished_at=timezone.now() - datetime.timedelta(minutes=61))
    browser.post(PAGE)
    with as_worker():
        assert sorted(OwnData.objects.values_list("state", flat=True)) == ["ready", "waiting"]


def test_the_file_goes_after_a_week(asked: tuple[World, Any]) -> None:
    world, _ = asked
    row = made(world)
    with as_worker():
        forget_past()
        assert OwnData.objects.exists()
        OwnData.objects.update(finished_at=timezone.now() - datetime.timedelta(days=8))
        forget_past()
        assert not OwnData.objects.exists()
    assert not default_storage.exists(row.path)
