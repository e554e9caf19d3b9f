"""What people say to each other, and what they are told, over the live channel."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.accounts.selectors import Member
from apps.core.tenancy import tenant_tx
from apps.discussion.models import Thread
from apps.discussion.services import answer, ask, mark_all_read
from tests.distribution.line import make_line, make_tasks
from tests.live.browser import cookie_of, meanwhile, silence, socket
from tests.people import World, make_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


class Table:
    """The cast, signed in, and a task about which Max has asked."""

    def __init__(self) -> None:
        self.world: World = make_world()
        (self.task,) = make_tasks(self.world, make_line(self.world), 1)
        self.cookies = {name: cookie_of(member) for name, member in self.world.members.items()}
        self.say(self.world.max, "Does a trailer count?")
        with tenant_tx(self.world.max.context):
            self.thread: UUID = Thread.objects.get().pk

    def say(self, member: Member, text: str) -> None:
        with tenant_tx(member.context):
            ask(task_id=self.task.pk, text=text)

    def answer(self, member: Member, text: str) -> None:
        with tenant_tx(member.context):
            answer(thread_id=self.thread, text=text)


@pytest.fixture
def table() -> Table:
    return Table()


async def test_who_reads_a_thread_hears_that_something_was_said(table: Table) -> None:
    async with socket("meadow", table.cookies["max"]) as max_, socket("parking", table.cookies["noor"]) as noor:
        await max_.follow("thread", table.thread)
        await noor.follow("thread", table.thread)
        await meanwhile(table.answer, table.world.rita, "Yes.")
        assert (await max_.next("thread.changed"))["state"] == "open"
        assert (await noor.next("thread.changed"))["state"] == "open"


@pytest.mark.parametrize(("org", "name"), [("elsewhere", "eve"), ("meadow", "bob"), ("parking", "olga")])
async def test_a_thread_that_one_may_not_read_is_refused_like_one_that_is_not_there(
    table: Table, org: str, name: str
) -> None:
    async with socket(org, table.cookies[name]) as stranger:
        for id_ in (table.thread, uuid4()):
            refused = await stranger.follow("thread", id_)
            assert (refused["type"], refused["code"]) == ("refused", "not_found")


async def test_a_person_hears_how_many_notifications_are_unread(table: Table) -> None:
    async with socket("meadow", table.cookies["max"]) as max_:
        await max_.follow("person", table.world.max.id)
        assert (await max_.next("notifications.unread"))["unread"] == 0
        await meanwhile(table.answer, table.world.rita, "Yes.")
        assert (await max_.next("notifications.unread"))["unread"] == 1
        await meanwhile(read_all, table)
        assert (await max_.next("notifications.unread"))["unread"] == 0


async def test_nobody_follows_what_another_person_is_told(table: Table) -> None:
    async with socket("meadow", table.cookies["rita"]) as rita:
        for id_ in (table.world.max.id, uuid4()):
            assert (await rita.follow("person", id_))["type"] == "refused"
        await meanwhile(table.answer, table.world.noor, "Yes.")
        assert await silence(rita)


def read_all(table: Table) -> Any:
    with tenant_tx(table.world.max.context):
        mark_all_read()
