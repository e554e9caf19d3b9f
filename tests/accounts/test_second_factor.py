"""A second factor: set up by a code, asked for at sign-in and for tokens, good once, lost and turned off."""

import re
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from apps.accounts import qr
from apps.accounts.selectors import speak_as
from apps.accounts.services import second_factors
from apps.core.throttle import forget_tries
from tests.conftest import as_worker
from tests.people import PASSWORD, World

from .test_account import NEW, enter, text_of, verbs

EMAIL = "ada@meadow.example"
TOKEN = {"email": EMAIL, "password": PASSWORD, "name": "script"}


class App:
    """An authenticator app that holds a key."""

    def __init__(self, secret: str) -> None:
        self.secret, self.ahead = secret, 0

    def code(self) -> str:
        """The next code that was not shown yet; the clock is taken to go on."""
        moment = int(timezone.now().timestamp()) // 30 - 1 + self.ahead
        self.ahead += 1
        return format_hotp_value(hotp_value(self.secret, moment))


def set_up(client: Client) -> tuple[App, list[str]]:
    """Turn it on by the page; gives the app and the recovery codes."""
    page = text_of(client.get("/account/second-factor"))
    found = re.search(r'key-text">([A-Z2-7 ]+)<', page)
    assert found
    app = App(found[1].replace(" ", ""))
    shown = client.post("/account/second-factor", {"password": PASSWORD, "code": app.code()})
    assert shown.headers["Cache-Control"] == "no-store"
    codes = re.findall(r"<code>(\d{4} \d{4})</code>", text_of(shown))
    assert len(codes) == 10
    return app, codes


@pytest.fixture(autouse=True)
def _fresh(world: World) -> None:
    forget_tries("second-factor", world.ada.id)


def step(code: str, client: Client | None = None) -> tuple[Client, Any]:
    """Sign in by password, then show a code."""
    client = client or enter()
    return client, client.post("/sign-in/code", {"code": code})


def test_the_password_alone_lets_nobody_in_any_more(world: World) -> None:
    app, _ = set_up(enter())
    half = Client()
    answer = half.post("/sign-in", {"email": EMAIL, "password": PASSWORD, "next": "/o/meadow/projects/"})
    assert answer.headers["Location"] == "/sign-in/code"
    assert "_auth_user_id" not in half.session
    assert half.get("/api/v1/me").status_code == 401
    assert half.get("/o/meadow/projects/").status_code == 302
    assert half.get("/api/v1/orgs/meadow/projects").status_code == 401
    before = half.session.session_key
    answer = half.post("/sign-in/code", {"code": app.code()})
    assert answer.headers["Location"] == "/o/meadow/projects/"
    assert half.get("/api/v1/me").status_code == 200
    assert half.session.session_key != before
    assert "second_factor.begin" in verbs(world.ada)


def test_a_code_is_good_once(world: World) -> None:
    app, _ = set_up(enter())
    code = app.code()
    assert step(code)[1].status_code == 302
    client, answer = step(code)
    assert answer.status_code == 422
    assert "used already" in text_of(answer)
    assert client.get("/api/v1/me").status_code == 401


def test_a_recovery_code_is_good_once(world: World) -> None:
    _, codes = set_up(enter())
    assert step(codes[3])[1].status_code == 302
    assert step(codes[3])[1].status_code == 422
    assert step(codes[4].replace(" ", ""))[1].status_code == 302


def test_a_wrong_code_turns_nothing_on(world: World) -> None:
    ada = enter()
    first = text_of(ada.get("/account/second-factor"))
    answer = ada.post("/account/second-factor", {"password": PASSWORD, "code": "000000"})
    assert answer.status_code == 422
    key = re.search(r'key-text">([A-Z2-7 ]+)<', first)
    assert key
    assert key[1] in text_of(answer)
    assert enter().get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_borrowed_browser_turns_nothing_on(world: World, password: str) -> None:
    ada = enter()
    found = re.search(r'key-text">([A-Z2-7 ]+)<', text_of(ada.get("/account/second-factor")))
    assert found
    app = App(found[1].replace(" ", ""))
    answer = ada.post("/account/second-factor", {"password": password, "code": app.code()})
    assert answer.status_code == 422
    assert 'aria-describedby="password-error"' in text_of(answer)
    assert enter().get("/api/v1/me").status_code == 200


