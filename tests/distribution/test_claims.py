"""Claims: who gets which task, in which order, and never two people the same."""

import threading
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import Engagement
from apps.activity.models import ActivityEvent, AuditEvent
from apps.core.roles import Role
from apps.core.tenancy import acting_as, tenant_tx
from apps.distribution.api.shown import TaskOut
from apps.distribution.models import Arm, PipelineRun, RunState, Task
from apps.distribution.services import claims, leases
from tests.people import World, make_member, make_organization, make_world

from .line import Line, as_owner, box, identity, make_item, make_line, make_task, make_tasks


def test_a_claim_gives_the_task_with_a_lease_to_its_holder_alone(world: World, line: Line, at: Any) -> None:
    (task,) = make_tasks(world, line, 1)
    ada, max_ = at(world.ada), at(world.max)

    given = ada.take()

    assert given["id"] == str(task.id)
    assert given["lease"]["token"]
    assert ada.send("GET", f"tasks/{task.id}").json() == given
    assert max_.send("GET", f"tasks/{task.id}").json()["lease"] is None
    assert msgspec.json.decode(msgspec.json.encode(given), type=TaskOut, strict=False)


def test_claims_follow_priority_then_due_date_then_age(world: World, line: Line, at: Any) -> None:
    soon = timezone.now() + timedelta(days=1)
    late = make_task(line, make_item(world), due_at=soon + timedelta(days=9))
    urgent = make_task(line, make_item(world), priority=1)
    due = make_task(line, make_item(world), due_at=soon)
    plain = make_task(line, make_item(world))

    tasks = at(world.ada).claim(limit=4).json()["tasks"]

    assert [task["id"] for task in tasks] == [str(one.id) for one in (urgent, due, late, plain)]


def test_nothing_to_do_is_an_answer_that_says_when_to_ask_again(world: World, line: Line, at: Any) -> None:
    answer = at(world.ada).claim()
    assert (answer.status_code, answer["Retry-After"]) == (204, "10")


def test_a_task_is_never_given_twice_while_its_lease_holds(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 2)
    first, second = at(world.ada).take(), at(world.bob).take()
    assert first["id"] != second["id"]
    assert at(world.bob).claim().status_code == 204


def test_a_vendor_claims_under_the_customers_name_and_a_stranger_finds_nothing(
    world: World, line: Line, at: Any
) -> None:
    make_tasks(world, line, 1)

    stranger = at(world.eve).claim()
    unknown = at(world.eve).send("POST", f"projects/{identity()}/claims", {})
    given = at(world.ada).take()

    assert stranger.status_code == unknown.status_code == 404
    assert stranger.json()["error"]["code"] == unknown.json()["error"]["code"] == "not_found"
    with as_owner(world.project):
        held = Task.objects.get(pk=given["id"])
    assert (held.org_id, held.worker_org_id, held.holder) == (world.parking.id, world.meadow.id, world.ada.id)


def test_one_may_ask_for_a_stage_or_for_one_task(world: World, line: Line, at: Any) -> None:
    first, second = make_tasks(world, line, 2)
    ada, bob = at(world.ada), at(world.bob)

    assert ada.take(task=str(second.id))["id"] == str(second.id)
    taken = bob.claim(task=str(second.id))
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "task_taken")
    assert bob.take(stage=str(line.label.id))["id"] == str(first.id)
    assert bob.claim(stage=str(identity())).status_code == 404
    assert bob.claim(task=str(identity())).status_code == 404


def test_annotators_get_no_reviews_and_auditors_no_work_at_all(world: World, line: Line, at: Any) -> None:
    make_task(line, make_item(world), stage=line.review)
    assert at(world.ada).claim().status_code == 204
    assert at(world.ada).claim(stage=str(line.review.id)).status_code == 204
    assert at(world.olga).claim().status_code == 403


def test_a_stage_may_name_its_own_roles(world: World, at: Any) -> None:
    line = make_line(world, label={"roles": [Role.REVIEWER]})
    make_tasks(world, line, 1)
    assert at(world.ada).claim().status_code == 204
    assert at(world.rita).take()


