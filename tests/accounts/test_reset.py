"""A forgotten password: a link for whoever has the account, and no word of who has one."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from apps.accounts.mail import senders
from apps.accounts.models import Membership, User
from apps.accounts.services import passwords
from apps.accounts.services.passwords import BelongsElsewhere
from apps.core.roles import Role
from apps.core.tenancy import Context, tenant_tx
from apps.core.throttle import forget_tries
from tests.people import PASSWORD, World

from .test_account import NEW, enter, text_of

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


def link_in(text: str) -> str:
    found = re.search(r"http://testserver(/reset/\S+)", text)
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


def test_an_organization_gives_links_for_its_own_people_alone(world: World) -> None:
    given = {"person_id": world.ada.id, "org_id": world.meadow.id, "origin": "http://x"}
    assert passwords.reset_link_for_member(**given).startswith("http://x/reset/")
    with tenant_tx(Context(org_id=world.elsewhere.id)):
        Membership.objects.create(
            org_id=world.elsewhere.id, user=User.objects.get(pk=world.ada.id), role=Role.ANNOTATOR
        )
    with pytest.raises(BelongsElsewhere):
        passwords.reset_link_for_member(**given)
