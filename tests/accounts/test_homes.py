"""Everybody begins where their role works."""

from typing import Any

import pytest

from apps.accounts.models import Membership
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.projects.models import Project
from tests.people import World, make_member


def home(browser: Any, query: str = "") -> str:
    answer = browser.get(f"/{query}")
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_an_annotator_begins_at_their_work(world: World, signed_in: Any) -> None:
    assert home(signed_in(world.ada)) == "/o/meadow/"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("rita", "/o/meadow/review/"),
        ("max", "/o/meadow/team/"),
        ("eve", "/o/elsewhere/team/"),
        ("olga", "/o/parking/quality/"),
    ],
)
def test_the_others_begin_where_their_work_is_seen(world: World, signed_in: Any, name: str, address: str) -> None:
    assert home(signed_in(getattr(world, name))) == address


def test_an_engineer_begins_in_their_only_project_or_at_the_list(world: World, signed_in: Any) -> None:
    noor = signed_in(world.noor)
    assert home(noor) == f"/o/parking/projects/{world.project.pk}/"
    with tenant_tx(owner_context(world.parking.id)):
        Project.objects.create(org_id=world.parking.id, name="Another")
    assert home(noor) == "/o/parking/projects/"


@pytest.mark.parametrize("name", ["noor", "olga", "max", "ada", "rita", "eve"])
def test_every_home_opens_for_its_role(world: World, signed_in: Any, name: str) -> None:
    browser = signed_in(getattr(world, name))
    assert browser.get(home(browser)).status_code == 200


def test_who_belongs_to_several_organizations_chooses(world: World, signed_in: Any) -> None:
    ada = signed_in(world.ada)
    assert home(ada, "?org=parking") == "/o/meadow/", "where one is no member one does not begin"
    with tenant_tx(world.eve.context):
        Membership.objects.create(org_id=world.elsewhere.id, user_id=world.ada.id, role=Role.ANNOTATOR)
    assert home(ada, "?org=meadow") == "/o/meadow/"
    assert home(ada, "?org=elsewhere") == "/o/elsewhere/"


def test_who_belongs_nowhere_is_told_so(world: World, signed_in: Any) -> None:
    member = make_member(world.elsewhere, "gone", Role.ANNOTATOR)
    with tenant_tx(world.eve.context):
        Membership.objects.filter(user_id=member.id).delete()
    assert signed_in(member).get("/").status_code == 403
