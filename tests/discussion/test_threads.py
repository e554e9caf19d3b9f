"""Questions about tasks: who reads them, under which names, and who is told."""

import re
from typing import Any

import pytest

from apps.accounts.models import Engagement, EngagementState, User
from apps.accounts.selectors import Member
from apps.activity.models import AuditEvent, Feed
from apps.core.roles import Role
from apps.core.tenancy import tenant_tx
from apps.discussion import services
from apps.discussion.models import Comment, Notification, Thread
from apps.distribution.models import Draft, Task
from apps.pipelines.models import Stage
from tests.distribution.line import Line, as_owner, box, identity, make_tasks
from tests.people import World, make_member, make_organization


def ask(desk: Any, task: str, text: str, **body: Any) -> Any:
    return desk.send("POST", f"tasks/{task}/comments", {"text": text, **body})


def read(desk: Any, task: str) -> Any:
    return desk.send("GET", f"tasks/{task}/thread")


def words(thread: dict[str, Any]) -> list[str]:
    return ["".join(piece["text"] for piece in comment["pieces"]) for comment in thread["comments"]]


def told(world: World, member: Member) -> list[tuple[str, str]]:
    with as_owner(world.project):
        rows = Notification.objects.filter(person_id=member.id).order_by("id")
        return list(rows.values_list("kind", "about"))


@pytest.fixture
def held(world: World, line: Line, at: Any) -> str:
    """The id of a task that Ada holds."""
    make_tasks(world, line, 1)
    return str(at(world.ada).take()["id"])


def test_the_first_word_opens_a_thread_and_the_second_goes_on_in_it(world: World, held: str, at: Any) -> None:
    ada = at(world.ada)
    assert read(ada, held).json() == {"thread": None}

    first = ask(ada, held, "Does a trailer count as a car?")
    assert first.status_code == 201, first.content
    second = ask(ada, held, "It has wheels.")

    assert first.json()["thread"] == second.json()["thread"]
    thread = read(ada, held).json()["thread"]
    assert (thread["state"], words(thread)) == ("open", ["Does a trailer count as a car?", "It has wheels."])
    with as_owner(world.project):
        verbs = list(AuditEvent.objects.filter(object_type__in=("thread", "comment")).values_list("verb", flat=True))
        assert sorted(verbs) == ["comment.create", "thread.open"]
        row = Thread.objects.get()
        assert (row.org_id, row.worker_org_id) == (world.parking.id, world.meadow.id)
        assert Feed.objects.filter(topic=f"thread:{row.pk}", worker_org_id=world.meadow.id).count() == 2


def test_later_rounds_and_the_review_of_the_unit_go_on_in_the_same_thread(
    world: World, line: Line, held: str, at: Any
) -> None:
    ada, rita = at(world.ada), at(world.rita)
    ask(ada, held, "Trailer?")
    lease = ada.send("GET", f"tasks/{held}").json()["lease"]
    ada.submit({"id": held, "lease": lease}, box())
    review = rita.take(stage=str(line.review.id))
    assert words(read(rita, review["id"]).json()["thread"]) == ["Trailer?"]
    rita.judge(review, "reject", comment="Draw the trailer.")
    again = ada.take()
    assert words(read(ada, again["id"]).json()["thread"]) == ["Trailer?"]


def test_the_owner_reads_with_pseudonyms_and_answers(world: World, held: str, at: Any) -> None:
    ask(at(world.ada), held, "Trailer?")
    noor = at(world.noor)
    thread = read(noor, held).json()["thread"]
    (comment,) = thread["comments"]
    assert comment["name"].startswith("Person ")
    assert noor.send("POST", f"threads/{thread['id']}/comments", {"text": "Yes, it counts."}).status_code == 201
    seen = read(at(world.ada), held).json()["thread"]["comments"]
    assert [one["name"] for one in seen][0] == "Ada"
    assert seen[1]["name"].startswith("Person ")
    assert told(world, world.ada) == [("answered", "lot 0.jpg")]
    assert told(world, world.noor) == []


def test_a_mention_is_kept_without_a_name_so_that_the_other_side_meets_the_pseudonym(
    world: World, held: str, at: Any
) -> None:
    ask(at(world.ada), held, "@Max and @Rita, is this a van? Mail max@Rita's.")
    with as_owner(world.project):
        comment = Comment.objects.get()
    assert set(comment.mentions) == {world.max.id, world.rita.id}
    assert "@Max" not in comment.text
    customer = words(read(at(world.noor), held).json()["thread"])[0]
    assert "@Person" in customer
    assert "@Max" not in customer
    assert "@Max and @Rita" in words(read(at(world.max), held).json()["thread"])[0]
    assert told(world, world.max) == told(world, world.rita) == [("mentioned", "lot 0.jpg")]


