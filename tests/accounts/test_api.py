import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.authentication import digest_of
from apps.accounts.models import Invitation, Membership
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from tests.people import PASSWORD, World

SignIn = Callable[..., Any]


@pytest.fixture
def ada_token(world: World) -> str:
    body = {"email": "ada@meadow.example", "password": PASSWORD, "name": "script", "organizations": ["meadow"]}
    answer = Client().post("/api/v1/tokens", body, content_type="application/json")
    assert answer.status_code == 201
    return str(answer.json()["token"])


def test_me_names_the_person_and_their_memberships(world: World, signed_in: SignIn) -> None:
    answer = signed_in(world.ada).get("/api/v1/me").json()
    assert answer["memberships"] == [{"org": "meadow", "name": "Meadow", "role": "annotator"}]


def test_a_token_opens_its_organizations_and_no_other(world: World, ada_token: str) -> None:
    headers = {"Authorization": f"Bearer {ada_token}"}
    assert Client(headers=headers).get("/api/v1/me").status_code == 200
    assert Client(headers=headers).get("/api/v1/orgs/meadow/members").status_code == 403
    assert Client(headers=headers).get("/api/v1/orgs/parking/members").status_code == 404


def test_a_token_for_one_organization_tells_and_does_nothing_of_others(world: World, ada_token: str) -> None:
    with tenant_tx(owner_context(world.elsewhere.id)):
        Membership.objects.create(org_id=world.elsewhere.id, user_id=world.ada.id, role=Role.ANNOTATOR)
    with tenant_tx(world.noor.context):
        invited = Invitation.objects.create(
            org_id=world.parking.id, email="ada@meadow.example", role=Role.ANNOTATOR, digest=digest_of("secret"),
            expires_at=timezone.now() + datetime.timedelta(days=1),
        )  # fmt: skip
    body = {"email": "ada@meadow.example", "password": PASSWORD, "name": "all of them"}
    whole = Client().post("/api/v1/tokens", body, content_type="application/json").json()
    narrow = Client(headers={"Authorization": f"Bearer {ada_token}"})
    assert [place["org"] for place in narrow.get("/api/v1/me").json()["memberships"]] == ["meadow"]
    assert [token["name"] for token in narrow.get("/api/v1/tokens").json()["results"]] == ["script"]
    assert narrow.delete(f"/api/v1/tokens/{whole['id']}").status_code == 404
    assert "elsewhere" not in narrow.get("/o/meadow/").content.decode()
    answer = narrow.post("/api/v1/memberships", {"invitation": "secret"}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "narrow_token")

    free = Client(headers={"Authorization": f"Bearer {whole['token']}"})
    assert {place["org"] for place in free.get("/api/v1/me").json()["memberships"]} == {"meadow", "elsewhere"}
    assert len(free.get("/api/v1/tokens").json()["results"]) == 2
    answer = free.post("/api/v1/memberships", {"invitation": "secret"}, content_type="application/json")
    assert (answer.status_code, answer.json()["role"]) == (201, invited.role)


def test_a_revoked_token_is_dead_at_once(world: World, ada_token: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {ada_token}"})
    (token,) = client.get("/api/v1/tokens").json()["results"]
    assert token["token"] is None
    assert client.delete(f"/api/v1/tokens/{token['id']}").status_code == 204
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("email", ["ada@meadow.example", "nobody@meadow.example"])
def test_wrong_credentials_are_refused_alike_for_known_and_unknown(world: World, email: str) -> None:
    body = {"email": email, "password": "wrong", "name": "script"}
    answer = Client().post("/api/v1/tokens", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "wrong_credentials")


@pytest.mark.parametrize(
    "moment",
    ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
)
def test_a_token_ends_at_a_time_to_come(world: World, moment: str) -> None:
    body = {"email": "ada@meadow.example", "password": PASSWORD, "name": "script", "expires_at": moment}
    answer = Client().post("/api/v1/tokens", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_expiry")


def test_nobody_revokes_anothers_token(world: World, signed_in: SignIn, ada_token: str) -> None:
    (token,) = Client(headers={"Authorization": f"Bearer {ada_token}"}).get("/api/v1/tokens").json()["results"]
    assert signed_in(world.eve).delete(f"/api/v1/tokens/{token['id']}").status_code == 404


def test_members_are_the_organizations_own(world: World, signed_in: SignIn) -> None:
    names = {one["name"] for one in signed_in(world.max).get("/api/v1/orgs/meadow/members").json()["results"]}
    assert names == {"Max", "Ada", "Bob", "Rita"}


def test_an_engagement_is_seen_from_both_sides_and_by_nobody_else(world: World, signed_in: SignIn) -> None:
    def engagements(member: Any) -> Any:
        client = signed_in(member)
        return client.get(f"{client.api}/engagements").json()["results"]

    assert [one["id"] for one in engagements(world.noor)] == [one["id"] for one in engagements(world.max)]
    assert engagements(world.eve) == []


def test_a_foreign_organization_answers_like_one_that_is_not_there(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.eve)
    bodies = [client.get(f"/api/v1/orgs/{slug}/members").json()["error"] for slug in ("meadow", "no-such-one")]
    assert {body["code"] for body in bodies} == {"not_found"}
    assert bodies[0]["message"] == bodies[1]["message"]


def test_a_stranger_is_asked_to_sign_in(db: None) -> None:
    assert Client().get("/api/v1/orgs/meadow/members").status_code == 401
    assert Client().get("/o/meadow/").status_code in {302, 404}
