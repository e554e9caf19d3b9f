"""Two vendors on one project see nothing of each other, and the customer sees pseudonyms of both.

The project is in full swing with Meadow's people. Hill's manager, reviewer and annotator ask for everything that the
URL table has, with the real ids of Meadow's rows; nothing that names Meadow or its people may come back.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Engagement, EngagementState, Organization, User
from apps.accounts.names import names_of
from apps.accounts.selectors import Member, member_by_session
from apps.activity.services import publish
from apps.core.errors import NotFound
from apps.core.roles import Role
from apps.core.search import search
from apps.core.tenancy import owner_context, tenant_tx
from apps.discussion.models import Comment, Notification, Thread
from apps.distribution.models import Draft, Submission, Task
from apps.live.selectors import may_follow, read_after
from apps.review.models import Verdict
from tests.distribution.line import make_line, make_tasks
from tests.look.filled import fill
from tests.look.kept import arguments_of
from tests.people import World, make_member, make_organization
from tests.test_access import every_operation

ROUTE_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
HILLS = {"hanna": Role.MANAGER, "rosa": Role.REVIEWER, "hugo": Role.ANNOTATOR}
MEADOWS = ("max", "ada", "bob", "rita")


class Street:
    """The world with a second vendor on the same project."""

    def __init__(self, world: World) -> None:
        self.world = world
        fill(world, 10)
        self.hill: Organization = make_organization("hill")
        with tenant_tx(owner_context(world.parking.id)):
            Engagement.objects.create(
                org_id=world.parking.id,
                vendor=self.hill,
                project_id=world.project.pk,
                state=EngagementState.ACTIVE,
                roles=list(HILLS.values()),
                run_models=True,
            )
        self.members = {name: now(make_member(self.hill, name, role)) for name, role in HILLS.items()}
        self.ids = self._meadows_ids()

    def _meadows_ids(self) -> dict[str, str]:
        """Of each kind of row, one that is Meadow's work."""
        with tenant_tx(owner_context(self.world.parking.id)):
            meadow = {"worker_org_id": self.world.meadow.pk}
            found = {
                "task_id": Task.objects.filter(**meadow, state="leased").values_list("pk", flat=True)[0],
                "thread_id": Thread.objects.filter(**meadow).values_list("pk", flat=True)[0],
                "submission_id": Submission.objects.filter(**meadow).values_list("pk", flat=True)[0],
                "verdict_id": Verdict.objects.filter(**meadow).values_list("pk", flat=True)[0],
                "notification_id": Notification.objects.filter(recipient_org_id=self.world.meadow.pk)[0].pk,
                "engagement_id": Engagement.objects.get(vendor=self.world.meadow).pk,
            }
        return arguments_of(self.world) | {name: str(value) for name, value in found.items()}

    def forbidden(self) -> re.Pattern[str]:
        """Whatever tells of Meadow: its name and id, its people's names, addresses, ids and pseudonyms, its rows."""
        people = [self.world.members[name] for name in MEADOWS]
        with tenant_tx(self.members["hanna"].context):
            pseudonyms = names_of([one.id for one in people], self.world.project.pk)
        words = [r"\bMeadow\b", r"\bmeadow\b", str(self.world.meadow.pk)]
        for one in people:
            words += [rf"\b{one.user.name}\b", re.escape(one.user.email), str(one.id)]
            words.append(re.escape(str(pseudonyms[one.id])))
        rows = ("task_id", "thread_id", "submission_id", "verdict_id", "notification_id", "engagement_id")
        words += [self.ids[name] for name in rows]
        words.append("Where a third of it or more can be seen")  # what Meadow's people say to each other
        return re.compile("|".join(words))


@pytest.fixture
def street(world: World) -> Street:
    return Street(world)


def now(member: Member) -> Member:
    """Who they are at their next request."""
    found = member_by_session(member.id, member.context.org_slug)
    assert found is not None
    return found


def browser_of(member: Member) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=member.id))
    return client


def addresses(street: Street, org: str) -> Iterator[str]:
    """Every route that can be read, with Meadow's real ids."""
    for route, method, _action in every_operation():
        if method != "GET" or "<slug:org>" not in route:
            continue
        known = {**street.ids, "org": org, "z": "0", "x": "0", "y": "0"}
        if all(name in known for name in ROUTE_ARGUMENT.findall(route)):
            yield ROUTE_ARGUMENT.sub(lambda found, known=known: known[found[1]], route)  # type: ignore[misc]


@pytest.mark.parametrize("name", HILLS)
def test_nothing_that_is_read_tells_one_vendor_of_the_other(street: Street, name: str) -> None:
    asked, seen, told = what_is_told(street, browser_of(street.members[name]), "hill")
    print(f"\n{asked} addresses asked by Hill's {name}, {seen} answered with 200")  # noqa: T201 - the evidence
    assert asked > 60
    assert seen > 30
    assert not told, "\n".join(told)


def test_the_same_walk_by_meadows_manager_finds_its_own(street: Street, world: World) -> None:
    _asked, _seen, told = what_is_told(street, browser_of(world.max), "meadow")
    assert len(told) > 20


