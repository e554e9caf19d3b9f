"""Single sign-on against a real OpenID provider on loopback: who is let in, where to, and who is not."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_network
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Identity, Membership, Session, SingleSignOn, Token, User
from apps.accounts.selectors import places_of, provider_of, speak_as
from apps.accounts.services import invite, sign_on
from apps.accounts.single_sign_on import Claims, SignOnFailed
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from tests.people import PASSWORD, World, make_member

from .test_account import enter, text_of, verbs

CLIENT = {"name": "Meadow ID", "client_id": "tessera", "secret": "hush"}
PEOPLE = {
    "ada": {"email": "ada@meadow.example", "email_verified": True},
    "bob": {"email": "bob@meadow.example", "email_verified": True, "name": "Bob"},
    "ivy": {"email": "ivy@meadow.example", "email_verified": True, "name": "Ivy Lin"},
    "doubted": {"email": "rita@meadow.example", "email_verified": False},
    "noor": {"email": "noor@parking.example", "email_verified": True},
    "olive": {"email": "olive@meadow.example", "email_verified": True},
    "nameless": {},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider in a process of its own, on a port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    people = [f"--user-claims={json.dumps({'sub': sub, **claims})}" for sub, claims in PEOPLE.items()]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce=true", *people]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        eventually(lambda: httpx.get(f"{address}/.well-known/openid-configuration").is_success)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def eventually(answers: Callable[[], bool]) -> None:
    """Wait until the provider listens."""
    for _ in range(150):
        with suppress(httpx.TransportError):
            if answers():
                return
        time.sleep(0.2)
    raise TimeoutError("the provider did not start")


@pytest.fixture
def provider(world: World, issuer: str, settings: Any) -> SingleSignOn:
    """Meadow's own."""
    settings.OUTBOUND_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    cache.clear()
    with tenant_tx(world.max.context):
        return sign_on.set_provider(**CLIENT, issuer=issuer, domains=["meadow.example"])


def way_of(client: Client, sub: str, next_page: str = "") -> str:
    """To the provider, as somebody, and the address by which it sends one back."""
    answer = client.get("/sign-in/through/meadow", {"next": next_page} if next_page else {})
    assert answer.status_code == 302, text_of(answer)
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/sign-in/through/meadow/back"]
    sent = httpx.post(answer.headers["Location"], data={"sub": sub})
    return sent.headers["Location"].removeprefix("http://testserver")


def come(sub: str, client: Client | None = None, next_page: str = "") -> tuple[Client, Any]:
    client = client or Client()
    return client, client.get(way_of(client, sub, next_page))


def test_a_member_comes_in_and_is_known_by_the_providers_own_name_after_that(
    world: World, provider: SingleSignOn
) -> None:
    ada, answer = come("ada", next_page="/o/meadow/projects/")
    assert answer.headers["Location"] == "/o/meadow/projects/"
    assert ada.get("/o/meadow/projects/").status_code == 200
    assert "identity.create" in verbs(world.max)
    User.objects.filter(pk=world.ada.id).update(email="other@elsewhere.example")
    again, _ = come("ada")
    assert again.get("/api/v1/me").json()["id"] == str(world.ada.id)


def test_the_session_is_good_in_that_organization_alone(world: World, provider: SingleSignOn) -> None:
    belongs_to_both(world)
    ada, _ = come("ada")
    assert ada.get("/api/v1/orgs/meadow/projects").status_code == 200
    assert ada.get("/api/v1/orgs/elsewhere/projects").status_code == 404
    assert [place["org"] for place in ada.get("/api/v1/me").json()["memberships"]] == ["meadow"]
    assert "Elsewhere" not in text_of(ada.get("/account"))
    assert ada.get("/").headers["Location"].startswith("/o/meadow/")
    assert ada.get("/?org=elsewhere").headers["Location"].startswith("/o/meadow/")
    assert enter().get("/api/v1/orgs/elsewhere/projects").status_code == 200


def belongs_to_both(world: World) -> None:
    with tenant_tx(owner_context(world.elsewhere.id)):
        ada = User.objects.get(pk=world.ada.id)
        Membership.objects.create(org_id=world.elsewhere.id, user=ada, role=Role.ANNOTATOR)


