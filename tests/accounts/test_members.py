"""Members: their roles, taking access away and giving it back, and the owner who must stay."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from apps.accounts import services
from apps.accounts.models import Membership
from apps.accounts.selectors import Member
from apps.accounts.services.members import LastOwner
from apps.activity.models import AuditEvent
from apps.core.roles import Role
from apps.core.tenancy import tenant_tx
from tests.people import World, make_member, make_world

SignIn = Callable[..., Any]


def membership_of(member: Member) -> UUID:
    """The row's id."""
    with tenant_tx(member.context):
        key: UUID = Membership.objects.values_list("pk", flat=True).get(user_id=member.id)
        return key


def change(client: Any, member: Member, **wanted: Any) -> Any:
    """By the API."""
    return client.patch(f"{client.api}/members/{membership_of(member)}", wanted, content_type="application/json")


def test_a_manager_gives_another_role_and_it_holds_at_once(world: World, signed_in: SignIn) -> None:
    ada = signed_in(world.ada)
    assert ada.get(f"{ada.org}/members/").status_code == 403

    assert change(signed_in(world.max), world.ada, role="manager").json()["role"] == "manager"

    assert ada.get(f"{ada.org}/members/").status_code == 200
    with tenant_tx(world.max.context):
        assert AuditEvent.objects.filter(verb="membership.edit", object_id=membership_of(world.ada)).count() == 1


def test_access_ends_with_the_next_request_and_can_be_given_back(world: World, signed_in: SignIn) -> None:
    ada, max_ = signed_in(world.ada), signed_in(world.max)
    assert ada.get(f"{ada.org}/").status_code == 200

    change(max_, world.ada, active=False)
    assert ada.get(f"{ada.org}/").status_code == 404
    assert ada.get(f"{ada.api}/tasks").status_code == 404
    assert [row["name"] for row in max_.get(f"{max_.api}/members?active=false").json()["results"]] == ["Ada"]
    assert "Ada" not in [row["name"] for row in max_.get(f"{max_.api}/members").json()["results"]]

    change(max_, world.ada, active=True)
    assert ada.get(f"{ada.org}/").status_code == 200


def test_the_last_owner_stays(world: World, signed_in: SignIn) -> None:
    eve = signed_in(world.eve)

    for wanted in ({"role": "manager"}, {"active": False}):
        refused = change(eve, world.eve, **wanted)
        assert refused.status_code == 409, refused.content
    assert change(eve, world.eve, role="manager").json()["error"]["code"] == "last_owner"


def test_of_two_owners_one_may_go(world: World, signed_in: SignIn) -> None:
    ivy = make_member(world.elsewhere, "ivy", Role.OWNER)

    assert change(signed_in(world.eve), ivy, active=False).status_code == 200
    with tenant_tx(world.eve.context), pytest.raises(LastOwner):
        services.change_member(membership_id=membership_of(world.eve), role="annotator")


def test_an_owner_without_access_does_not_count(world: World, signed_in: SignIn) -> None:
    ivy = make_member(world.elsewhere, "ivy", Role.OWNER)
    eve = signed_in(world.eve)
    change(eve, ivy, active=False)

    assert change(eve, world.eve, role="manager").json()["error"]["code"] == "last_owner"


def test_a_manager_touches_no_owner(world: World, signed_in: SignIn) -> None:
    ina = make_member(world.meadow, "ina", Role.OWNER)
    client = signed_in(world.max)

    assert change(client, ina, role="annotator").json()["error"]["code"] == "owners_only"
    assert change(client, ina, active=False).status_code == 403
    assert change(client, world.ada, role="owner").status_code == 403


def test_nobody_takes_their_own_access_away(world: World, signed_in: SignIn) -> None:
    assert change(signed_in(world.max), world.max, active=False).json()["error"]["code"] == "not_yourself"


@pytest.mark.parametrize("name", ["ada", "rita"])
def test_others_change_nobody(world: World, signed_in: SignIn, name: str) -> None:
    assert change(signed_in(getattr(world, name)), world.bob, role="manager").status_code == 403


def test_members_of_another_organization_are_not_there(world: World, signed_in: SignIn) -> None:
    eve = signed_in(world.eve)

    assert change(eve, world.ada, active=False).status_code == 404
    assert eve.post(f"{eve.org}/members/{membership_of(world.ada)}", {"active": "no"}).status_code == 404
    ada = signed_in(world.ada)
    assert ada.get(f"{ada.org}/").status_code == 200


def test_the_page_lists_changes_and_says_what_it_did(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.max)
    address = f"{client.org}/members/"

    page = client.post(f"{address}{membership_of(world.bob)}", {"active": "no"}, follow=True).content.decode()
    assert "Bob has no access any more" in page
    assert "Without access" in page
    page = client.post(f"{address}{membership_of(world.bob)}", {"active": "yes"}, follow=True).content.decode()
    assert "Without access" not in page
    client.post(f"{address}{membership_of(world.bob)}", {"active": "perhaps"})
    assert "Without access" not in client.get(address).content.decode()
    page = client.post(f"{address}{membership_of(world.bob)}", {"role": "emperor"}, follow=True).content.decode()
    assert "Choose a role of" in page


def test_who_may_only_look_sees_no_buttons(world: World, signed_in: SignIn) -> None:
    page = signed_in(world.noor).get("/o/parking/members/").content.decode()

    assert "noor@parking.example" in page
    assert "Take access away" not in page
    assert "Invite somebody" not in page


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_owners_who_remove_each_other_at_once_leave_one() -> None:
    world = make_world()
    ivy = make_member(world.elsewhere, "ivy", Role.OWNER)
    pairs = [(world.eve, membership_of(ivy)), (ivy, membership_of(world.eve))]

    def demote(pair: tuple[Member, UUID]) -> str:
        acting, other = pair
        try:
            with tenant_tx(acting.context):
                services.change_member(membership_id=other, role="manager")
                time.sleep(0.2)  # the other one has asked meanwhile
        except LastOwner:
            return "kept"
        finally:
            connection.close()
        return "demoted"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, pairs)) == ["demoted", "kept"]
