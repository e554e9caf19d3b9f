"""Who loses their place is out of open sockets at once: the look every few seconds is put off, so that only the call
can have closed them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client

from apps.accounts import services, sockets
from apps.accounts.engaged import engagement_state
from apps.accounts.models import Engagement, Membership, User
from apps.accounts.selectors import Member
from apps.core.etags import etag_of
from apps.core.tenancy import tenant_tx
from apps.live import consumers
from tests.live.browser import cookie_of, meanwhile, silence, socket
from tests.live.test_socket import Town

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
AT_ONCE = 3
Act = Callable[[Town], Any]


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(consumers, "LOOK_EVERY", 60.0)
    return Town()


def membership_of(member: Member) -> Any:
    return Membership.objects.values_list("pk", flat=True).get(user_id=member.id)


def change(town: Town, **wanted: Any) -> None:
    with tenant_tx(town.world.max.context):
        services.change_member(membership_id=membership_of(town.world.ada), **wanted)


def end_by_customer(town: Town) -> None:
    with tenant_tx(town.world.noor.context):
        services.end_engagement(engagement=Engagement.objects.get())


def share_with_reviewers_alone(town: Town) -> None:
    with tenant_tx(town.world.noor.context):
        row = Engagement.objects.get()
        scope = services.Scope(roles=["reviewer"])
        services.change_engagement(engagement=row, seen=etag_of(engagement_state(row)), scope=scope)


def deactivate_person(town: Town) -> None:
    User.objects.filter(pk=town.world.ada.id).update(is_active=False)
    sockets.recheck(town.world.ada.id)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda town: change(town, active=False), 4403),
        (lambda town: change(town, role="auditor"), 4403),
        (end_by_customer, 4403),
        (share_with_reviewers_alone, 4403),
        (deactivate_person, 4401),
    ],
    ids=["dismissed", "another role", "engagement ended", "engagement without the role", "person deactivated"],
)
async def test_who_loses_their_place_is_out_at_once(town: Town, act: Act, code: int) -> None:
    async with socket("meadow", town.cookies["ada"]) as ada, socket("parking", town.cookies["noor"]) as noor:
        assert (await ada.follow("item", town.item.pk))["type"] == "hello"
        await noor.follow("item", town.item.pk)
        await meanwhile(act, town)
        assert await ada.close_code(AT_ONCE) == code
        assert await silence(noor)


async def test_a_revoked_session_takes_its_sockets_and_those_of_its_tickets_with_it(town: Town) -> None:
    ada = Client()
    await meanwhile(ada.force_login, town.world.ada.user)
    other = await meanwhile(cookie_of, town.world.ada)
    ticket = await meanwhile(ticket_by, ada, town.world.ada)
    cookie = f"sessionid={ada.cookies['sessionid'].value}"
    async with (
        socket("meadow", cookie) as page,
        socket("meadow", origin="", query=f"?ticket={ticket}") as script,
        socket("meadow", other) as elsewhere,
    ):
        for one in (page, script, elsewhere):
            await one.next("hello")
        await meanwhile(revoke, ada.session, town.world.ada)
        assert await page.close_code(AT_ONCE) == 4401
        assert await script.close_code(AT_ONCE) == 4401
        assert await silence(elsewhere)


def ticket_by(client: Client, member: Member) -> str:
    answer = client.post(f"/api/v1/orgs/{member.context.org_slug}/socket_tickets", content_type="application/json")
    return str(answer.json()["ticket"])


def revoke(session: SessionBase, member: Member) -> None:
    session.delete()
    sockets.recheck(member.id)