def test_it_changes_nothing_of_the_person_and_its_tokens_are_good_there_alone(
    world: World, provider: SingleSignOn
) -> None:
    belongs_to_both(world)
    enter().post("/account/tokens", {"name": "made elsewhere", "days": "30"})
    ada, _ = come("ada")
    for path in ("profile", "password", "second-factor/end", "second-factor/recovery-codes"):
        assert ada.post(f"/account/{path}", {"name": "X"}).status_code == 403, path
    assert ada.get("/account/second-factor").status_code == 403
    shown = text_of(ada.post("/account/tokens", {"name": "nightly", "days": "30", "organization": "elsewhere"}))
    assert "made elsewhere" not in shown
    headers = {"Authorization": "Bearer tsr_" + shown.partition('value="tsr_')[2].partition('"')[0]}
    assert Client().get("/api/v1/orgs/meadow/projects", headers=headers).status_code == 200
    assert Client().get("/api/v1/orgs/elsewhere/projects", headers=headers).status_code == 404
    me = Client().get("/api/v1/me", headers=headers).json()
    assert [place["org"] for place in me["memberships"]] == ["meadow"]
    for client, sent in ((ada, {}), (Client(), headers)):
        assert [one["name"] for one in client.get("/api/v1/tokens", headers=sent).json()["results"]] == ["nightly"]


def test_a_session_whose_place_is_gone_makes_no_token_for_others(world: World, provider: SingleSignOn) -> None:
    belongs_to_both(world)
    ada, _ = come("ada")
    with tenant_tx(world.max.context):
        Membership.objects.filter(user_id=world.ada.id).update(deactivated_at=timezone.now())
    answer = ada.post("/account/tokens", {"name": "nightly", "days": "30"})
    assert (answer.status_code, "tsr_" in text_of(answer)) == (403, False)
    speak_as(world.ada.id)
    assert not Token.objects.exists()
    assert "second factor are changed after signing in with a password" in text_of(ada.get("/account"))


def test_it_joins_no_other_organization(world: World, provider: SingleSignOn) -> None:
    with tenant_tx(world.eve.context):
        invited = invite(email="ada@meadow.example", role=Role.ANNOTATOR, origin="http://x")
    ada, _ = come("ada")
    secret = invited.link.rpartition("/")[2]
    assert ada.post(f"/join/{secret}", {"agreed": "yes"}).status_code in {403, 422}
    answer = ada.post("/api/v1/memberships", {"invitation": secret}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "confined_session")
    assert [place.slug for place in places_of(world.ada.id)] == ["meadow"]


def test_who_is_invited_joins_without_a_password(world: World, provider: SingleSignOn) -> None:
    with tenant_tx(world.max.context):
        invite(email="ivy@meadow.example", role=Role.REVIEWER, origin="http://x")
    ivy, answer = come("ivy")
    assert answer.status_code == 302
    person = User.objects.get(email="ivy@meadow.example")
    assert (person.name, person.has_usable_password()) == ("Ivy Lin", False)
    assert [place.role for place in places_of(person.pk)] == [Role.REVIEWER]
    assert ivy.get("/api/v1/orgs/meadow/projects").status_code == 200


def test_an_account_with_a_password_joins_by_that_password_and_not_by_the_providers_word(
    world: World, provider: SingleSignOn
) -> None:
    User.objects.create_user("ivy@meadow.example", "Somebody who says so", "known to who made it")
    with tenant_tx(world.max.context):
        invited = invite(email="ivy@meadow.example", role=Role.REVIEWER, origin="http://x")
    _, answer = come("ivy")
    assert answer.status_code == 403
    assert "has an account already" in text_of(answer)
    path = "/join/" + invited.link.rpartition("/")[2]
    assert Client().post(path, {"password": "known to who made it"}).status_code == 302
    assert come("ivy")[1].status_code == 302


@pytest.mark.parametrize("change", [{"issuer": "https://new.example"}, None])
def test_the_word_of_a_provider_that_was_changed_meanwhile_counts_no_more(
    world: World, provider: SingleSignOn, monkeypatch: pytest.MonkeyPatch, change: dict[str, str] | None
) -> None:
    asked = provider_of("meadow")
    assert asked is not None
    monkeypatch.setattr(sign_on, "check_provider", lambda issuer: None)
    with tenant_tx(world.max.context):
        if change:
            sign_on.set_provider(**CLIENT, **change, domains=["meadow.example"])
        else:
            sign_on.remove_provider()
    said = Claims(subject="ada", email="ada@meadow.example", email_is_doubted=False, name="Ada")
    with pytest.raises(sign_on.NotVouchedFor, match="changed meanwhile"):
        sign_on.person_vouched_for(provider=asked, claims=said)