def test_a_task_that_asks_for_a_skill_is_left_alone_by_who_lacks_it(world: World, line: Line, at: Any) -> None:
    make_task(line, make_item(world), required_skill="car models")
    assert at(world.ada).claim().status_code == 204


def test_what_came_back_is_first_for_its_maker_and_for_nobody_else_until_later(
    world: World, line: Line, at: Any
) -> None:
    (other,) = make_tasks(world, line, 1)
    tomorrow = timezone.now() + timedelta(days=1)
    mine = make_task(
        line, make_item(world), priority=200, round=2, preferred_person=world.ada.id, preferred_until=tomorrow, note="!"
    )
    bob, ada = at(world.bob), at(world.ada)

    assert bob.claim(task=str(mine.id)).status_code == 409
    assert ada.take()["id"] == str(mine.id)
    assert ada.take()["id"] == str(other.id)
    assert bob.claim().status_code == 204


def test_after_a_day_a_returned_task_is_anybodys(world: World, line: Line, at: Any) -> None:
    yesterday = timezone.now() - timedelta(seconds=1)
    make_task(line, make_item(world), preferred_person=world.ada.id, preferred_until=yesterday)
    with as_owner(world.project):
        leases.expire_leases()
    assert at(world.bob).take()


@pytest.mark.parametrize("state", [RunState.PAUSED, RunState.CANCELLED, RunState.DONE])
def test_a_run_that_stands_still_hands_out_nothing(world: World, line: Line, at: Any, state: str) -> None:
    make_tasks(world, line, 1)
    with as_owner(world.project):
        PipelineRun.objects.update(state=state)
    assert at(world.ada).claim().status_code == 204


def test_nobody_may_heap_up_tasks(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, claims.MOST_HELD + 2)
    ada = at(world.ada)

    held = [ada.claim(limit=10).json()["tasks"], ada.claim(limit=10).json()["tasks"]]
    refused = ada.claim()

    assert sum(map(len, held)) == claims.MOST_HELD
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "too_many_held")


@pytest.mark.parametrize("limit", [0, -1, 11, 10**12])
def test_a_limit_beyond_reason_is_refused(world: World, line: Line, at: Any, limit: int) -> None:
    answer = at(world.ada).claim(limit=limit)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "limit")


@pytest.mark.parametrize("body", [{"stage": "x"}, {"limit": "1"}, {"stages": []}, [], {"limit": 1.5}])
def test_a_claim_that_cannot_be_read_is_refused(world: World, at: Any, body: Any) -> None:
    answer = at(world.ada).send("POST", f"projects/{world.project.id}/claims", body)
    assert answer.status_code in {400, 422}


def test_the_held_out_arm_is_drawn_once_and_hides_suggestions(world: World, at: Any) -> None:
    line = make_line(world, label={"held_out": 1.0})
    (task,) = make_tasks(world, line, 1)
    with as_owner(world.project), connection.cursor() as cursor:
        cursor.execute("SELECT app.arm(%s, %s, 0), app.arm(%s, %s, 1)", [line.label.id, task.unit_id] * 2)
        assert cursor.fetchone() == (Arm.ASSISTED, Arm.HELD_OUT)
        units = [identity() for _ in range(4000)]
        cursor.execute(
            "SELECT array_agg(app.arm(%s, u, 0.05)), array_agg(app.arm(%s, u, 0.05)) FROM unnest(%s::uuid[]) u",
            [line.label.id, line.label.id, units],
        )
        once, again = cursor.fetchone()
        Task.objects.update(arm=Arm.HELD_OUT)
    assert once == again
    assert 120 < once.count(Arm.HELD_OUT) < 290
    assert at(world.ada).take()["suggestions_shown"] is False


