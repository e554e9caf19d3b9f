"""A person who is erased: what is gone at once, what within a minute, what stays, and what a restore brings back."""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Invitation, Membership, Session, Token, User
from apps.accounts.names import names_of
from apps.accounts.selectors import Member
from apps.activity.models import AuditEvent, IdempotencyKey
from apps.annotation.models import AnnotationRevision
from apps.core.errors import NotFound
from apps.core.roles import Role
from apps.core.tenancy import acting_as, owner_context, tenant_tx
from apps.discussion.models import Comment, Thread
from apps.distribution.models import Draft, Task
from apps.jobs.models import Outbox
from apps.projects.models import Project
from apps.records import services
from apps.records.models import Erasure, OwnData
from apps.records.services import erasing
from tests.conftest import as_worker
from tests.distribution.line import box
from tests.people import PASSWORD, World, make_member, make_world

from .scene import Scene

NAME, EMAIL = "Zebulon Quist", "zebulon@meadow.example"
COMMITS = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
TABLES = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""


def add(world: World, slug: str = "meadow", role: Role = Role.ANNOTATOR) -> Member:
    """One more of the cast, by a name that nothing else has."""
    organization = getattr(world, slug)
    member = make_member(organization, "zebulon", role, projects=frozenset({world.project.pk}))
    User.objects.filter(pk=member.id).update(name=NAME)
    world.members["zebulon"] = member
    return member


def busy(world: World) -> Scene:
    """Zebulon works, asks, saves, and is asked, invited and written of."""
    scene, person = Scene(world), add(world)
    for _ in range(2):
        scene.task()
    task = scene.made("zebulon", f"projects/{scene.project}/claims", {})["tasks"][0]
    act = scene.api(
        "zebulon", f"tasks/{task['id']}/submission", {"annotations": [box()]}, Lease_Token=task["lease"]["token"]
    )
    assert scene.send("POST", act).status_code < 300
    task = scene.made("zebulon", f"projects/{scene.project}/claims", {})["tasks"][0]
    shape = box()
    op = {"op_id": shape["id"], "shape_id": shape["id"], "value": shape}
    act = scene.api("zebulon", f"tasks/{task['id']}/draft", {"base_revision": 0, "ops": [op]})
    assert scene.send("PATCH", act).status_code < 300
    said = scene.made("zebulon", f"tasks/{task['id']}/comments", {"text": f"I, {NAME} <{EMAIL}>, ask."})
    scene.made("max", f"threads/{said['thread']}/comments", {"text": f"Well, {NAME.upper()}: yes."})
    scene.made("zebulon", f"projects/{scene.project}/saved_views", {"name": "Mine"})
    body = {"email": EMAIL, "password": PASSWORD, "name": f"of {NAME}"}
    assert Client().post("/api/v1/tokens", body, content_type="application/json").status_code == 201
    with tenant_tx(owner_context(world.parking.id)):
        Invitation.objects.create(
            org_id=world.parking.id, email=EMAIL, name=NAME, role="annotator", digest=b"z", expires_at=timezone.now()
        )
        IdempotencyKey.objects.create(
            org_id=world.parking.id, user_id=world.noor.id, method="POST", path="/", key="k", body_digest=b"",
            status=201, answer=f'{{"email": "{EMAIL}"}}'.encode(), media_type="", at=timezone.now(),
        )  # fmt: skip
        Task.objects.filter(pk=task["id"]).update(note=f"Ask {NAME}.")
    assert person
    return scene


@pytest.fixture
def committed(transactional_db: None) -> Iterator[World]:
    """What other connections see; its tombstones go with it."""
    yield make_world()
    _, names = default_storage.listdir("erased") if default_storage.exists("erased") else ([], [])
    for name in names:
        default_storage.delete(f"erased/{name}")