@pytest.mark.parametrize(
    ("sub", "sentence"),
    [
        ("ivy", "does not belong to Meadow"),
        ("doubted", "no verified e-mail address"),
        ("noor", "no verified e-mail address"),
        ("nameless", "no verified e-mail address"),
    ],
)
def test_nobody_else_is_let_in(world: World, provider: SingleSignOn, sub: str, sentence: str) -> None:
    client, answer = come(sub)
    assert answer.status_code == 403
    assert sentence in text_of(answer)
    assert client.get("/api/v1/me").status_code == 401
    with tenant_tx(world.max.context):
        assert not Identity.objects.exists()


def test_another_person_at_the_provider_does_not_take_over_an_account(world: World, provider: SingleSignOn) -> None:
    come("ada")
    with tenant_tx(world.max.context):
        Identity.objects.update(subject="ada-of-last-year")
    client, answer = come("ada")
    assert answer.status_code == 403
    assert client.get("/api/v1/me").status_code == 401


def test_who_lost_their_place_does_not_come_in(world: World, provider: SingleSignOn) -> None:
    come("ada")
    with tenant_tx(world.max.context):
        Membership.objects.filter(user_id=world.ada.id).update(deactivated_at=timezone.now())
    assert come("ada")[1].status_code == 403


def test_what_comes_back_must_be_the_answer_to_what_was_asked(world: World, provider: SingleSignOn) -> None:
    mine, theirs = Client(), Client()
    way = way_of(theirs, "ada")
    assert mine.get(way).status_code == 422  # another browser's state
    assert mine.get("/sign-in/through/meadow/back?state=x&code=y").status_code == 422
    assert theirs.get(way).status_code == 302
    assert theirs.get(way).status_code == 422  # the same answer twice
    assert mine.get("/api/v1/me").status_code == 401


def test_an_answer_to_another_question_is_refused(world: World, provider: SingleSignOn) -> None:
    client = Client()
    way = way_of(client, "ada")
    session = client.session
    for state in session["socialaccount_states"].values():
        state[0]["nonce"] = "another"
    session.save()
    answer = client.get(way)
    assert answer.status_code == 422
    assert "did not answer as it should" in text_of(answer)


def test_a_forged_word_is_refused(world: World, provider: SingleSignOn, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.accounts import single_sign_on  # noqa: PLC0415 - here alone

    true = single_sign_on._id_token
    key = {"alg": "HS256", "key": "k" * 40}

    def forged(words: Any, token: str) -> Any:
        claims = jwt.decode(token, options={"verify_signature": False})
        head = {"kid": jwt.get_unverified_header(token)["kid"]}
        return true(words, jwt.encode(claims, key["key"], algorithm=key["alg"], headers=head))

    monkeypatch.setattr(single_sign_on, "_id_token", forged)
    assert come("ada")[1].status_code == 422


def test_where_it_is_enforced_no_other_way_leads_in(world: World, provider: SingleSignOn) -> None:
    before = enter()
    made = {"email": "ada@meadow.example", "password": PASSWORD, "name": "script"}
    token = Client().post("/api/v1/tokens", made, content_type="application/json").json()["token"]
    through, _ = come("ada")
    with tenant_tx(world.max.context):
        sign_on.enforce_provider(enforced=True, came_through=True)
    answer = before.get("/api/v1/orgs/meadow/projects")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "use_single_sign_on")
    led = before.get("/o/meadow/projects/").headers["Location"]
    assert led == "/sign-in/through?organization=meadow&next=%2Fo%2Fmeadow%2Fprojects%2F"
    assert 'href="/sign-in/through/meadow?next=%2Fo%2Fmeadow%2Fprojects%2F"' in text_of(before.get(led))
    by_token = Client().get("/api/v1/orgs/meadow/projects", headers={"Authorization": f"Bearer {token}"})
    assert by_token.json()["error"]["code"] == "use_single_sign_on"
    answer = Client().post("/api/v1/tokens", made, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "use_single_sign_on")
    answer = Client().post("/sign-in", {"email": "ada@meadow.example", "password": PASSWORD})
    assert answer.status_code == 403
    assert "through its single sign-on alone" in text_of(answer)
    assert "/sign-in/through/meadow" in text_of(answer)
    wrong = Client().post("/sign-in", {"email": "ada@meadow.example", "password": "wrong"})
    assert "single sign-on alone" not in text_of(wrong)
    assert through.get("/api/v1/orgs/meadow/projects").status_code == 200
    shown = text_of(through.post("/account/tokens", {"name": "nightly", "days": "30"}))
    headers = {"Authorization": "Bearer tsr_" + shown.partition('value="tsr_')[2].partition('"')[0]}
    assert Client().get("/api/v1/orgs/meadow/projects", headers=headers).status_code == 200


