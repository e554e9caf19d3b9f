"""A forgotten password: a link for whoever has the account, and no word of who has one."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts.mail import senders
from apps.accounts.models import Membership, User
from apps.core.roles import Role
from apps.core.tenancy import Context, tenant_tx
from apps.core.throttle import forget_tries
from tests.conftest import as_worker
from tests.people import PASSWORD, World

from .test_account import NEW, enter, text_of, verbs

EMAIL = "ada@meadow.example"


@pytest.fixture(autouse=True)
def _mailing(settings: Any) -> None:
    settings.MAIL_REACHES_PEOPLE = True
    for email in (EMAIL, "nobody@meadow.example"):
        forget_tries("reset", email)


@pytest.fixture
def ask(django_capture_on_commit_callbacks: Any) -> Any:
    """Ask for a link; gives the answer once its mail went out."""

    def ask(email: str) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            answer = Client().post("/reset", {"email": email})
        senders.submit(lambda: None).result()
        return answer

    return ask


def link_in(text: object) -> str:
    found = re.search(r"http://testserver(/reset/\S+)", str(text))
    assert found, text
    return found[1]


def test_the_link_of_the_mail_leads_to_a_new_password(world: World, ask: Any) -> None:
    other = enter()
    ask("Ada@Meadow.example")
    (sent,) = mail.outbox
    assert sent.to == [EMAIL]
    link = link_in(sent.body)
    assert EMAIL in text_of(Client().get(link))
    assert Client().post(link, {"new": "short"}).status_code == 422
    assert Client().post(link, {"new": NEW}).headers["Location"] == "/sign-in"
    assert enter(password=NEW).get("/api/v1/me").status_code == 200
    assert other.get("/api/v1/me").status_code == 401
    assert enter(password=PASSWORD).get("/api/v1/me").status_code == 401


def test_a_link_is_good_once_and_for_an_hour(world: World, ask: Any, settings: Any) -> None:
    ask(EMAIL)
    link = link_in(mail.outbox[0].body)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert Client().get(link).status_code == 404
    settings.PASSWORD_RESET_TIMEOUT = 3600
    Client().post(link, {"new": NEW})
    answer = Client().post(link, {"new": PASSWORD})
    assert answer.status_code == 404
    assert "not good any more" in text_of(answer)


def test_nobody_is_told_who_has_an_account(world: World, ask: Any) -> None:
    known, unknown = ask(EMAIL), ask("nobody@meadow.example")

    def plain(answer: Any, email: str) -> str:
        return re.sub(r'nonce="[^"]*"|[A-Za-z0-9]{64}|' + re.escape(email), "", text_of(answer))

    assert known.status_code == unknown.status_code == 200
    assert plain(known, EMAIL) == plain(unknown, "nobody@meadow.example")
    assert len(mail.outbox) == 1


def test_links_are_counted_alike_for_known_and_unknown(world: World, ask: Any) -> None:
    for email in (EMAIL, "nobody@meadow.example"):
        assert [ask(email).status_code for _ in range(6)] == [200] * 5 + [429]


def test_without_a_mail_server_the_page_says_whom_to_ask(world: World, settings: Any) -> None:
    settings.MAIL_REACHES_PEOPLE = False
    assert "Ask the owner of your organization" in text_of(Client().get("/reset"))


def member_of(world: World, name: str) -> Any:
    with tenant_tx(world.max.context):
        return Membership.objects.get(user_id=world.members[name].id).pk


def test_a_manager_hands_a_link_over(world: World, signed_in: Any) -> None:
    manager = signed_in(world.max)
    answer = manager.post(f"{manager.org}/members/{member_of(world, 'ada')}/password-link")
    assert answer.headers["Cache-Control"] == "no-store"
    link = re.search(r"http://testserver(/reset/[^\"]+)", text_of(answer))
    assert link
    assert Client().post(link[1], {"new": NEW}).headers["Location"] == "/sign-in"
    assert "membership.password_link" in verbs(world.max)
    made = manager.post(f"{manager.api}/members/{member_of(world, 'bob')}/password_link")
    assert made.status_code == 201
    assert made.json()["link"].startswith("http://testserver/reset/")


def test_nobody_makes_links_for_others_people_nor_without_the_right(world: World, signed_in: Any) -> None:
    ada, eve, manager = (signed_in(one) for one in (world.ada, world.eve, world.max))
    path = f"members/{member_of(world, 'bob')}/password_link"
    assert ada.post(f"{ada.api}/{path}").status_code == 403
    assert eve.post(f"{eve.api}/{path}").status_code == 404
    with tenant_tx(world.max.context):
        Membership.objects.filter(user_id=world.bob.id).update(role=Role.OWNER)
    assert manager.post(f"{manager.api}/{path}").json()["error"]["code"] == "owners_only"


def test_nobody_makes_links_for_who_belongs_elsewhere_too(world: World, signed_in: Any) -> None:
    manager = signed_in(world.max)
    with tenant_tx(Context(org_id=world.elsewhere.id)):
        ada = User.objects.get(pk=world.ada.id)
        Membership.objects.create(org_id=world.elsewhere.id, user=ada, role=Role.ANNOTATOR)
    answer = manager.post(f"{manager.api}/members/{member_of(world, 'ada')}/password_link")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "belongs_elsewhere")
    page = manager.post(f"{manager.org}/members/{member_of(world, 'ada')}/password-link", follow=True)
    assert "only the operator" in text_of(page)


def test_the_operator_lets_somebody_in(world: World) -> None:
    said = StringIO()
    with as_worker():
        call_command(
            "let_in", EMAIL, "--without-second-factor", "--without-single-sign-on", address="http://testserver",
            stdout=said,
        )  # fmt: skip
        with pytest.raises(CommandError, match="Nobody"):
            call_command("let_in", "nobody@meadow.example")
    assert Client().post(link_in(said.getvalue()), {"new": NEW}).headers["Location"] == "/sign-in"