def hits() -> dict[str, int]:
    """In which tables name or address stand, as a dump of the whole database shows them."""
    address = os.environ["DATABASE_ADMIN_URL"].rsplit("/", 1)[0] + f"/{settings.DATABASES['default']['NAME']}"
    found = {}
    with psycopg.connect(address, autocommit=True) as admin:
        for (table,) in admin.execute(TABLES).fetchall():
            with admin.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as copy:
                lines = b"".join(copy)
            text = lines.decode(errors="replace").lower()
            text += "".join(bytes.fromhex(one[:-1] if len(one) % 2 else one).decode(errors="replace").lower()
                            for one in _hex(text))  # fmt: skip
            number = text.count("zebulon") + text.count("quist")
            if number:
                found[table] = number
    return found


def _hex(text: str) -> Iterator[str]:
    """What stands in columns of bytes."""
    for word in text.replace("\n", "\t").split("\t"):
        if word.startswith("\\\\x"):
            yield word[3:]


@COMMITS
def test_nothing_names_the_person_any_more_and_what_they_did_stays(committed: World) -> None:
    busy(committed)
    person = committed.zebulon.id
    before = hits()
    assert before.keys() >= {"person", "comment", "invitation", "idempotency_key", "token", "task"}
    with as_worker():
        call_command("erase_person", EMAIL)
    assert hits() == {}
    with tenant_tx(owner_context(committed.parking.id)):
        assert AnnotationRevision.objects.filter(author_id=person).count() == 1
        assert not Draft.objects.filter(author_id=person).exists()
        thread = Thread.objects.get()
        texts = list(Comment.objects.filter(thread=thread).order_by("id").values_list("text", flat=True))
        assert texts == ["I, [erased person] <[erased person]>, ask.", "Well, [erased person]: yes."]
        name = names_of([person], committed.project.pk)[person]
        assert name.startswith("Person ")
        assert AuditEvent.objects.filter(actor_id=person).exists()
    with tenant_tx(committed.max.context):
        assert Membership.objects.get(user_id=person).deactivated_at
        assert AuditEvent.objects.filter(verb="person.erase").count() == 1
    assert not Session.objects.filter(user_id=person).exists()
    with tenant_tx(committed.zebulon.context):
        assert not Token.objects.exists()
    with as_worker(), pytest.raises(CommandError, match="Nobody has an account"):
        call_command("erase_person", EMAIL)


@COMMITS
def test_after_a_restore_the_person_is_erased_again(committed: World) -> None:
    busy(committed)
    person = committed.zebulon.id
    with as_worker():
        call_command("erase_person", EMAIL)
        Erasure.objects.all().update(swept_at=None)  # a sweep may come twice
        services.sweep_erasures()
    # The older backup knows of no erasure.
    User.objects.filter(pk=person).update(name=NAME, email=EMAIL, is_active=True)
    with connection.cursor() as cursor, tenant_tx(committed.max.context):
        cursor.execute("UPDATE membership SET deactivated_at = NULL WHERE user_id = %s", [person])
    with tenant_tx(owner_context(committed.parking.id)):
        Comment.objects.filter(author_id=person).update(text=f"By {NAME}")
    assert hits()
    with as_worker():
        assert services.erase_again() == [person]
        assert services.erase_again() == []
    assert hits() == {}
    with tenant_tx(committed.max.context):
        assert Membership.objects.get(user_id=person).deactivated_at


@COMMITS
def test_tombstones_that_were_kept_elsewhere_count_too(committed: World, tmp_path: Path) -> None:
    (tmp_path / str(committed.bob.id)).touch()
    out = io.StringIO()
    with as_worker():
        call_command("erase_again", tombstones=tmp_path, stdout=out)
        with pytest.raises(CommandError, match="no folder"):
            call_command("erase_again", tombstones=tmp_path / "none")
    assert out.getvalue() == "1 people were erased again.\n"
    assert not User.objects.get(pk=committed.bob.id).is_active
    assert default_storage.exists(f"erased/{committed.bob.id}")


