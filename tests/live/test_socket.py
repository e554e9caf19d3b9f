"""The live channel against the real cache, database and feeds."""

import asyncio
import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Engagement, EngagementState, Membership
from apps.accounts.selectors import Member
from apps.activity import hints
from apps.activity.models import Feed
from apps.activity.services import publish
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution.models import PipelineRun, RunState
from apps.distribution.services.runs import change_run
from apps.jobs.services import cancel, request
from apps.live import consumers, selectors, topics
from tests.factories import make_item, make_run
from tests.live.browser import cookie_of, meanwhile, silence, socket
from tests.people import World, make_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


class Town:
    """The cast, signed in, with one picture in the shared project."""

    def __init__(self) -> None:
        self.world = make_world()
        self.item = make_item(self.world)
        self.cookies = {name: cookie_of(member) for name, member in self.world.members.items()}

    def tell(self, frame: str = "overlay.partial", **fields: Any) -> int:
        """A frame on the picture's topic."""
        with tenant_tx(owner_context(self.item.org_id)):
            return publish(
                f"item:{self.item.pk}",
                {"type": frame, **fields},
                org_id=self.item.org_id,
                project_id=self.item.project_id,
            )


@pytest.fixture
def town() -> Town:
    return Town()


async def test_a_frame_reaches_who_follows_the_item(town: Town) -> None:
    async with socket("meadow", town.cookies["ada"]) as ada:
        assert await ada.follow("item", town.item.pk) == {
            "type": "hello",
            "topic": "item",
            "id": str(town.item.pk),
            "seq": 0,
        }
        await meanwhile(lambda: town.tell(done=1, total=4))
        frame = await ada.next("overlay.partial")
        assert (frame["seq"], frame["id"], frame["done"]) == (1, str(town.item.pk), 1)


async def test_a_reconnect_resumes_after_the_last_frame_seen(town: Town) -> None:
    for number in range(1, 6):
        await meanwhile(lambda number=number: town.tell(done=number))
    async with socket("meadow", town.cookies["ada"]) as ada:
        hello = await ada.follow("item", town.item.pk, after=2)
        assert hello["seq"] == 2
        assert [(await ada.next("overlay.partial"))["seq"] for _ in range(3)] == [3, 4, 5]


async def test_a_burst_arrives_in_order_and_each_once(town: Town) -> None:
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.follow("item", town.item.pk)
        for number in range(30):
            await meanwhile(lambda number=number: town.tell(done=number))
        assert [(await ada.next("overlay.partial"))["seq"] for _ in range(30)] == list(range(1, 31))
        assert await silence(ada)


async def test_more_frames_than_one_read_holds_all_arrive(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "MOST_FRAMES", 3)
    for _ in range(8):
        await meanwhile(town.tell)
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.follow("item", town.item.pk, after=0)
        assert [(await ada.next("overlay.partial"))["seq"] for _ in range(8)] == list(range(1, 9))


async def test_what_the_feed_has_forgotten_is_a_resync(town: Town) -> None:
    for _ in range(4):
        await meanwhile(town.tell)
    await meanwhile(forget, town, 3)
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.follow("item", town.item.pk, after=1)
        assert (await ada.next())["type"] == "resync"
        await meanwhile(town.tell)
        assert (await ada.next())["seq"] == 5


async def test_a_place_that_the_topic_never_reached_is_a_resync(town: Town) -> None:
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.follow("item", town.item.pk, after=70)
        assert (await ada.next())["type"] == "resync"


async def test_a_lost_hint_costs_a_poll_at_most(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "POLL_EVERY", 0.3)
    monkeypatch.setattr("apps.activity.hints.send", lambda topic, seq: None)
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.follow("item", town.item.pk)
        await meanwhile(town.tell)
        assert (await ada.next("overlay.partial"))["seq"] == 1
        assert (await ada.next("ping"))["seq"] == 1


@pytest.mark.parametrize("topic", ["item", "task", "project", "job", "queue", "weather"])
async def test_a_foreign_topic_and_an_unknown_one_are_refused_alike(town: Town, topic: str) -> None:
    foreign: UUID = town.world.project.pk if topic in {"project", "queue"} else town.item.pk
    async with socket("elsewhere", town.cookies["eve"]) as eve:
        for id_ in (foreign, uuid4()):
            answer = await eve.follow(topic, id_)
            assert (answer["type"], answer["code"]) == ("refused", "not_found")