def what_is_told(street: Street, browser: Client, org: str) -> tuple[int, int, list[str]]:
    """How many addresses were asked and shown, and which of them tell of Meadow."""
    forbidden, asked, seen, told = street.forbidden(), 0, 0, []
    for address in addresses(street, org):
        answer: Any = browser.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        asked, seen = asked + 1, seen + (answer.status_code == 200)
        text = body.decode(errors="replace").replace(address, "")
        if found := forbidden.search(text):
            told.append(f"{address}: {found[0]} in …{text[max(0, found.start() - 80) : found.end() + 40]}…")
    return asked, seen, told


def test_the_customer_sees_both_vendors_and_pseudonyms_of_their_people(street: Street, world: World) -> None:
    browser = browser_of(world.noor)
    people = re.compile("|".join(rf"\b{world.members[name].user.name}\b" for name in MEADOWS))
    emails = re.compile("|".join(re.escape(world.members[name].user.email) for name in MEADOWS))
    overview = browser.get(f"/o/parking/projects/{world.project.pk}/").content.decode()
    assert "Meadow" in overview and "Hill" in overview
    told = []
    for address in addresses(street, "parking"):
        answer = browser.get(address)
        if answer.status_code != 200 or answer.streaming:
            continue
        text = answer.content.decode(errors="replace")
        if found := people.search(text) or emails.search(text):
            told.append(f"{address}: …{text[max(0, found.start() - 80) : found.end() + 40]}…")
    assert not told, "\n".join(told)


def test_searching_finds_nothing_of_the_other_vendors(street: Street, world: World) -> None:
    hanna = street.members["hanna"].context
    with tenant_tx(hanna):
        for words in ("Ada", "Max", "Meadow", "ada@meadow", "third of it"):
            assert search(hanna, words, 20) == [], words
        found = [hit.url for kind, hits in search(hanna, "lot", 20) if kind.name == "task" for hit in hits]
    with tenant_tx(owner_context(world.parking.id)):
        work = set(Task.objects.filter(worker_org_id=world.meadow.pk).values_list("pk", flat=True))
    assert not [url for url in found if any(str(task) in url for task in work)]


@pytest.mark.parametrize("model", [Task, Draft, Submission, Thread, Comment, Verdict, Notification])
def test_the_database_shows_one_vendor_no_row_of_the_other(street: Street, world: World, model: Any) -> None:
    with tenant_tx(street.members["hanna"].context):
        assert not model._base_manager.filter(worker_org_id=world.meadow.pk).exists()
        assert not Organization.objects.filter(pk=world.meadow.pk).exists()
        assert not Engagement._base_manager.filter(vendor=world.meadow).exists()


def test_work_of_one_vendor_is_not_claimed_reviewed_or_answered_by_the_other(street: Street, world: World) -> None:
    line = make_line(world)
    (task,) = make_tasks(world, line, 1)
    ada, hugo, rosa = (browser_of(one) for one in (world.ada, street.members["hugo"], street.members["rosa"]))
    claims = f"projects/{world.project.pk}/claims"
    stage = {"stage": str(line.label.pk)}
    taken = ada.post(f"/api/v1/orgs/meadow/{claims}", stage, content_type="application/json").json()["tasks"][0]
    for browser in (hugo, rosa):
        body = {"task": str(task.pk)}
        answer = browser.post(f"/api/v1/orgs/hill/{claims}", body, content_type="application/json")
        assert answer.status_code == 404
        assert "Meadow" not in answer.content.decode()
    headers = {"Lease-Token": taken["lease"]["token"]}
    submission = f"tasks/{task.pk}/submission"
    for path, who in (("hill", hugo), ("meadow", ada)):
        answer = who.post(
            f"/api/v1/orgs/{path}/{submission}", {"annotations": []}, content_type="application/json", headers=headers
        )
        assert answer.status_code == (404 if who is hugo else 201)
    review = {"stage": str(line.review.pk)}
    assert rosa.post(f"/api/v1/orgs/hill/{claims}", review, content_type="application/json").status_code == 204
    comment = {"text": "Hello there"}
    path = f"/api/v1/orgs/hill/tasks/{task.pk}/comments"
    assert rosa.post(path, comment, content_type="application/json").status_code == 404


def test_sockets_carry_nothing_of_the_other_vendors(street: Street, world: World) -> None:
    hanna = street.members["hanna"].context
    for topic, row in (("task", "task_id"), ("thread", "thread_id")):
        with pytest.raises(NotFound):
            may_follow(hanna, topic, street.ids[row])  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        may_follow(hanna, "person", world.ada.id)
    item = street.ids["item_id"]
    may_follow(hanna, "item", item)  # type: ignore[arg-type]
    with tenant_tx(world.ada.context):
        publish(
            f"item:{item}",
            {"type": "inference.queued", "asked_by": "Ada"},
            org_id=world.parking.id,
            project_id=world.project.pk,
            worker_org_id=world.meadow.pk,
        )
    assert read_after(hanna, f"item:{item}", 0).frames == []
    assert read_after(now(world.ada).context, f"item:{item}", 0).frames != []
