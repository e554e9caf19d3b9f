"""Proving who one is: nobody learns from answers or from their cost who has an account."""

from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client

from apps.accounts.models import User
from apps.accounts.services import invite
from apps.core.roles import Role
from apps.core.tenancy import tenant_tx
from apps.core.throttle import LIMITS, TriedTooOften, count_try
from tests.people import PASSWORD, World

from .test_account import enter, text_of

KNOWN, UNKNOWN, GONE, WITHOUT = "ada@meadow.example", "no@meadow.example", "bob@meadow.example", "rita@meadow.example"
EVERYBODY = pytest.mark.parametrize("email", [KNOWN, UNKNOWN, GONE, WITHOUT])


@pytest.fixture(autouse=True)
def _people(world: World) -> None:
    """One has an account, one has none, one's was closed, one signs in through a provider alone."""
    cache.clear()
    User.objects.filter(email=GONE).update(is_active=False)
    rita = User.objects.get(email=WITHOUT)
    rita.set_unusable_password()
    rita.save()


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed."""
    seen: list[str] = []
    encode = MD5PasswordHasher.encode

    def noted(self: Any, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", noted)
    return seen


@EVERYBODY
def test_every_refusal_costs_one_hash_and_says_the_same(email: str, hashed: list[str]) -> None:
    answer = Client().post("/sign-in", {"email": email, "password": "wrong"})
    assert answer.status_code == 422
    assert "The address or the password is not right. Try again." in text_of(answer)
    assert len(hashed) == 1


@EVERYBODY
def test_the_api_tells_no_more(email: str, hashed: list[str]) -> None:
    body = {"email": email, "password": "wrong", "name": "script"}
    answer = Client().post("/api/v1/tokens", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "wrong_credentials")
    assert len(hashed) == 1


@EVERYBODY
def test_all_are_counted_alike(email: str) -> None:
    wrong = {"email": email.upper(), "password": "wrong"}
    assert [Client().post("/sign-in", wrong).status_code for _ in range(11)] == [422] * 10 + [429]
    body = {"email": email, "password": PASSWORD, "name": "script"}
    assert Client().post("/api/v1/tokens", body, content_type="application/json").status_code == 429


def test_one_network_does_not_try_all_accounts() -> None:
    for _ in range(LIMITS["sign-in-network"].most):
        count_try("sign-in-network", "127.0.0.1")
    answer = Client().post("/sign-in", {"email": KNOWN, "password": PASSWORD})
    assert answer.status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.9")
    assert elsewhere.post("/sign-in", {"email": KNOWN, "password": PASSWORD}).status_code == 302


def test_passwords_are_kept_by_argon2() -> None:
    from config.settings import base  # noqa: PLC0415 - the suite's own settings take a quicker one

    assert base.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_where_tries_cannot_be_counted_nobody_signs_in_but_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from redis.exceptions import ConnectionError as CacheAway  # noqa: PLC0415 - here alone

    ada = enter()

    def away(*_: Any, **__: Any) -> None:
        raise CacheAway("gone")

    for name in ("add", "incr", "delete"):
        monkeypatch.setattr(cache, name, away, raising=False)
    answer = Client().post("/sign-in", {"email": KNOWN, "password": PASSWORD})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "try again shortly" in text_of(answer)
    assert ada.get("/api/v1/me").status_code == 200


def test_whatever_is_tried_too_often_says_when_to_try_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, *by: object) -> None:
        raise TriedTooOften(retry_after=7)

    ada = enter()
    with tenant_tx(world.max.context):
        invited = invite(email="ivy@meadow.example", role=Role.ANNOTATOR, origin="")
    User.objects.create_user("ivy@meadow.example", "Ivy", PASSWORD)
    monkeypatch.setattr("apps.accounts.services.proofs.count_try", refuse)
    monkeypatch.setattr("apps.accounts.services.second_factors.count_try", refuse)
    for answer in (
        Client().post(invited.link, {"password": PASSWORD}),
        ada.post("/account/password", {"old": PASSWORD, "new": "quite another password"}),
        ada.post("/account/second-factor", {"password": PASSWORD, "code": "000000"}),
    ):
        assert (answer.status_code, answer.headers.get("Retry-After")) == (429, "7")