def test_other_organizations_stay_open_to_a_password(world: World, provider: SingleSignOn) -> None:
    belongs_to_both(world)
    with tenant_tx(world.max.context):
        sign_on.enforce_provider(enforced=True, came_through=True)
    ada = enter()
    assert ada.get("/api/v1/orgs/elsewhere/projects").status_code == 200
    assert ada.get("/api/v1/orgs/meadow/projects").status_code == 403
    assert ada.get("/").headers["Location"].startswith("/o/elsewhere/")
    assert ada.get("/?org=meadow").headers["Location"] == "/sign-in/through?organization=meadow"


def test_it_is_not_enforced_before_it_was_tried(world: World, provider: SingleSignOn) -> None:
    with tenant_tx(world.max.context), pytest.raises(sign_on.TryItFirst):
        sign_on.enforce_provider(enforced=True, came_through=False)


def test_removed_it_leads_nobody_in_and_its_sessions_end(world: World, provider: SingleSignOn) -> None:
    ada, _ = come("ada")
    with tenant_tx(world.max.context):
        sign_on.remove_provider()
    assert ada.get("/api/v1/orgs/meadow/projects").status_code == 401
    assert not Session.objects.filter(through=world.meadow.id).exists()
    assert Client().get("/sign-in/through/meadow").status_code == 404


def token_of(client: Client) -> dict[str, str]:
    """A token that somebody makes in a session, as a header."""
    shown = text_of(client.post("/account/tokens", {"name": "nightly", "days": "30"}))
    return {"Authorization": "Bearer tsr_" + shown.partition('value="tsr_')[2].partition('"')[0]}


def test_with_the_provider_go_the_tokens_that_came_through_it_and_no_others(
    world: World, provider: SingleSignOn
) -> None:
    ada, _ = come("ada")
    through, free = token_of(ada), token_of(enter())
    projects = "/api/v1/orgs/meadow/projects"
    assert [Client().get(projects, headers=one).status_code for one in (through, free)] == [200, 200]
    with tenant_tx(world.max.context):
        sign_on.remove_provider()
    assert [Client().get(projects, headers=one).status_code for one in (through, free)] == [401, 200]


