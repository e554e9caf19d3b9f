"""Teams of one's own people, and the organization's own settings."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.activity.models import AuditEvent
from apps.core.tenancy import tenant_tx
from tests.people import World

from .test_roles import membership_of, patch

SignIn = Callable[..., Any]


@pytest.fixture
def max_(world: World, signed_in: SignIn) -> Any:
    return signed_in(world.max)


def make(client: Any, *members: str, name: str = "Night") -> Any:
    body = {"name": name, "members": list(members)}
    return client.post(f"{client.api}/teams", body, content_type="application/json")


def test_a_team_is_made_changed_and_deleted(world: World, max_: Any) -> None:
    ada, bob = membership_of(world.ada), membership_of(world.bob)
    team = make(max_, ada).json()
    assert team["members"] == [ada]
    changed = patch(max_, f"teams/{team['id']}", name="Day", members=[ada, bob])
    assert (changed.json()["name"], set(changed.json()["members"])) == ("Day", {ada, bob})
    assert patch(max_, f"teams/{team['id']}", members=[bob]).json()["members"] == [bob]
    (listed,) = max_.get(f"{max_.api}/teams").json()["results"]
    assert listed == {"id": team["id"], "name": "Day", "members": [bob]}
    assert max_.delete(f"{max_.api}/teams/{team['id']}").status_code == 204
    assert max_.get(f"{max_.api}/teams").json()["results"] == []
    with tenant_tx(world.max.context):
        verbs = list(AuditEvent.objects.filter(verb__startswith="team.").order_by("id").values_list("verb", flat=True))
        assert verbs == ["team.create", "team.edit", "team.edit", "team.delete"]


def test_a_team_is_of_the_organizations_own_people(world: World, max_: Any) -> None:
    assert make(max_, membership_of(world.noor)).json()["error"]["code"] == "unknown_member"
    assert make(max_).status_code == 201
    assert make(max_).json()["error"]["code"] == "name_taken"


def test_teams_are_managers_and_their_organizations(world: World, max_: Any, signed_in: SignIn) -> None:
    team = make(max_).json()
    ada, eve = signed_in(world.ada), signed_in(world.eve)
    assert make(ada).status_code == 403
    assert eve.get(f"{eve.api}/teams/{team['id']}").status_code == 404
    assert eve.delete(f"{eve.api}/teams/{team['id']}").status_code == 404
    assert eve.get(f"{eve.api}/teams").json()["results"] == []


def test_an_organization_changes_its_name_and_calendar(world: World, max_: Any, signed_in: SignIn) -> None:
    changed = patch(max_, "organization", name="Meadow & Sons", timezone="Europe/Berlin")
    assert changed.json() == {
        "id": str(world.meadow.pk), "slug": "meadow", "name": "Meadow & Sons", "timezone": "Europe/Berlin",
    }  # fmt: skip
    assert patch(max_, "organization", timezone="Mars/Olympus").json()["error"]["code"] == "invalid_timezone"
    assert patch(max_, "organization", name=" ").json()["error"]["code"] == "invalid_name"
    noor = signed_in(world.noor)
    assert patch(noor, "organization", name="Mine").status_code == 403
    with tenant_tx(world.max.context):
        assert AuditEvent.objects.filter(verb="organization.edit").count() == 1