def test_a_claim_is_recorded_with_who_and_for_whom(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    given = at(world.ada).take()
    with as_owner(world.project):
        event = ActivityEvent.objects.get(kind="task.claimed")
        audit = AuditEvent.objects.get(verb="task.claim")
    assert str(event.task_id) == given["id"]
    assert (event.actor_id, event.worker_org_id, event.stage_id) == (world.ada.id, world.meadow.id, line.label.id)
    assert (audit.actor_id, audit.object_id) == (world.ada.id, event.task_id)
    assert audit.request_id


def test_a_repeated_claim_gives_the_same_tasks_until_their_leases_end(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 2)
    ada = at(world.ada)
    path, key = f"projects/{world.project.id}/claims", {"Idempotency_Key": "one"}

    first = ada.send("POST", path, {}, **key)
    again = ada.send("POST", path, {}, **key)
    assert first.json() == again.json()

    task = first.json()["tasks"][0]
    ada.submit(task)
    gone = ada.send("POST", path, {}, **key)
    assert (gone.status_code, gone.json()["error"]["code"]) == (409, "lease_expired")
    assert ada.send("POST", path, {"limit": 2}, **key).status_code == 422


def test_a_claim_that_found_nothing_looks_again_when_it_is_repeated(world: World, line: Line, at: Any) -> None:
    ada = at(world.ada)
    path, key = f"projects/{world.project.id}/claims", {"Idempotency_Key": "one"}
    assert ada.send("POST", path, {}, **key).status_code == 204
    make_tasks(world, line, 1)
    assert ada.send("POST", path, {}, **key).status_code == 201


def test_a_claim_is_two_round_trips(world: World, line: Line, django_assert_num_queries: Any) -> None:
    make_tasks(world, line, 3)
    with acting_as(world.ada.context):
        claims.claim_tasks(project_id=world.project.id)  # stage and recipe are known from here on
        with django_assert_num_queries(3):  # the claim, in a savepoint since the test holds a transaction open
            claims.claim_tasks(project_id=world.project.id)


def test_another_vendors_work_is_not_handed_to_a_vendors_reviewer(world: World, line: Line, at: Any) -> None:
    lawn = make_organization("lawn")
    with as_owner(world.project):
        Engagement.objects.create(
            org_id=world.parking.id,
            vendor=lawn,
            project_id=world.project.id,
            state="active",
            roles=[Role.REVIEWER, Role.ANNOTATOR],
        )
    liam = make_member(lawn, "liam", Role.REVIEWER, projects=frozenset({world.project.id}))
    make_tasks(world, line, 1)
    ada = at(world.ada)
    task = ada.take()
    ada.submit(task, box())

    assert at(liam).claim(stage=str(line.review.id)).status_code == 204
    assert at(liam).send("GET", f"tasks/{task['id']}").status_code == 404
    assert at(world.rita).take(stage=str(line.review.id))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_thirty_two_people_at_once_get_each_task_once() -> None:
    world = make_world()
    line = make_line(world)
    tasks = make_tasks(world, line, 60)
    shared = frozenset({world.project.id})
    people = [make_member(world.meadow, f"p{number}", Role.ANNOTATOR, projects=shared) for number in range(32)]
    start = threading.Barrier(32)
    given: list[Any] = []

    def drain(person: Any) -> None:
        try:
            with acting_as(person.context):
                start.wait()
                while found := claims.claim_tasks(project_id=world.project.id, limit=2):
                    given.extend((task["id"], person.id) for task in found)
        finally:
            connection.close()

    threads = [threading.Thread(target=drain, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(given) == len({task for task, _ in given}) == 60
    with tenant_tx(world.max.context):
        held = dict(Task.objects.filter(state="leased").values_list("pk", "holder"))
    assert held == dict(given)
    assert set(held) == {task.pk for task in tasks}


def test_a_returned_task_that_nobody_waits_for_any_more_is_taken_once_and_the_next_beside_it(
    world: World, line: Line, at: Any
) -> None:
    past = timezone.now() - timedelta(hours=1)
    back = make_task(line, make_item(world), preferred_person=world.ada.id, preferred_until=past)
    other = make_task(line, make_item(world, name="other.jpg"))
    answer = at(world.ada).claim(stage=str(line.label.pk), limit=2)
    assert {task["id"] for task in answer.json()["tasks"]} == {str(back.pk), str(other.pk)}