def test_of_two_with_one_name_the_chosen_one_is_mentioned(world: World, held: str, at: Any) -> None:
    namesake = make_member(world.meadow, "other", Role.REVIEWER)
    User.objects.filter(pk=namesake.id).update(name="Max")
    ask(at(world.ada), held, "@Max?", mentions=[str(namesake.id), str(identity())])
    with as_owner(world.project):
        assert Comment.objects.get().mentions == [namesake.id]


def test_only_who_may_see_the_task_is_offered_for_a_mention(world: World, held: str, at: Any) -> None:
    def offered(desk: Any, q: str = "") -> list[str]:
        return [one["name"] for one in desk.send("GET", f"tasks/{held}/readers?q={q}").json()["results"]]

    assert offered(at(world.ada)) == ["Max", "Rita"]
    assert offered(at(world.ada), "ri") == ["Rita"]
    names = offered(at(world.noor))
    assert len(names) == 1, "the customer knows who works there, by a pseudonym, and none of the vendor's others"
    assert names[0].startswith("Person ")
    ask(at(world.ada), held, "@Bob, look")
    with as_owner(world.project):
        assert Comment.objects.get().mentions == []


def test_an_annotator_reads_the_threads_of_their_own_work_alone(world: World, held: str, at: Any) -> None:
    thread = ask(at(world.ada), held, "Trailer?").json()["thread"]
    bob, ada = at(world.bob), at(world.ada)
    assert read(bob, held).status_code == 403
    assert ask(bob, held, "Me too").status_code == 403
    assert bob.send("GET", f"threads/{thread}").status_code == 404
    assert bob.send("GET", f"projects/{world.project.pk}/threads").json()["results"] == []
    assert [one["id"] for one in ada.send("GET", f"projects/{world.project.pk}/threads").json()["results"]] == [thread]


def test_a_thread_is_resolved_and_reopened_and_a_new_word_reopens_it(world: World, held: str, at: Any) -> None:
    ada, max_ = at(world.ada), at(world.max)
    thread = ask(ada, held, "Trailer?").json()["thread"]
    for _ in range(2):
        assert max_.send("PUT", f"threads/{thread}/resolution").json()["state"] == "resolved"
    listed = max_.send("GET", f"projects/{world.project.pk}/threads?state=resolved").json()["results"]
    assert [one["id"] for one in listed] == [thread]
    assert max_.send("DELETE", f"threads/{thread}/resolution").json()["state"] == "open"
    max_.send("PUT", f"threads/{thread}/resolution")
    ask(ada, held, "Still not clear.")
    assert read(ada, held).json()["thread"]["state"] == "open"
    with as_owner(world.project):
        verbs = AuditEvent.objects.filter(object_type="thread").order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["thread.open", "thread.resolve", "thread.reopen", "thread.resolve", "thread.reopen"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_a_comment_has_words(held: str, world: World, at: Any, text: str) -> None:
    refused = ask(at(world.ada), held, text)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "text_missing")


@pytest.fixture
def mona(world: World) -> Member:
    """Who manages at a second vendor of the project."""
    other = make_organization("harvest")
    with tenant_tx(world.noor.context):
        Engagement.objects.create(
            org_id=world.parking.id,
            vendor=other,
            project_id=world.project.pk,
            state=EngagementState.ACTIVE,
            roles=[Role.MANAGER, Role.ANNOTATOR],
        )
    return make_member(other, "mona", Role.MANAGER, projects=frozenset({world.project.pk}))


def test_two_vendors_see_nothing_of_each_other(world: World, held: str, at: Any, mona: Member) -> None:
    rival = at(mona)
    thread = ask(at(world.ada), held, "@Max, a trailer?").json()["thread"]

    assert rival.send("GET", f"projects/{world.project.pk}/threads").json()["results"] == []
    for method, path in (
        ("GET", f"threads/{thread}"),
        ("POST", f"threads/{thread}/comments"),
        ("PUT", f"threads/{thread}/resolution"),
        ("GET", f"tasks/{held}/thread"),
        ("GET", f"tasks/{held}/readers"),
    ):
        body = {"text": "Hello"} if method == "POST" else None
        foreign, unknown = rival.send(method, path, body), rival.send(method, _unknown(path), body)
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.json()["error"]["code"] == unknown.json()["error"]["code"]
    with tenant_tx(mona.context):
        assert not Thread.objects.exists()
        assert not Comment.objects.exists()
        assert not Notification.objects.exists()