def test_codes_cannot_be_guessed_by_trying(world: World) -> None:
    app, _ = set_up(enter())
    client = enter()
    answers = [client.post("/sign-in/code", {"code": "000000"}).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    refused = client.post("/sign-in/code", {"code": app.code()})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert client.get("/api/v1/me").status_code == 401


def test_who_waits_too_long_or_whose_password_changed_begins_again(world: World) -> None:
    app, _ = set_up(enter())
    for change in ({"since": 0}, {"proof": "x"}):
        client = enter()
        session = client.session
        session["waits_for_code"] |= change
        session.save()
        answer = client.post("/sign-in/code", {"code": app.code()})
        assert answer.headers["Location"] == "/sign-in"
        assert client.get("/api/v1/me").status_code == 401


def test_nobody_gets_to_the_second_step_without_the_first(world: World) -> None:
    app, _ = set_up(enter())
    client, answer = step(app.code(), Client())
    assert answer.headers["Location"] == "/sign-in"
    assert client.get("/api/v1/me").status_code == 401


def test_a_token_asks_for_the_code_too(world: World) -> None:
    app, codes = set_up(enter())
    for body in (TOKEN, TOKEN | {"otp": "000000"}):
        answer = Client().post("/api/v1/tokens", body, content_type="application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "second_factor_required")
    wrong = Client().post("/api/v1/tokens", TOKEN | {"password": "no"}, content_type="application/json")
    assert wrong.json()["error"]["code"] == "wrong_credentials"
    for code in (app.code(), codes[0]):
        answer = Client().post("/api/v1/tokens", TOKEN | {"otp": code}, content_type="application/json")
        assert answer.status_code == 201


def test_it_is_turned_off_by_password_and_code_together(world: World) -> None:
    ada = enter()
    app, codes = set_up(ada)
    assert "10 recovery codes" in text_of(ada.get("/account/second-factor"))
    for form in ({"password": "no", "code": codes[0]}, {"password": PASSWORD, "code": "000000"}):
        assert ada.post("/account/second-factor/end", form).status_code == 422
    assert ada.post("/account/second-factor/end", {"password": PASSWORD, "code": app.code()}).status_code == 302
    assert enter().get("/api/v1/me").status_code == 200
    assert "second_factor.end" in verbs(world.ada)


def test_new_recovery_codes_make_the_former_void(world: World) -> None:
    ada = enter()
    app, codes = set_up(ada)
    answer = ada.post("/account/second-factor/recovery-codes", {"password": PASSWORD, "code": app.code()})
    fresh = re.findall(r"<code>(\d{4} \d{4})</code>", text_of(answer))
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    assert step(codes[0])[1].status_code == 422
    assert step(fresh[0])[1].status_code == 302


def test_where_there_is_no_second_factor_there_are_no_recovery_codes(world: World) -> None:
    ada = enter()
    answer = ada.post("/account/second-factor/recovery-codes", {"password": PASSWORD})
    assert answer.headers["Location"] == "/account/second-factor"
    speak_as(world.ada.id)
    assert not Authenticator.objects.exists()


def test_a_new_password_by_link_does_not_get_past_it(world: World) -> None:
    set_up(enter())
    link = second_factors_link(world)
    assert Client().post(link, {"new": NEW}).status_code == 302
    assert enter(password=NEW).get("/api/v1/me").status_code == 401


def second_factors_link(world: World) -> str:
    from apps.accounts.models import User  # noqa: PLC0415 - here alone
    from apps.accounts.services.passwords import reset_link  # noqa: PLC0415

    return reset_link(User.objects.get(pk=world.ada.id), "")


def test_keys_are_sealed_and_seen_by_their_person_alone(world: World) -> None:
    app, codes = set_up(enter())
    speak_as(world.ada.id)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert app.secret not in kept
    assert codes[0].replace(" ", "") not in kept
    speak_as(world.bob.id)
    assert not Authenticator.objects.exists()
    assert second_factors.recovery_codes_left(world.bob.id) == 0


def test_the_picture_holds_the_key_of_the_page(world: World) -> None:
    picture = qr.path_of("otpauth://totp/Tessera:ada")
    assert picture.path.startswith("M4 4h1v1h-1z")  # the corner of a finder, after four modules of white
    shown = text_of(enter().get("/account/second-factor"))
    assert "<svg" in shown
    assert "style=" not in shown.partition("<main")[2]


def test_the_operator_turns_it_off_for_who_lost_all(world: World) -> None:
    set_up(enter())
    said = StringIO()
    with as_worker():
        call_command("let_in", EMAIL, "--without-second-factor", stdout=said)
    assert "The second factor is off" in said.getvalue()
    assert enter().get("/api/v1/me").status_code == 200


def test_under_another_key_nobody_gets_in_and_is_told_why(world: World, settings: Any) -> None:
    app, _ = set_up(enter())
    client = enter()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60
    assert step(app.code(), enter())[1].status_code == 302
    settings.SECRET_KEY_FALLBACKS = []
    _, answer = step(app.code(), enter())
    assert answer.status_code == 409
    assert "the key of this installation was changed" in text_of(answer)
    assert client.get("/api/v1/me").status_code == 401