async def test_unsubscribing_ends_a_topic(town: Town) -> None:
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.follow("item", town.item.pk)
        await ada.say("unsubscribe", topic="item", id=str(town.item.pk))
        await ada.follow("weather", uuid4())
        await meanwhile(town.tell)
        assert await silence(ada)


async def test_a_person_of_the_held_out_arm_is_shown_no_overlay(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "hides_suggestions", lambda user_id, item_id: user_id == town.world.ada.id)
    async with socket("meadow", town.cookies["ada"]) as ada, socket("meadow", town.cookies["bob"]) as bob:
        await ada.follow("item", town.item.pk)
        await bob.follow("item", town.item.pk)
        await meanwhile(lambda: town.tell(shapes=[{"label": "car"}]))
        assert "shapes" in await bob.next("overlay.partial")
        hidden = await ada.next()
        assert (hidden["type"], hidden["seq"], "shapes" in hidden) == ("withheld", 1, False)


async def test_a_project_sends_its_counts_as_they_stand(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = [3]
    monkeypatch.setattr(topics, "stage_counts", lambda project: [{"stage": "s", "ready": ready[0]}])
    async with socket("meadow", town.cookies["max"]) as manager:
        await manager.follow("project", town.world.project.pk)
        assert (await manager.next("stage.counts"))["stages"] == [{"stage": "s", "ready": 3}]
        ready[0] = 2
        await meanwhile(ring, town)
        assert (await manager.next("stage.counts"))["stages"][0]["ready"] == 2


async def test_a_run_that_pauses_is_told_though_no_count_moves(town: Town) -> None:
    run = await meanwhile(make_run, town.world)
    async with socket("meadow", town.cookies["max"]) as manager:
        await manager.follow("project", town.world.project.pk)
        assert (await manager.next("stage.counts"))["run"] == "running"
        await meanwhile(pause, town, run)
        assert (await manager.next("stage.counts"))["run"] == "paused"


async def test_the_queue_of_a_project_is_counted(town: Town) -> None:
    async with socket("parking", town.cookies["noor"]) as noor:
        await noor.follow("queue", town.world.project.pk)
        assert (await noor.next("queue.counts"))["queued"] == 0


async def test_the_end_of_a_job_is_told(town: Town) -> None:
    job = await meanwhile(ask, town)
    async with socket("parking", town.cookies["noor"]) as noor:
        await noor.follow("job", job.pk)
        await meanwhile(take_back, town, job)
        assert (await noor.next("job.progress"))["state"] == "cancelled"


# Who may come in, and for how long


async def test_who_is_not_signed_in_is_told_so_by_the_close_code(town: Town) -> None:
    for cookie in ("", "sessionid=made-up"):
        async with socket("meadow", cookie) as stranger:
            assert await stranger.close_code() == 4401


async def test_who_is_no_member_is_closed_out(town: Town) -> None:
    async with socket("meadow", town.cookies["eve"]) as eve:
        assert await eve.close_code() == 4403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:9999", "null", ""])
async def test_a_page_of_another_site_cannot_use_the_cookie(town: Town, origin: str) -> None:
    async with socket("meadow", town.cookies["ada"], origin=origin) as browser:
        assert await browser.close_code() == 4403


async def test_a_ticket_opens_one_socket_without_cookie_or_origin(town: Town) -> None:
    ticket = await meanwhile(ticket_of, town.world.ada)
    async with socket("meadow", origin="", query=f"?ticket={ticket}") as script:
        assert (await script.next())["type"] == "hello"
    async with socket("meadow", origin="", query=f"?ticket={ticket}") as again:
        assert await again.close_code() == 4401


async def test_a_ticket_is_good_for_its_organization_alone(town: Town) -> None:
    ticket = await meanwhile(ticket_of, town.world.ada)
    async with socket("parking", origin="", query=f"?ticket={ticket}") as script:
        assert await script.close_code() == 4403


async def test_a_dismissed_member_is_out_within_5_s(town: Town) -> None:
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.next("hello")
        await meanwhile(dismiss, town.world.ada)
        assert await ada.close_code(5) == 4403


async def test_a_newer_tab_takes_the_task_over(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "may_follow", lambda context, topic, id_: None)
    task = uuid4()
    async with socket("meadow", town.cookies["ada"]) as old, socket("meadow", town.cookies["bob"]) as bobs:
        await old.follow("task", task)
        await bobs.follow("task", task)
        async with socket("meadow", town.cookies["ada"]) as new:
            await new.follow("task", task)
            assert await old.close_code() == 4409
            await new.follow("task", task)
            assert await silence(new)
            assert await silence(bobs)


async def test_signing_out_closes_the_socket(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "LOOK_EVERY", 0.2)
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.next("hello")
        await meanwhile(sign_out, town.cookies["ada"])
        assert await ada.close_code() == 4401


async def test_the_end_of_an_engagement_closes_sockets_that_follow_its_project(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "LOOK_EVERY", 0.2)
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.follow("item", town.item.pk)
        await meanwhile(end_engagement, town.world)
        assert await ada.close_code() == 4403


# What a client may do to us


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"type": "subscribe"}', '{"type": "write"}', '{"type": 1}'])
async def test_what_cannot_be_read_is_refused_and_the_socket_stays(town: Town, text: str) -> None:
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.next("hello")
        await (ada.send_text(text) if text else ada.send_bytes(b"\x00"))
        assert (await ada.next())["code"] == "invalid_frame"
        assert (await ada.follow("item", town.item.pk))["type"] == "hello"


