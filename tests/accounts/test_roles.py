"""Custom roles only narrow, and nobody gets round them."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts import services
from apps.accounts.access import ALWAYS, actions_of
from apps.accounts.models import Membership
from apps.accounts.selectors import Member, member_by_session
from apps.activity.models import AuditEvent
from apps.core.roles import Role
from apps.core.tenancy import tenant_tx
from tests.distribution.line import box, make_line, make_tasks
from tests.people import World, make_member

SignIn = Callable[..., Any]


@pytest.fixture
def max_(world: World, signed_in: SignIn) -> Any:
    return signed_in(world.max)


def make(client: Any, base: str = "reviewer", actions: list[str] | None = None, **fields: Any) -> Any:
    body = {"name": "Narrow", "base": base, "actions": ["task.claim", "task.work"] if actions is None else actions}
    return client.post(f"{client.api}/custom_roles", body | fields, content_type="application/json")


def membership_of(member: Member) -> str:
    with tenant_tx(member.context):
        return str(Membership.objects.values_list("pk", flat=True).get(user_id=member.id))


def give(client: Any, member: Member, **wanted: Any) -> Any:
    return client.patch(f"{client.api}/members/{membership_of(member)}", wanted, content_type="application/json")


def patch(client: Any, path: str, **fields: Any) -> Any:
    address = f"{client.api}/{path}"
    etag = client.get(address).headers["ETag"]
    return client.patch(address, fields, content_type="application/json", headers={"If-Match": etag})


def test_a_custom_role_leaves_what_it_names_and_what_every_page_needs(
    world: World, max_: Any, signed_in: SignIn
) -> None:
    rita = signed_in(world.rita)
    assert rita.get(f"{rita.org}/review/").status_code == 200
    role = make(max_).json()
    assert give(max_, world.rita, custom_role=role["id"]).status_code == 200

    assert rita.get(f"{rita.org}/review/").status_code == 403
    assert rita.get(f"{rita.api}/notifications").status_code == 200
    assert rita.get(f"{rita.org}/").status_code == 200
    member = member_by_session(world.rita.id, "meadow")
    assert member is not None
    assert (member.role, member.context.actions) == (Role.REVIEWER, ALWAYS | {"task.claim", "task.work"})

    assert give(max_, world.rita, role="reviewer").status_code == 200
    assert rita.get(f"{rita.org}/review/").status_code == 200


@pytest.mark.parametrize(("name", "base"), [("rita", "reviewer"), ("max", "manager"), ("ada", "annotator")])
def test_whoever_has_the_narrowest_role_begins_at_a_page_that_opens(
    world: World, signed_in: SignIn, name: str, base: str
) -> None:
    olive = signed_in(make_member(world.meadow, "olive", Role.OWNER))
    role = make(olive, base, []).json()
    assert give(olive, world.members[name], custom_role=role["id"]).status_code == 200
    assert signed_in(world.members[name]).get("/", follow=True).status_code == 200


def test_an_edit_holds_for_those_who_have_the_role(world: World, max_: Any, signed_in: SignIn) -> None:
    role = make(max_).json()
    give(max_, world.rita, custom_role=role["id"])
    rita = signed_in(world.rita)
    assert patch(max_, f"custom_roles/{role['id']}", actions=["review.see"]).status_code == 200
    assert rita.get(f"{rita.org}/review/").status_code == 200
    assert max_.delete(f"{max_.api}/custom_roles/{role['id']}").json()["error"]["code"] == "role_in_use"
    give(max_, world.rita, role="reviewer")
    assert max_.delete(f"{max_.api}/custom_roles/{role['id']}").status_code == 204
    with tenant_tx(world.max.context):
        verbs = AuditEvent.objects.filter(verb__startswith="custom_role.").order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["custom_role.create", "custom_role.edit", "custom_role.delete"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"actions": ["member.edit"]}, 422, "unknown_action"),
        ({"actions": ["made.up"]}, 422, "unknown_action"),
        ({"base": "king"}, 422, "unknown_role"),
        ({"base": "owner"}, 422, "owners_are_whole"),
        ({"name": ""}, 422, "invalid_name"),
    ],
)
def test_a_custom_role_adds_nothing(max_: Any, fields: dict[str, Any], status: int, code: str) -> None:
    refused = make(max_, **fields)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)


def test_a_name_is_given_once(max_: Any) -> None:
    assert make(max_).status_code == 201
    assert make(max_).json()["error"]["code"] == "name_taken"


def test_other_organizations_roles_are_unknown(world: World, max_: Any, signed_in: SignIn) -> None:
    role = make(max_).json()
    eve = signed_in(world.eve)
    for method in ("get", "delete"):
        assert getattr(eve, method)(f"{eve.api}/custom_roles/{role['id']}").status_code == 404
    assert give(eve, world.eve, custom_role=role["id"]).json()["error"]["code"] == "unknown_custom_role"
    ada = signed_in(world.ada)
    assert ada.get(f"{ada.api}/custom_roles").status_code == 403


def test_who_has_a_custom_role_gives_nobody_more_than_it_leaves(world: World, max_: Any, signed_in: SignIn) -> None:
    keeper = make_member(world.meadow, "kim", Role.MANAGER)
    kept = sorted(actions_of("annotator") | {"member.list", "member.invite", "member.edit", "custom_role.edit"})
    role = make(max_, "manager", kept).json()
    give(max_, keeper, custom_role=role["id"])
    kim = signed_in(keeper)
    for refused in (
        give(kim, keeper, role="manager"),
        give(kim, world.ada, role="manager"),
        give(kim, world.max, role="annotator"),
        kim.post(
            f"{kim.api}/invitations", {"email": "x@y.example", "role": "manager"}, content_type="application/json"
        ),
        make(kim, "manager", ["performance.see"], name="Wide"),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "more_than_yours")
    assert give(kim, world.rita, role="annotator").json()["error"]["code"] == "more_than_yours"
    assert give(kim, world.bob, active=False).status_code == 200


def test_nobody_takes_an_invitation_back_to_more_than_their_own(world: World, max_: Any, signed_in: SignIn) -> None:
    keeper = make_member(world.meadow, "kim", Role.MANAGER)
    role = make(max_, "manager", sorted(actions_of("annotator") | {"member.list", "member.invite"})).json()
    give(max_, keeper, custom_role=role["id"])
    kim = signed_in(keeper)
    body = {"email": "x@y.example", "role": "manager"}
    sent = max_.post(f"{max_.api}/invitations", body, content_type="application/json").json()
    for refused in (
        kim.delete(f"{kim.api}/invitations/{sent['id']}"),
        kim.post(f"{kim.api}/invitations", body | {"role": "annotator"}, content_type="application/json"),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "more_than_yours")
    assert max_.delete(f"{max_.api}/invitations/{sent['id']}").status_code == 204


def test_claims_follow_the_custom_role(world: World, max_: Any, signed_in: SignIn) -> None:
    line = make_line(world)
    make_tasks(world, line, 2)
    ada = signed_in(world.ada)
    claims = f"projects/{world.project.pk}/claims"
    task = ada.post(f"{ada.api}/{claims}", {}, content_type="application/json").json()["tasks"][0]
    ada.post(
        f"{ada.api}/tasks/{task['id']}/submission",
        {"annotations": [box()]},
        content_type="application/json",
        headers={"Lease-Token": task["lease"]["token"]},
    )
    give(max_, world.rita, custom_role=make(max_).json()["id"])
    rita = signed_in(world.rita)
    taken = rita.post(f"{rita.api}/{claims}", {"limit": 5}, content_type="application/json").json()["tasks"]
    assert {one["stage"]["kind"] for one in taken} == {"label"}
    stage = {"stage": str(line.review.pk)}
    assert rita.post(f"{rita.api}/{claims}", stage, content_type="application/json").status_code == 204


def test_an_invitation_carries_a_custom_role(world: World, max_: Any) -> None:
    role = make(max_).json()
    with tenant_tx(world.max.context):
        invited = services.invite(
            email="zoe@meadow.example", role="reviewer", custom_role=role["id"], origin="https://tessera.example"
        )
    joined = services.join(
        secret=invited.link.rpartition("/")[2],
        person=None,
        name="Zoe",
        password="a long enough password",  # noqa: S106
    )
    assert str(joined.membership.custom_role_id) == role["id"]