def test_one_erases_oneself_by_writing_ones_address(world: World, signed_in: Any) -> None:
    browser = signed_in(add(world))
    assert "Erase your account" in browser.get("/account/erasure").content.decode()
    wrong = browser.post("/account/erasure", {"email": "ada@meadow.example"})
    assert (wrong.status_code, "not the address" in wrong.content.decode()) == (422, True)
    assert "is erased" in browser.post("/account/erasure", {"email": EMAIL.upper()}).content.decode()
    assert browser.get("/o/meadow/projects/").status_code == 302
    assert User.objects.get(pk=world.zebulon.id).name.startswith("Erased person ")
    assert Client().get("/account/erasure").status_code == 302


def test_the_last_owner_cannot_go(world: World, signed_in: Any) -> None:
    answer = signed_in(world.eve).post("/account/erasure", {"email": "eve@elsewhere.example"})
    assert answer.status_code == 422
    assert "at least one owner" in answer.content.decode()
    assert User.objects.get(pk=world.eve.id).is_active


def test_an_owner_erases_who_belongs_nowhere_else(world: World, signed_in: Any) -> None:
    person, browser = add(world, "elsewhere"), signed_in(world.eve)
    with tenant_tx(world.eve.context):
        membership = Membership.objects.get(user_id=person.id).pk
    address = f"/o/elsewhere/members/{membership}/erasure"
    assert NAME in browser.get(address).content.decode()
    assert signed_in(world.max).get(address.replace("elsewhere", "meadow")).status_code == 403
    assert browser.post(address).status_code == 302
    assert not User.objects.get(pk=person.id).is_active
    back = f"{browser.api}/members/{membership}"
    refused = browser.patch(back, {"active": True}, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "person_erased")
    page = browser.get("/o/elsewhere/members/").content.decode()
    assert "Erased person" in page
    assert "erased.invalid" not in page and "Give access back" not in page and address not in page
    assert browser.post(address.replace(str(membership), str(world.project.pk))).status_code == 404


def test_an_owner_erases_nobody_who_belongs_elsewhere_too_nor_themself(world: World, signed_in: Any) -> None:
    person, browser = add(world, "elsewhere"), signed_in(world.eve)
    with tenant_tx(owner_context(world.meadow.id)):
        Membership.objects.create(
            org_id=world.meadow.id, user_id=person.id, role="annotator", deactivated_at=timezone.now()
        )
    with tenant_tx(world.eve.context):
        ids = dict(Membership.objects.values_list("user_id", "pk"))
    for one, sentence in ((person.id, "belongs to other organizations"), (world.eve.id, "from your account")):
        answer = browser.post(f"/o/elsewhere/members/{ids[one]}/erasure", follow=True)
        assert sentence in answer.content.decode()
        assert User.objects.get(pk=one).is_active


def test_a_first_name_alone_is_left_in_texts(world: World) -> None:
    """Other people have it too, and it may be a word."""
    scene = Scene(world)
    scene.asked()
    with as_worker():
        services.erase(person_id=world.ada.id, asked_by=None)
        services.sweep_erasures()
    with acting_as(world.max.context), tenant_tx(world.max.context):
        assert Comment.objects.get().text.endswith("does a trailer count?")


def test_the_storage_keeps_the_tombstone_without_a_name(world: World) -> None:
    with as_worker():
        services.erase(person_id=world.bob.id, asked_by=None)
        services.sweep_erasures()
        row = Erasure.objects.get()
    assert (row.person_id, row.former, bool(row.swept_at)) == (world.bob.id, None, True)
    with default_storage.open(f"erased/{world.bob.id}") as file:
        assert file.read() == ContentFile(b"").read()


def test_who_asked_for_their_data_is_erased_too(world: World, signed_in: Any) -> None:
    """The file is not there yet, and one whose sweep fails must keep nobody else waiting."""
    signed_in(world.ada).post("/account/own-data/")
    with as_worker():
        for person in (world.ada, world.bob):
            services.erase(person_id=person.id, asked_by=None)
        services.sweep_erasures()
        assert not OwnData.objects.exists()
        assert not Erasure.objects.filter(swept_at=None).exists()


