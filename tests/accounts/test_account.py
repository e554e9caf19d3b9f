"""One's own account: name, password, sessions and tokens; nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from django.utils import timezone

from apps.accounts.authentication import member_of_key
from apps.accounts.models import Session, Token, User
from apps.accounts.selectors import Member, speak_as
from apps.accounts.sessions import SessionStore, handle_of, note_use
from apps.activity.models import AuditEvent
from apps.core.errors import NotSignedIn
from apps.core.tenancy import tenant_tx
from tests.people import PASSWORD, World

SignIn = Callable[[Member], Any]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = "quite another password"


def enter(email: str = "ada@meadow.example", password: str = PASSWORD, agent: str = FIREFOX) -> Client:
    """A browser that came in by the sign-in page."""
    client = Client(headers={"User-Agent": agent})
    client.post("/sign-in", {"email": email, "password": password})
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def verbs(member: Member) -> list[str]:
    with tenant_tx(member.context):
        return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def test_the_page_shows_where_one_is_signed_in(world: World) -> None:
    ada = enter()
    enter(agent="Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15")
    enter("bob@meadow.example")
    shown = text_of(ada.get("/account"))
    assert "Firefox on Linux" in shown
    assert "Safari on macOS" in shown
    assert shown.count("127.0.0.1") == 2
    for session in Session.objects.all():
        assert session.session_key not in shown


def test_a_session_that_is_ended_is_dead_at_the_next_request(world: World) -> None:
    ada, lost = enter(), enter()
    handle = handle_of(lost.session.session_key)
    assert ada.post(f"/account/sessions/{handle}").status_code == 302
    assert lost.get("/api/v1/me").status_code == 401
    assert ada.get("/api/v1/me").status_code == 200
    assert "session.end" in verbs(world.ada)


def test_sessions_of_others_are_not_there(world: World) -> None:
    ada, bob = enter(), enter("bob@meadow.example")
    assert bob.post(f"/account/sessions/{handle_of(ada.session.session_key)}").status_code == 404
    assert ada.get("/api/v1/me").status_code == 200


def test_all_other_sessions_end_at_once(world: World) -> None:
    ada, others, bob = enter(), [enter(), enter()], enter("bob@meadow.example")
    ada.post("/account/sessions/others")
    assert [one.get("/api/v1/me").status_code for one in (ada, *others, bob)] == [200, 401, 401, 200]


def test_signing_in_changes_the_key_of_the_session(world: World) -> None:
    client = Client()
    client.get("/sign-in")
    session = client.session
    session["kept"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = str(before)
    client.post("/sign-in", {"email": "ada@meadow.example", "password": PASSWORD})
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


def test_a_session_in_use_is_noted_now_and_then(world: World) -> None:
    ada = enter()
    session = ada.session
    session["seen"] = session["seen"] - 3600
    session.save()
    before = Session.objects.get(pk=session.session_key).seen
    ada.get("/o/meadow/projects/")
    assert Session.objects.get(pk=session.session_key).seen > before
    assert (timezone.now() - Session.objects.get(pk=session.session_key).seen).total_seconds() < 60


def test_another_name_is_shown_and_audited(world: World) -> None:
    ada = enter()
    assert ada.post("/account/profile", {"name": "Ada L."}).status_code == 302
    assert "Ada L." in text_of(ada.get("/account"))
    assert verbs(world.ada) == ["person.edit"]
    assert ada.post("/account/profile", {"name": "\u202e"}).status_code == 422


def test_another_password_ends_all_other_sessions(world: World) -> None:
    ada, other = enter(), enter()
    answer = ada.post("/account/password", {"old": PASSWORD, "new": NEW})
    assert answer.status_code == 302
    assert ada.get("/api/v1/me").status_code == 200
    assert other.get("/api/v1/me").status_code == 401
    assert enter(password=NEW).get("/api/v1/me").status_code == 200
    assert "person.password" in verbs(world.ada)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"old": "wrong", "new": NEW}, "The password is not right"),
        ({"old": PASSWORD, "new": "short"}, "too short"),
        ({"old": PASSWORD, "new": ""}, "Choose a password"),
    ],
)
def test_a_password_is_not_changed_by_a_wrong_form(world: World, form: dict[str, str], sentence: str) -> None:
    ada = enter()
    answer = ada.post("/account/password", form)
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert User.objects.get(pk=world.ada.id).check_password(PASSWORD)


def test_a_token_is_made_shown_once_used_and_revoked(world: World) -> None:
    ada = enter()
    answer = ada.post("/account/tokens", {"name": "nightly", "organization": "meadow", "days": "30"})
    assert answer.headers["Cache-Control"] == "no-store"
    shown = text_of(answer)
    secret = shown.partition('value="tsr_')[2].partition('"')[0]
    headers = {"Authorization": f"Bearer tsr_{secret}"}
    assert Client().get("/api/v1/orgs/meadow/projects", headers=headers).status_code == 200
    listed = text_of(ada.get("/account"))
    assert secret not in listed
    assert "nightly" in listed
    assert "never used" not in listed
    speak_as(world.ada.id)
    row = Token.objects.get()
    assert ada.post(f"/account/tokens/{row.pk}").status_code == 302
    assert Client().get("/api/v1/orgs/meadow/projects", headers=headers).status_code == 401
    assert {"token.create", "token.revoke"} <= set(verbs(world.ada))


def test_tokens_of_others_are_not_there(world: World) -> None:
    ada, bob = enter(), enter("bob@meadow.example")
    ada.post("/account/tokens", {"name": "nightly", "days": "30"})
    speak_as(world.ada.id)
    row = Token.objects.get()
    assert "nightly" not in text_of(bob.get("/account"))
    assert bob.post(f"/account/tokens/{row.pk}").status_code == 404


def test_a_stranger_is_led_to_sign_in(db: None) -> None:
    assert Client().get("/account").headers["Location"] == "/sign-in?next=%2Faccount"
    assert Client().post("/account/sessions/others").status_code == 302


def test_too_many_wrong_passwords_are_refused_even_with_the_right_one(world: World) -> None:
    form = {"email": "rita@meadow.example", "password": "wrong"}
    from apps.core.throttle import forget_tries  # noqa: PLC0415 - what this test counted must not stay

    forget_tries("sign-in", "rita@meadow.example", "127.0.0.1")
    assert [Client().post("/sign-in", form).status_code for _ in range(10)] == [422] * 10
    answer = Client().post("/sign-in", form | {"password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "tried too often" in text_of(answer)
    forget_tries("sign-in", "rita@meadow.example", "127.0.0.1")


def test_a_token_opens_no_page_of_the_account(world: World) -> None:
    ada = enter()
    shown = text_of(ada.post("/account/tokens", {"name": "nightly", "days": "30"}))
    headers = {"Authorization": "Bearer tsr_" + shown.partition('value="tsr_')[2].partition('"')[0]}
    assert Client().get("/api/v1/me", headers=headers).status_code == 200
    assert Client().get("/account", headers=headers).headers["Location"].startswith("/sign-in")


def test_sockets_of_an_ended_session_are_told_at_once_and_close(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[Any] = []
    monkeypatch.setattr("apps.activity.hints.recall", told.append)
    ada, lost = enter(), enter()
    key = lost.session.session_key or ""
    member = member_of_key(key, "meadow")
    assert member is not None
    assert member.id == world.ada.id
    with django_capture_on_commit_callbacks(execute=True):
        ada.post(f"/account/sessions/{handle_of(key)}")
    assert told == [world.ada.id]
    with pytest.raises(NotSignedIn):
        member_of_key(key, "meadow")


def test_a_session_that_was_ended_meanwhile_does_not_come_back(world: World) -> None:
    ada = enter()
    session = ada.session
    session["seen"] = 0  # the next request notes its use, and saves
    session.save()
    stale = SessionStore(session.session_key)
    assert stale["seen"] == 0
    Session.objects.all().delete()
    note_use(stale)
    with pytest.raises(UpdateError):
        stale.save()
    assert not Session.objects.exists()
