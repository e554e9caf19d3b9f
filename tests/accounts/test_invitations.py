"""Invitations: who may send them, what a link opens, and that it opens it once."""

import datetime
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import Invitation, Membership, User
from apps.accounts.selectors import places_of
from apps.accounts.services.invitations import InvitedMeanwhile
from apps.activity.models import AuditEvent
from apps.core.roles import Role
from apps.core.tenancy import tenant_tx
from tests.people import PASSWORD, World, make_world

SignIn = Callable[..., Any]
NEW = {"name": "Nia Roy", "password": "a password of her own"}


def invite(client: Any, email: str = "nia@new.example", role: str = "annotator") -> Any:
    """By the API."""
    return client.post(f"{client.api}/invitations", {"email": email, "role": role}, content_type="application/json")


@pytest.fixture
def link(world: World, signed_in: SignIn) -> str:
    """The address that Max's invitation of Nia shows."""
    answer = invite(signed_in(world.max))
    assert answer.status_code == 201, answer.content
    return str(answer.json()["link"]).removeprefix("http://testserver")


def test_somebody_new_joins_with_a_name_and_a_password(world: World, link: str) -> None:
    client = Client()
    page = client.get(link).content.decode()
    assert "Join Meadow" in page
    assert "nia@new.example" in page

    assert client.post(link, NEW).headers["Location"] == "/?org=meadow"

    nia = User.objects.get(email="nia@new.example")
    assert [(place.slug, place.role) for place in places_of(nia.pk)] == [("meadow", Role.ANNOTATOR)]
    assert client.get("/o/meadow/").status_code == 200
    with tenant_tx(world.max.context):
        verbs = list(AuditEvent.objects.filter(org_id=world.meadow.pk).order_by("at").values_list("verb", flat=True))
    assert verbs == ["invitation.create", "membership.join"]


def test_a_link_is_good_once(link: str) -> None:
    Client().post(link, NEW)

    again = Client()
    assert again.get(link).status_code == 404
    assert again.post(link, NEW | {"name": "Eve"}).status_code == 404


def test_a_link_ends_after_seven_days(world: World, link: str) -> None:
    with tenant_tx(world.max.context):
        row = Invitation.objects.get()
        assert row.expires_at - row.created_at < datetime.timedelta(days=7, minutes=1)
        Invitation.objects.update(expires_at=timezone.now() - datetime.timedelta(hours=1))

    assert Client().get(link).status_code == 404
    assert Client().post(link, NEW).status_code == 404
    assert not User.objects.filter(email="nia@new.example").exists()


def test_a_link_that_was_taken_back_opens_nothing(world: World, signed_in: SignIn, link: str) -> None:
    client = signed_in(world.max)
    (row,) = client.get(f"{client.api}/invitations").json()["results"]
    assert row["link"] is None

    assert client.delete(f"{client.api}/invitations/{row['id']}").status_code == 204

    assert Client().post(link, NEW).status_code == 404
    assert client.delete(f"{client.api}/invitations/{row['id']}").status_code == 404


def test_a_new_link_voids_the_one_before(world: World, signed_in: SignIn, link: str) -> None:
    newer = invite(signed_in(world.max), role="reviewer").json()["link"]

    assert Client().get(link).status_code == 404
    assert "Reviewer" in Client().get(newer).content.decode()


def test_the_token_is_stored_hashed(world: World, link: str) -> None:
    secret = link.rpartition("/")[2]
    with tenant_tx(world.max.context):
        row = Invitation.objects.get()

    assert len(secret) >= 22  # 128 bits
    assert secret.encode() not in bytes(row.digest)


def test_who_has_an_account_joins_with_its_password(world: World, signed_in: SignIn) -> None:
    link = invite(signed_in(world.max), world.eve.user.email, "reviewer").json()["link"]
    client = Client()

    wrong = client.post(link, {"password": "wrong"})
    assert (wrong.status_code, "not right" in wrong.content.decode()) == (422, True)
    assert client.post(link, {"password": PASSWORD}).status_code == 302
    assert {place.slug for place in places_of(world.eve.id)} == {"elsewhere", "meadow"}


def test_who_is_signed_in_only_agrees(world: World, signed_in: SignIn) -> None:
    link = invite(signed_in(world.max), world.eve.user.email, "manager").json()["link"]

    assert signed_in(world.eve).post(link, {"agreed": "yes"}).headers["Location"] == "/?org=meadow"
    assert {place.slug: place.role for place in places_of(world.eve.id)}["meadow"] == Role.MANAGER


def test_somebody_else_cannot_use_the_link_of_another(world: World, signed_in: SignIn, link: str) -> None:
    client = signed_in(world.eve)

    assert "Sign out" in client.get(link).content.decode()
    assert client.post(link, {"agreed": "yes"}).status_code == 422
    assert {place.slug for place in places_of(world.eve.id)} == {"elsewhere"}
    assert Client().get(link).status_code == 200  # it still waits for whom it is for


def test_a_weak_password_is_refused_and_the_link_stays_good(link: str) -> None:
    weak = Client().post(link, {"name": "Nia", "password": "short"})

    assert (weak.status_code, "too short" in weak.content.decode()) == (422, True)
    assert Client().post(link, NEW).status_code == 302