@pytest.mark.parametrize("path", ["", "removal"])
def test_an_owner_who_came_through_the_provider_goes_with_it(
    world: World, provider: SingleSignOn, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    make_member(world.meadow, "olive", Role.OWNER)
    olive, _ = come("olive")
    session = olive.session
    session["seen"] = 0  # a request that notes the use of its session saves it
    session.save()
    monkeypatch.setattr(sign_on, "check_provider", lambda issuer: None)
    form = CLIENT | {"issuer": "https://new.example", "domains": "meadow.example"}
    assert olive.post(f"/o/meadow/single-sign-on/{path}", form).headers["Location"] == "/o/meadow/single-sign-on/"
    assert olive.get("/o/meadow/single-sign-on/").headers["Location"].startswith("/sign-in?next=")


def test_of_two_who_name_a_provider_at_once_the_second_is_told(
    world: World, provider: SingleSignOn, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.db.models.QuerySet.first", lambda rows: None)
    with tenant_tx(world.max.context), pytest.raises(sign_on.NamedMeanwhile):
        sign_on.set_provider(**CLIENT, issuer=issuer, domains=["meadow.example"])


def test_another_issuer_knows_nobody_who_came_through_the_former(
    world: World, provider: SingleSignOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, _ = come("ada")
    token = token_of(ada)
    monkeypatch.setattr(sign_on, "check_provider", lambda issuer: None)
    with tenant_tx(world.max.context):
        sign_on.set_provider(**CLIENT, issuer="https://new.example", domains=["meadow.example"])
        assert not Identity.objects.exists()
    assert ada.get("/api/v1/orgs/meadow/projects").status_code == 401
    assert Client().get("/api/v1/orgs/meadow/projects", headers=token).status_code == 401


def test_the_secret_is_sealed_and_the_row_is_its_organizations_alone(world: World, provider: SingleSignOn) -> None:
    assert "hush" not in provider.secret
    with tenant_tx(world.noor.context):
        assert not SingleSignOn.objects.exists()


@pytest.mark.parametrize(
    ("issuer", "sentence"),
    [("http://localhost:1", "private network"), ("https://127.0.0.1", "private network"), ("ftp://x", "No OpenID")],
)
def test_a_provider_that_cannot_be_reached_is_not_kept(world: World, issuer: str, sentence: str) -> None:
    with tenant_tx(world.max.context), pytest.raises(SignOnFailed, match=sentence):
        sign_on.set_provider(**CLIENT, issuer=issuer, domains=["meadow.example"])


def test_only_an_owner_names_the_provider(world: World, provider: SingleSignOn, signed_in: Any, issuer: str) -> None:
    eve, manager = signed_in(world.eve), signed_in(world.max)
    form = CLIENT | {"issuer": issuer, "domains": "elsewhere.example, sub.elsewhere.example"}
    assert manager.get("/o/meadow/single-sign-on/").status_code == 403
    assert eve.get("/o/meadow/single-sign-on/").status_code == 404
    assert eve.post("/o/elsewhere/single-sign-on/", form).status_code == 302
    shown = text_of(eve.get("/o/elsewhere/single-sign-on/"))
    assert "hush" not in shown
    assert "http://testserver/sign-in/through/elsewhere/back" in shown
    assert eve.post("/o/elsewhere/single-sign-on/enforcement", {"enforced": "yes"}).status_code == 302
    assert "Sign in through it yourself first" in text_of(eve.get("/o/elsewhere/single-sign-on/"))
    assert eve.post("/o/elsewhere/single-sign-on/removal").status_code == 302
    assert {"single_sign_on.edit", "single_sign_on.remove"} <= set(verbs(world.eve))
    assert eve.post("/o/elsewhere/single-sign-on/", form | {"domains": "here"}).status_code == 422


def test_the_way_is_found_by_the_short_name(world: World, provider: SingleSignOn) -> None:
    assert "Continue to Meadow ID" in text_of(Client().get("/sign-in/through?organization=Meadow"))
    answer = Client().get("/sign-in/through?organization=nobody")
    assert answer.status_code == 404
    assert "No organization of this name" in text_of(answer)


def test_under_another_key_the_way_is_closed_with_a_sentence(
    world: World, provider: SingleSignOn, settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 60
    assert come("ada")[1].status_code == 302
    settings.SECRET_KEY_FALLBACKS = []
    answer = Client().get("/sign-in/through/meadow")
    assert answer.status_code == 422
    assert "did not answer as it should" in text_of(answer)


def test_a_key_that_the_provider_does_not_show_is_refused(
    world: World, provider: SingleSignOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jwt.get_unverified_header", lambda token: {"alg": "RS256", "kid": "of last year"})
    assert come("ada")[1].status_code == 422


def test_keys_of_another_shape_are_refused(
    world: World, provider: SingleSignOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = jwt.PyJWKSet.from_dict
    monkeypatch.setattr("jwt.PyJWKSet.from_dict", lambda keys: true(cast("dict[str, Any]", [keys])))
    assert come("ada")[1].status_code == 422


@pytest.mark.parametrize("sub", ["", "a\0b", "x" * 300])
def test_a_name_that_nobody_has_is_refused(
    world: World, provider: SingleSignOn, sub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.accounts import single_sign_on  # noqa: PLC0415 - here alone

    true = single_sign_on._id_token
    monkeypatch.setattr(single_sign_on, "_id_token", lambda *given: true(*given) | {"sub": sub, "email": "a@b.example"})
    assert come("ada")[1].status_code == 422