def test_a_file_whose_row_a_restore_lost_goes_too(world: World) -> None:
    name = default_storage.save(f"person/{world.ada.id}/lost.zip", ContentFile(b"Ada"))
    with as_worker():
        services.erase(person_id=world.ada.id, asked_by=None)
        services.sweep_erasures()
    assert not default_storage.exists(name)


def test_what_else_lies_among_the_tombstones_is_left_alone(world: World, tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").touch()
    default_storage.save("erased/readme.txt", ContentFile(b""))
    with as_worker():
        call_command("erase_again", tombstones=tmp_path, stdout=io.StringIO())
    default_storage.delete("erased/readme.txt")


def test_one_sweep_that_fails_keeps_no_other_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bury = erasing._bury

    def broken(person_id: UUID) -> None:
        if person_id == world.ada.id:
            raise OSError("no storage")
        bury(person_id)

    monkeypatch.setattr(erasing, "_bury", broken)
    with as_worker():
        for person in (world.ada, world.bob):
            services.erase(person_id=person.id, asked_by=None)
        with pytest.raises(ExceptionGroup):
            services.sweep_erasures()
        assert [row.person_id for row in Erasure.objects.filter(swept_at=None)] == [world.ada.id]


def test_a_name_is_looked_for_only_where_it_was_known(world: World) -> None:
    """Who takes a phrase for a name must not rewrite what others wrote."""
    User.objects.filter(pk=world.ada.id).update(name="tight boxes")
    wanted, name = "Draw tight boxes. Ask ada@meadow.example.", "[erased person]"
    for org_id in (world.parking.id, world.meadow.id, world.elsewhere.id):
        with tenant_tx(owner_context(org_id)):
            Project.objects.create(org_id=org_id, name="Of words", description=wanted)
            Outbox.objects.create(org_id=org_id, topic="any", payload={"text": wanted}, created_at=timezone.now())
    with as_worker():
        services.erase(person_id=world.ada.id, asked_by=None)
        services.sweep_erasures()
    left = f"Draw tight boxes. Ask {name}."
    for org_id, text in (
        (world.parking.id, left),
        (world.elsewhere.id, left),
        (world.meadow.id, f"Draw {name}. Ask {name}."),
    ):
        with tenant_tx(owner_context(org_id)):
            assert Project.objects.get(org_id=org_id, name="Of words").description == text
            assert Outbox.objects.get(org_id=org_id, topic="any").payload == {"text": text}


@pytest.mark.parametrize("name", ['", "', "1, 2", 'Ada "the Eye" Byron', "Ada\\ Byron"])
def test_no_name_breaks_a_copy_in_json(world: World, name: str) -> None:
    User.objects.filter(pk=world.ada.id).update(name=name)
    org_id = world.meadow.id
    told = {"people": ["a", "b"], "said": f"So:\n{name}\nsays yes", "rows": [1, 2]}
    with tenant_tx(owner_context(org_id)):
        Outbox.objects.create(org_id=org_id, topic="any", payload=told, created_at=timezone.now())
    with as_worker():
        services.erase(person_id=world.ada.id, asked_by=None)
        services.sweep_erasures()
    with tenant_tx(owner_context(org_id)):
        payload = Outbox.objects.get(topic="any").payload
    assert payload == told | {"said": "So:\n[erased person]\nsays yes"}


def test_the_second_of_two_erasures_at_once_finds_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    services.erase(person_id=world.ada.id, asked_by=world.ada.id)
    # It looked before the first one was through.
    monkeypatch.setattr(erasing, "address_of_erased", lambda person_id: "")
    with pytest.raises(NotFound):
        services.erase(person_id=world.ada.id, asked_by=world.ada.id)