async def test_a_frame_beyond_64_kb_closes_the_socket(town: Town) -> None:
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.send_text("x" * 65_537)
        assert await ada.close_code() == 1009


async def test_a_flood_closes_the_socket(town: Town) -> None:
    async with socket("meadow", town.cookies["ada"]) as ada:
        for _ in range(100):
            await ada.say("pong")
        assert await ada.close_code() == 1008


async def test_a_client_that_does_not_read_is_too_slow(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "PATIENCE", 0.2)
    codes: list[int] = []
    monkeypatch.setattr(consumers.Live, "send", never_sent)
    monkeypatch.setattr(consumers.Live, "close", noted(codes))
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.say("subscribe", topic="item", id=str(town.item.pk))
        assert await silence(ada, 1.0)
    assert codes == [4408]


async def test_a_client_that_is_gone_is_no_error_of_ours(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(consumers.Live, "send", to_nobody)
    monkeypatch.setattr(consumers.Live, "close", to_nobody)
    async with socket("meadow", town.cookies["ada"]) as ada:
        await ada.say("subscribe", topic="item", id=str(town.item.pk))
        assert await silence(ada, 0.3)
    assert not [record for record in caplog.records if record.name == "apps.live.consumers"]


def forget(town: Town, up_to: int) -> None:
    with tenant_tx(owner_context(town.item.org_id)):
        Feed.objects.filter(seq__lte=up_to).delete()


def ring(town: Town) -> None:
    hints.send(f"project:{town.world.project.pk}", None)


def pause(town: Town, run: PipelineRun) -> None:
    with tenant_tx(town.world.noor.context):
        change_run(run=run, state=RunState.PAUSED)


def ask(town: Town) -> Any:
    with tenant_tx(town.world.noor.context):
        return request(kind="nothing", input={})


def take_back(town: Town, job: Any) -> None:
    with tenant_tx(town.world.noor.context):
        cancel(job=job)


def ticket_of(member: Member) -> str:
    client = Client()
    client.force_login(member.user)
    answer = client.post(f"/api/v1/orgs/{member.context.org_slug}/socket_tickets", content_type="application/json")
    assert answer.status_code == 201
    assert datetime.datetime.fromisoformat(answer.json()["expires_at"]) > timezone.now()
    return str(answer.json()["ticket"])


def dismiss(member: Member) -> None:
    with tenant_tx(member.context):
        Membership.objects.filter(user_id=member.id).update(deactivated_at=timezone.now())


def sign_out(cookie: str) -> None:
    client = Client(headers={"cookie": cookie})
    client.cookies.load(cookie)
    client.logout()


def end_engagement(world: World) -> None:
    with tenant_tx(world.noor.context):
        Engagement.objects.update(state=EngagementState.ENDED)


async def never_sent(self: Any, text_data: str | None = None, **rest: Any) -> None:
    await asyncio.Event().wait()


def noted(codes: list[int]) -> Any:
    async def close(self: Any, code: int | None = None, reason: str | None = None) -> None:
        codes.append(code or 1000)

    return close


async def to_nobody(*args: Any, **frame: Any) -> None:
    """As uvicorn answers when the other side has left."""
    raise ConnectionResetError