def test_a_thread_stays_with_its_vendor_when_the_task_goes_on_to_another(
    world: World, held: str, at: Any, signed_in: Any, mona: Member
) -> None:
    ada, noor = at(world.ada), at(world.noor)
    thread = ask(ada, held, "Trailer?").json()["thread"]
    with as_owner(world.project):
        Task.objects.filter(pk=held).update(holder=mona.id, worker_org_id=mona.context.org_id)

    address = f"questions/{thread}"
    page = noor.client.get(f"{noor.client.org}/projects/{world.project.pk}/{address}").content.decode()
    action = re.search(r'action="([^"]+)" data-part="say"', page)
    assert action
    noor.client.post(action[1], {"text": "It counts."}, headers={"X-Part": "thread"})
    offered = noor.send("GET", f"threads/{thread}/readers").json()["results"]
    assert [one["person"] for one in offered] == [str(world.ada.id)]
    assert words(ada.send("GET", f"threads/{thread}").json()) == ["Trailer?", "It counts."]
    with tenant_tx(mona.context):
        assert not Comment.objects.exists()
        assert not Notification.objects.exists()


def test_a_later_task_of_the_unit_goes_on_in_the_thread_though_the_first_is_another_vendors(
    world: World, line: Line, held: str, at: Any, mona: Member
) -> None:
    thread = ask(at(world.ada), held, "Trailer?").json()["thread"]
    with as_owner(world.project):
        Task.objects.filter(pk=held).update(holder=mona.id, worker_org_id=mona.context.org_id)
        review = later_task(held, line.review, world.rita)
    answer = ask(at(world.rita), str(review.pk), "@Ada, it counts.")
    assert answer.status_code == 201, answer.content
    assert answer.json()["thread"] == thread
    assert told(world, world.ada) == [("mentioned", "lot 0.jpg")]


def later_task(first: str, stage: Stage, holder: Member) -> Task:
    """Another task of the same unit, in somebody's hands."""
    task = Task.objects.get(pk=first)
    task.pk, task.stage, task.holder, task.worker_org_id = identity(), stage, holder.id, holder.context.org_id
    task.round += 1
    task.save(force_insert=True)
    return task


def test_who_has_lost_a_later_task_but_has_a_draft_of_it_still_reads_and_answers(
    world: World, line: Line, held: str, at: Any, signed_in: Any
) -> None:
    ask(at(world.ada), held, "Trailer?")
    with as_owner(world.project):
        task = later_task(held, line.label, world.bob)
        Draft.objects.create(
            org_id=task.org_id,
            project_id=task.project_id,
            worker_org_id=world.meadow.id,
            task=task,
            author_id=world.bob.id,
            updated_at=task.created_at,
        )
        lost = {"state": "ready", "holder": None, "worker_org_id": None, "lease_token": None, "lease_until": None}
        Task.objects.filter(pk=task.pk).update(**lost)
    bob = signed_in(world.bob)
    part = bob.get(f"{bob.org}/tasks/{task.pk}/thread").content.decode()
    action = re.search(r'action="([^"]+)" data-part="say"', part)
    assert action
    assert bob.post(action[1], {"text": "I drew it."}, headers={"X-Part": "thread"}).status_code == 200


def test_two_who_answer_a_resolved_thread_at_once_are_both_heard(
    world: World, held: str, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, max_ = at(world.ada), at(world.max)
    thread = ask(ada, held, "Trailer?").json()["thread"]
    max_.send("PUT", f"threads/{thread}/resolution")
    with as_owner(world.project):
        stale = Thread.objects.select_related("item", "project").get()
    assert ask(ada, held, "Not clear.").status_code == 201
    monkeypatch.setattr(services.threads, "thread_for", lambda *whatever: stale)
    answer = max_.send("POST", f"threads/{thread}/comments", {"text": "It counts."})
    assert answer.status_code == 201, answer.content


def _unknown(path: str) -> str:
    kind, _, *rest = path.split("/")
    return "/".join([kind, str(identity()), *rest])


def test_strangers_and_auditors_reach_no_thread(world: World, held: str, at: Any) -> None:
    thread = ask(at(world.ada), held, "Trailer?").json()["thread"]
    eve, olga = at(world.eve), at(world.olga)
    for path in (f"threads/{thread}", f"tasks/{held}/thread", f"projects/{world.project.pk}/threads"):
        assert eve.send("GET", path).status_code == 404
        assert olga.send("GET", path).status_code == 403


def test_answers_that_nobody_has_read_are_told_once_as_the_last_of_them(world: World, held: str, at: Any) -> None:
    ada, max_ = at(world.ada), at(world.max)
    ask(ada, held, "Trailer?")
    for words_ in ("Let me look.", "Yes, it counts."):
        ask(max_, held, words_)
    told_ = ada.send("GET", "notifications").json()["results"]
    assert [one["excerpt"] for one in told_] == ["Yes, it counts."]
    ada.send("PUT", "inbox/reading", {})
    ask(max_, held, "With its wheels.")
    assert len(ada.send("GET", "notifications").json()["results"]) == 2
