"""What one side of an engagement does is told to those on the other side who can answer it."""

from typing import Any

from apps.accounts.models import Engagement, EngagementState
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.discussion import actors
from apps.discussion.models import Notification
from apps.jobs.actors import News
from tests.people import World, make_member, make_organization


def told(client: Any) -> list[str]:
    return [row["text"] for row in client.get(f"{client.api}/notifications").json()["results"]]


def tell(world: World, row: Engagement, verb: str, by: Any) -> None:
    with tenant_tx(owner_context(world.parking.id)):
        actors.tell_of_engagements([News(1, {"engagement": str(row.pk), "verb": verb, "by": str(by)})])


def test_an_offer_is_told_to_the_vendors_managers_and_leads_to_its_page(world: World, signed_in: Any) -> None:
    hill = make_organization("hill")
    hanna, hugo = make_member(hill, "hanna", Role.MANAGER), make_member(hill, "hugo", Role.ANNOTATOR)
    row = make_offer(world, vendor=hill)
    tell(world, row, "offer", world.parking.id)
    client = signed_in(hanna)
    assert told(client) == ["You are offered Car models (Parking)"]
    (one,) = client.get(f"{client.api}/notifications").json()["results"]
    leads_to = client.get(f"{client.org}/notifications/{one['id']}").headers["Location"]
    assert client.get(leads_to).status_code == 200
    assert told(signed_in(hugo)) == told(signed_in(world.noor)) == told(signed_in(world.max)) == []


def test_an_answer_is_told_to_the_customer_by_the_name_that_it_knows(world: World, signed_in: Any) -> None:
    hill = make_organization("hill")
    row = make_offer(world, vendor=hill)
    tell(world, row, "refuse", hill.pk)
    assert told(signed_in(world.noor)) == ["The engagement for Car models (the people on the hill) has ended"]
    assert told(signed_in(world.olga)) == []


def test_an_offer_to_nobody_is_told_to_nobody(world: World) -> None:
    tell(world, make_offer(world, vendor=None), "offer", world.parking.id)
    for organization in (world.parking, world.meadow, world.elsewhere):
        with tenant_tx(owner_context(organization.pk)):
            assert not Notification.objects.exists()


def make_offer(world: World, **fields: Any) -> Engagement:
    with tenant_tx(owner_context(world.parking.id)):
        row: Engagement = Engagement.objects.create(
            org_id=world.parking.id,
            project_id=world.project.pk,
            project_name="Car models",
            addressee="the people on the hill",
            state=EngagementState.OFFERED,
            roles=[Role.MANAGER],
            **fields,
        )
    return row
