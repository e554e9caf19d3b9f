"""The pages of engagements, roles, teams and settings, as people use them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.access import ALWAYS, TABLE, actions_of
from apps.accounts.action_words import WORDS
from apps.accounts.models import CustomRole, Engagement, Membership, Team
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.projects.models import Project
from tests.distribution.line import make_line
from tests.people import World, make_member, make_organization

from .test_roles import membership_of

SignIn = Callable[..., Any]
ROLES = ["manager", "reviewer", "annotator"]


@pytest.fixture
def max_(world: World, signed_in: SignIn) -> Any:
    return signed_in(world.max)


def test_every_action_that_a_custom_role_can_leave_is_called_by_words() -> None:
    called = {key for _title, words in WORDS for key in words}
    left = {action for role in Role if role != Role.OWNER for action in actions_of(role)} - ALWAYS
    assert left - called == set(), "add these to action_words.py"
    assert called <= set(TABLE)


def test_a_project_is_shared_from_its_page_answered_and_ended(world: World, signed_in: SignIn) -> None:
    make_line(world)
    noor = signed_in(world.noor)
    hanna = signed_in(make_member(make_organization("hill"), "hanna", Role.MANAGER))
    share = f"{noor.org}/projects/{world.project.pk}/share"
    assert share in noor.get(f"{noor.org}/projects/{world.project.pk}/").content.decode()
    refused = noor.post(share, {"vendor": "hill", "roles": ROLES, "stages": ["review"]})
    assert refused.status_code == 422
    assert "share a stage of labeling too" in refused.content.decode()
    form = {"vendor": "hill", "roles": ROLES, "stages": ["label"], "first_day": "2026-01-02", "last_day": "2999-01-01"}
    offered = noor.post(share, form)
    page = noor.get(offered.headers["Location"]).content.decode()
    assert "The offer waits for an answer" in page and 'value="2999-01-01"' in page and 'value="2026-01-02"' in page

    path = offered.headers["Location"].replace("/o/parking/", "/o/hill/")
    assert "Accept" in hanna.get(path).content.decode()
    accepted = hanna.post(f"{path}/acceptance", follow=True).content.decode()
    assert "You work on Car models now." in accepted and "Parking offered the project" in accepted
    assert "Noor" not in accepted
    assert "Hanna accepted" in accepted

    changed = noor.post(offered.headers["Location"], {"roles": ROLES, "seen": "old"})
    assert changed.status_code == 422
    seen = noor.get(offered.headers["Location"]).context["seen"]
    assert noor.post(offered.headers["Location"], {"roles": ["annotator"], "seen": seen}).status_code == 302
    history = hanna.get(path).content.decode()
    assert "Parking changed what is shared" in history and "stages, roles" in history
    assert "This has ended" in noor.post(f"{offered.headers['Location']}/end", follow=True).content.decode()
    assert re.search(r"with Hill · ended \d", noor.get(f"{noor.org}/engagements/").content.decode())
    assert hanna.post(f"{path}/end", follow=True).status_code == 200


def test_a_vendors_engineer_looks_but_neither_accepts_nor_ends(world: World, signed_in: SignIn) -> None:
    eli = signed_in(make_member(world.meadow, "eli", Role.ENGINEER))
    with tenant_tx(owner_context(world.parking.id)):
        path = f"{eli.org}/engagements/{Engagement.objects.get().pk}"
    page = eli.get(path)
    assert page.status_code == 200
    assert "end-engagement" not in page.content.decode()
    for act in ("/acceptance", "/end", ""):
        assert eli.post(f"{path}{act}").status_code == 403


def test_an_engagement_of_a_deleted_project_can_still_be_ended(world: World, signed_in: SignIn) -> None:
    noor = signed_in(world.noor)
    with tenant_tx(owner_context(world.parking.id)):
        Project.objects.update(deleted_at=timezone.now())
        path = f"{noor.org}/engagements/{Engagement.objects.get().pk}"
    page = noor.get(path)
    assert page.status_code == 200
    assert page.context["form"] is None
    assert noor.post(f"{path}/end").status_code == 302


def test_a_stranger_finds_no_engagement(world: World, signed_in: SignIn) -> None:
    eve = signed_in(world.eve)
    with tenant_tx(owner_context(world.parking.id)):
        path = f"{eve.org}/engagements/{Engagement.objects.get().pk}"
    assert eve.get(path).status_code == eve.post(f"{path}/end").status_code == 404
    assert eve.get(f"{eve.org}/projects/{world.project.pk}/share").status_code == 404
    assert "None of your projects is shared" in eve.get(f"{eve.org}/engagements/").content.decode()


def test_a_custom_role_is_made_narrowed_given_and_deleted(world: World, max_: Any) -> None:
    made = max_.post(f"{max_.org}/roles/", {"name": "Labels only", "base": "reviewer"})
    page = max_.get(made.headers["Location"])
    assert "Accept, fix and return" in page.content.decode()
    form = {"name": "Labels only", "actions": ["task.claim", "task.work"], "seen": page.context["seen"]}
    assert max_.post(made.headers["Location"], form).status_code == 302
    assert max_.post(made.headers["Location"], form).status_code == 422
    with tenant_tx(world.max.context):
        role = CustomRole.objects.get()
    assert role.actions == ["task.claim", "task.work"]
    given = max_.post(f"{max_.org}/members/{membership_of(world.rita)}", {"role": str(role.pk)}, follow=True)
    assert "Rita is Labels only." in given.content.decode()
    invited = max_.post(f"{max_.org}/members/", {"email": "zoe@meadow.example", "role": str(role.pk)})
    assert invited.status_code == 200 and "Labels only ·" in invited.content.decode()
    assert "Somebody has this role" in max_.post(f"{made.headers['Location']}/deletion", follow=True).content.decode()
    refused = max_.post(f"{max_.org}/roles/", {"name": "Labels only", "base": "reviewer"})
    assert refused.status_code == 422


def test_a_team_is_made_filled_and_filters_people(world: World, max_: Any) -> None:
    made = max_.post(f"{max_.org}/teams/", {"name": "Night"})
    page = max_.get(made.headers["Location"])
    form = {"name": "Night shift", "members": [membership_of(world.ada)], "seen": page.context["seen"]}
    assert max_.post(made.headers["Location"], form).status_code == 302
    assert max_.post(made.headers["Location"], form | {"members": ["no id"]}).status_code == 422
    with tenant_tx(world.max.context):
        team = Team.objects.get()
    everybody = max_.get(f"{max_.org}/members/")
    assert [row["teams"] for row in everybody.context["members"] if row["name"] == "Ada"] == [["Night shift"]]
    filtered = max_.get(f"{max_.org}/members/?team={team.pk}")
    assert [row["name"] for row in filtered.context["members"]] == ["Ada"]
    assert max_.post(f"{made.headers['Location']}/deletion").status_code == 302
    assert max_.get(made.headers["Location"]).status_code == 404


def test_who_is_not_on_the_page_of_a_team_stays_in_it(world: World, max_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with tenant_tx(world.max.context):
        Membership.objects.filter(user_id=world.rita.id).update(deactivated_at=timezone.now())
    ids = [membership_of(one) for one in (world.ada, world.bob, world.rita)]
    team = max_.post(f"{max_.api}/teams", {"name": "Night", "members": ids}, content_type="application/json").json()
    monkeypatch.setattr("apps.accounts.views.teams.MOST", 2)  # Ada and Bob
    path = f"{max_.org}/teams/{team['id']}"
    form = {"name": "Night", "members": ids[:1], "seen": max_.get(path).context["seen"]}
    assert max_.post(path, form).status_code == 302
    kept = max_.get(f"{max_.api}/teams/{team['id']}").json()["members"]
    assert sorted(kept) == sorted([ids[0], ids[2]])


def test_settings_are_read_by_some_and_changed_by_managers(world: World, max_: Any, signed_in: SignIn) -> None:
    seen = max_.get(f"{max_.org}/settings/").context["seen"]
    form = {"name": "Meadow & Sons", "timezone": "Asia/Tokyo", "seen": seen}
    assert max_.post(f"{max_.org}/settings/", form).status_code == 302
    assert "Meadow &amp; Sons" in max_.get(f"{max_.org}/settings/").content.decode()
    assert max_.post(f"{max_.org}/settings/", form | {"timezone": "Nowhere"}).status_code == 422
    olga = signed_in(world.olga)
    assert olga.get(f"{olga.org}/settings/").status_code == 200
    assert olga.post(f"{olga.org}/settings/", form).status_code == 403
    ada = signed_in(world.ada)
    for path in ("settings", "roles", "teams", "engagements"):
        assert ada.get(f"{ada.org}/{path}/").status_code == 403


def test_somebody_in_two_organizations_goes_from_one_to_the_other(world: World, signed_in: SignIn) -> None:
    with tenant_tx(owner_context(world.parking.id)):
        Membership.objects.create(org_id=world.parking.id, user_id=world.max.id, role=Role.AUDITOR)
    max_ = signed_in(world.max)
    page = max_.get(f"{max_.org}/members/").content.decode()
    assert "/?org=parking" in page and "/?org=meadow" in page
    assert max_.get("/?org=parking").headers["Location"].startswith("/o/parking/")
    assert max_.get("/o/parking/members/").status_code == 200
    assert max_.post("/o/parking/members/", {"email": "a@b.example", "role": "annotator"}).status_code == 403
