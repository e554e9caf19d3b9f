"""Engagements: offered to a name, accepted by whose it is, changed by the customer, ended by either."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Engagement, EngagementState, Organization
from apps.accounts.selectors import member_by_session
from apps.activity.models import AuditEvent
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.jobs.models import Outbox
from tests.distribution.line import make_line
from tests.people import World, make_member, make_organization

SignIn = Callable[..., Any]


@pytest.fixture
def hill(world: World) -> Organization:
    """Hill Labels, a second vendor, where Hanna manages."""
    return named(make_organization("hill"), "Hill Labels")


def named(organization: Organization, name: str) -> Organization:
    with tenant_tx(owner_context(organization.pk)):
        Organization.objects.filter(pk=organization.pk).update(name=name)
    return organization


@pytest.fixture
def hanna(hill: Organization, signed_in: SignIn) -> Any:
    return signed_in(make_member(hill, "hanna", Role.MANAGER))


@pytest.fixture
def noor(world: World, signed_in: SignIn) -> Any:
    return signed_in(world.noor)


def offer(client: Any, world: World, vendor: str = "hill", **fields: Any) -> Any:
    """By the API."""
    body = {"project": str(world.project.pk), "vendor": vendor, **fields}
    return client.post(f"{client.api}/engagements", body, content_type="application/json")


def accept(client: Any, offered: Any) -> Any:
    return client.post(f"{client.api}/engagements/{offered['id']}/acceptance", content_type="application/json")


def change(client: Any, row: Any, etag: str | None = None, **fields: Any) -> Any:
    address = f"{client.api}/engagements/{row['id']}"
    headers = {"If-Match": etag or client.get(address).headers["ETag"]}
    return client.patch(address, fields, content_type="application/json", headers=headers)


def end(client: Any, row: Any) -> Any:
    return client.delete(f"{client.api}/engagements/{row['id']}")


def test_a_project_is_offered_accepted_and_seen(world: World, noor: Any, hanna: Any) -> None:
    project = f"{hanna.api}/projects/{world.project.pk}"
    offered = offer(noor, world, run_models=True).json()
    assert (offered["state"], offered["vendor"], offered["addressee"]) == ("offered", None, "hill")
    assert hanna.get(project).status_code == 404
    (seen,) = hanna.get(f"{hanna.api}/engagements").json()["results"]
    assert (seen["id"], seen["project_name"], seen["run_models"]) == (offered["id"], "Car models", True)

    accepted = accept(hanna, offered)

    assert (accepted.status_code, accepted.json()["state"]) == (201, "active")
    assert hanna.get(project).status_code == 200
    known = noor.get(f"{noor.api}/engagements/{offered['id']}").json()
    assert known["vendor"] == accepted.json()["vendor"] is not None


@pytest.mark.parametrize("name", ["Hill Labels", "hill", "HILL"])
def test_a_vendor_is_found_by_its_slug_or_exact_name(world: World, noor: Any, hanna: Any, name: str) -> None:
    offered = offer(noor, world, name).json()
    assert accept(hanna, offered).status_code == 201


def test_an_offer_to_nobody_looks_like_any_other(world: World, hill: Organization, noor: Any) -> None:
    real, made_up = offer(noor, world, "hill"), offer(noor, world, "no-such-place")
    assert real.status_code == made_up.status_code == 201
    differ = {name for name, value in real.json().items() if made_up.json()[name] != value}
    assert differ <= {"id", "addressee", "created_at"}
    for one in (real, made_up):
        again = offer(noor, world, one.json()["addressee"])
        assert (again.status_code, again.json()["error"]["code"]) == (409, "offer_waits")
    page = noor.get(f"{noor.org}/engagements/").content.decode()
    assert "no-such-place" in page and "hill" in page and "Hill Labels" not in page
    with tenant_tx(world.noor.context):
        assert set(Organization.objects.values_list("slug", flat=True)) == {"parking", "meadow"}


def test_offers_are_counted_so_that_nobody_walks_through_names(world: World, noor: Any) -> None:
    statuses = [offer(noor, world, f"guess-{number}").status_code for number in range(31)]
    assert statuses == [201] * 30 + [429]


def test_a_name_that_two_have_reaches_neither(world: World, noor: Any, signed_in: SignIn) -> None:
    for slug in ("twin-a", "twin-b"):
        named(make_organization(slug), "Twin")
    tom = signed_in(make_member(named(make_organization("twin-c"), "Twin"), "tom", Role.MANAGER))
    assert offer(noor, world, "Twin").status_code == 201
    assert tom.get(f"{tom.api}/engagements").json()["results"] == []


def test_the_own_organization_and_an_engaged_one_are_refused(world: World, noor: Any) -> None:
    assert offer(noor, world, "parking").json()["error"]["code"] == "own_organization"
    assert offer(noor, world, "Meadow").json()["error"]["code"] == "already_engaged"


def test_only_the_vendor_accepts_and_strangers_find_nothing(
    world: World, noor: Any, hanna: Any, signed_in: SignIn
) -> None:
    offered = offer(noor, world).json()
    assert accept(signed_in(make_member(world.parking, "pia", Role.OWNER)), offered).status_code == 403
    assert accept(signed_in(world.max), offered).status_code == 404
    assert end(signed_in(world.eve), offered).status_code == 404
    annotator = signed_in(world.ada)
    assert annotator.get(f"{annotator.api}/engagements").status_code == 403
    assert accept(hanna, offered).status_code == 201
    assert accept(hanna, offered).json()["error"]["code"] == "transition_refused"


def test_the_vendor_changes_nothing_of_what_is_shared(world: World, noor: Any, hanna: Any) -> None:
    offered = offer(noor, world).json()
    accept(hanna, offered)
    assert change(hanna, offered, run_models=True).status_code == 403
    with tenant_tx(owner_context(hanna_org(world))):
        assert Engagement.across_tenants.filter(pk=offered["id"]).update(run_models=True) == 0


def hanna_org(world: World) -> Any:
    with tenant_tx(world.noor.context):
        return Organization.objects.get(slug="hill").pk


@pytest.mark.parametrize("by", ["customer", "vendor"])
@pytest.mark.parametrize("live", [True, False])
def test_either_side_ends_it_with_the_next_request(world: World, noor: Any, hanna: Any, by: str, live: bool) -> None:
    offered = offer(noor, world).json()
    if live:
        accept(hanna, offered)
    assert end(noor if by == "customer" else hanna, offered).status_code == 204
    assert hanna.get(f"{hanna.api}/projects/{world.project.pk}").status_code == 404
    assert noor.get(f"{noor.api}/engagements/{offered['id']}").json()["state"] == "ended"
    assert end(noor, offered).status_code == 409
    assert offer(noor, world).status_code == 201


def test_roles_dates_and_models_hold(world: World, noor: Any, hanna: Any, hill: Organization) -> None:
    offered = offer(noor, world, roles=["annotator"]).json()
    accept(hanna, offered)
    project = f"{hanna.api}/projects/{world.project.pk}"
    assert hanna.get(project).status_code == 404
    assert change(noor, offered, roles=["annotator", "manager"]).status_code == 200
    assert hanna.get(project).status_code == 200
    now = timezone.now()
    past = (now - datetime.timedelta(minutes=1)).isoformat()
    assert change(noor, offered, ends_at=past).status_code == 200
    assert hanna.get(project).status_code == 404
    assert (
        change(noor, offered, ends_at=None, starts_at=(now + datetime.timedelta(days=1)).isoformat()).status_code == 200
    )
    assert hanna.get(project).status_code == 404
    assert change(noor, offered, starts_at=None).status_code == 200
    assert hanna.get(project).status_code == 200


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"roles": []}, "no_roles"),
        ({"roles": ["king"]}, "unknown_role"),
        ({"stages": ["paint"]}, "unknown_stage"),
        ({"stages": ["review"]}, "review_alone"),
        ({"starts_at": "2026-12-02T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"}, "invalid_dates"),
        ({"ends_at": "2026-12-01T00:00:00"}, "invalid_dates"),
        ({"vendor": " "}, "invalid_name"),
    ],
)
def test_a_wrong_scope_is_refused(world: World, noor: Any, fields: dict[str, Any], code: str) -> None:
    make_line(world)
    refused = offer(noor, world, **fields)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)


def test_names_are_shown_only_where_the_vendor_accepted_that(world: World, noor: Any, hanna: Any) -> None:
    offered = offer(noor, world).json()
    assert change(noor, offered, names_shown=True).status_code == 200
    assert change(noor, offered, names_shown=False).status_code == 200
    accept(hanna, offered)
    assert change(noor, offered, names_shown=True).json()["error"]["code"] == "names_need_acceptance"


def test_a_change_needs_what_was_read(world: World, noor: Any) -> None:
    offered = offer(noor, world).json()
    assert change(noor, offered, '"old"', run_models=True).status_code == 412
    bare = noor.patch(f"{noor.api}/engagements/{offered['id']}", {}, content_type="application/json")
    assert bare.status_code == 428


def test_each_step_is_recorded_once_and_told(world: World, noor: Any, hanna: Any) -> None:
    offered = offer(noor, world).json()
    accept(hanna, offered)
    change(noor, offered, run_models=True)
    end(hanna, offered)
    with tenant_tx(owner_context(world.parking.id)):
        rows = AuditEvent.objects.filter(object_id=offered["id"]).order_by("id")
        steps = ["engagement.offer", "engagement.accept", "engagement.edit", "engagement.end"]
        assert list(rows.values_list("verb", flat=True)) == steps
        assert {row.worker_org_id for row in rows} == {world.parking.id, hanna_org(world)}
        assert Outbox.objects.filter(topic="engagement.changed").count() == 4


def test_accepting_one_settles_the_other_offers_of_the_project(world: World, noor: Any, hanna: Any) -> None:
    first, second = offer(noor, world, "hill").json(), offer(noor, world, "Hill Labels").json()
    assert accept(hanna, second).status_code == 201
    assert noor.get(f"{noor.api}/engagements/{first['id']}").json()["state"] == "ended"


def test_a_vendor_accepts_what_it_has_read(world: World, noor: Any, hanna: Any) -> None:
    offered = offer(noor, world).json()
    address = f"{hanna.api}/engagements/{offered['id']}"
    read, page = hanna.get(address).headers["ETag"], f"{hanna.org}/engagements/{offered['id']}"
    seen = hanna.get(page).context["seen"]
    assert change(noor, offered, names_shown=True).status_code == 200
    refused = hanna.post(f"{address}/acceptance", content_type="application/json", headers={"If-Match": read})
    assert (refused.status_code, refused.json()["error"]["code"]) == (412, "precondition_failed")
    shown = hanna.post(f"{page}/acceptance", {"seen": seen}, follow=True).content.decode()
    assert "This has changed since you read it" in shown
    assert hanna.get(address).json()["state"] == "offered"
    hanna.post(f"{page}/acceptance", {"seen": hanna.get(page).context["seen"]})
    assert hanna.get(address).json()["state"] == "active"


def test_a_second_live_engagement_is_impossible(world: World, hill: Organization) -> None:
    with tenant_tx(owner_context(world.parking.id)):
        ids = [
            Engagement.objects.create(org_id=world.parking.id, vendor=hill, project_id=world.project.pk, state=state).pk
            for state in (EngagementState.ACTIVE, EngagementState.OFFERED)
        ]
    assert ids
    hugo = make_member(hill, "hugo", Role.MANAGER)
    from apps.accounts.services import accept_engagement  # noqa: PLC0415
    from apps.accounts.services.engagements import AlreadyEngaged  # noqa: PLC0415

    with tenant_tx(hugo.context), pytest.raises(AlreadyEngaged):
        accept_engagement(engagement=Engagement.across_tenants.get(pk=ids[1]))


def test_who_is_there_says_what_is_closed(world: World, noor: Any, hanna: Any) -> None:
    line = make_line(world)
    offered = offer(noor, world, stages=["label"]).json()
    accept(hanna, offered)
    person = hanna.session["_auth_user_id"]
    member = member_by_session(person, "hill")
    assert member is not None
    assert member.context.closed == {line.review.pk}