@pytest.mark.parametrize(("name", "status"), [("ada", 403), ("rita", 403), ("max", 201), ("eve", 201), ("olga", 403)])
def test_owners_and_managers_invite(world: World, signed_in: SignIn, name: str, status: int) -> None:
    assert invite(signed_in(getattr(world, name))).status_code == status


def test_a_manager_invites_no_owner(world: World, signed_in: SignIn) -> None:
    refused = invite(signed_in(world.max), role="owner")

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "owners_only")
    assert invite(signed_in(world.eve), role="owner").status_code == 201


@pytest.mark.parametrize(
    ("email", "role", "code"),
    [
        ("nia", "annotator", "invalid_email"),
        (f"{'n' * 250}@new.example", "annotator", "invalid_email"),
        ("nia@new.example", "emperor", "unknown_role"),
        ("ADA@meadow.example", "annotator", "already_member"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(
    world: World, signed_in: SignIn, email: str, role: str, code: str
) -> None:
    answer = invite(signed_in(world.max), email, role)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


def test_invitations_of_another_organization_are_not_there(world: World, signed_in: SignIn, link: str) -> None:
    eve = signed_in(world.eve)
    with tenant_tx(world.max.context):
        row = Invitation.objects.get()

    assert eve.get(f"{eve.api}/invitations").json()["results"] == []
    foreign = eve.delete(f"{eve.api}/invitations/{row.pk}")
    random = eve.delete(f"{eve.api}/invitations/{world.project.pk}")
    assert foreign.status_code == random.status_code == 404
    assert _without_request(foreign) == _without_request(random)
    assert eve.post(f"{eve.org}/invitations/{row.pk}").status_code == 404


def _without_request(answer: Any) -> dict[str, Any]:
    return {**answer.json()["error"], "request_id": ""}


def test_a_mail_carries_the_link_where_a_server_is_named(world: World, signed_in: SignIn, settings: Any) -> None:
    settings.MAIL_REACHES_PEOPLE = True
    answer = invite(signed_in(world.max)).json()

    (sent,) = mail.outbox
    assert sent.to == ["nia@new.example"]
    assert re.search(r"http://testserver/join/\S{22}", str(sent.body))
    assert "Max" in sent.subject
    assert (answer["mailed"], answer["link"]) == (True, None)


def test_where_the_mail_fails_the_link_is_shown(
    world: World, signed_in: SignIn, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise ConnectionRefusedError

    settings.MAIL_REACHES_PEOPLE = True
    monkeypatch.setattr("apps.accounts.mail.send_mail", refuse)
    answer = invite(signed_in(world.max)).json()

    assert answer["mailed"] is False
    assert "/join/" in answer["link"]


def test_the_page_shows_the_link_once(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.max)
    answer = client.post(f"{client.org}/members/", {"email": "nia@new.example", "role": "annotator"})

    assert re.search(r'value="http://testserver/join/\S+"', answer.content.decode())
    again = client.get(f"{client.org}/members/").content.decode()
    assert "/join/" not in again
    assert "nia@new.example" in again


def test_who_was_taken_out_comes_back_by_an_invitation(world: World, signed_in: SignIn) -> None:
    with tenant_tx(world.max.context):
        Membership.objects.filter(user_id=world.ada.id).update(deactivated_at=timezone.now())

    link = invite(signed_in(world.max), world.ada.user.email, "reviewer").json()["link"]
    assert Client().post(link, {"password": PASSWORD}).status_code == 302

    assert [place.role for place in places_of(world.ada.id)] == [Role.REVIEWER]


def test_giving_or_taking_access_voids_the_invitation_that_was_open(world: World, signed_in: SignIn) -> None:
    max_ = signed_in(world.max)
    with tenant_tx(world.max.context):
        member = Membership.objects.get(user_id=world.ada.id)
        services.change_member(membership_id=member.pk, active=False)
    link = invite(max_, world.ada.user.email, "manager").json()["link"]
    with tenant_tx(world.max.context):
        services.change_member(membership_id=member.pk, active=True)

    assert Client().post(link, {"password": PASSWORD}).status_code == 404
    assert [place.role for place in places_of(world.ada.id)] == [Role.ANNOTATOR]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_who_invite_one_address_at_once_the_second_is_told() -> None:
    world = make_world()
    start = threading.Barrier(2)

    def send(_: int) -> str:
        try:
            with tenant_tx(world.max.context):
                start.wait()
                services.invite(email="nia@new.example", role="annotator", origin="https://tessera.example")
                time.sleep(0.2)  # the other one has asked meanwhile
        except InvitedMeanwhile:
            return "told"
        finally:
            connection.close()
        return "invited"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, range(2))) == ["invited", "told"]


def test_one_joins_by_the_api_too(link: str) -> None:
    body = {"invitation": link.rpartition("/")[2], **NEW}
    answer = Client().post("/api/v1/memberships", body, content_type="application/json")

    assert (answer.status_code, answer.json()["role"]) == (201, "annotator")
    again = Client().post("/api/v1/memberships", body, content_type="application/json")
    assert (again.status_code, again.json()["error"]["code"]) == (404, "invitation_gone")
