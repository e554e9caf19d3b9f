"""Leases and the fence: only who holds a task by its newest token can write, and only until the clock says so."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Engagement
from apps.activity.models import ActivityEvent, Feed
from apps.core.roles import Role
from apps.core.tenancy import owner_context, tenant_tx
from apps.distribution.models import Draft, Submission, Task, TaskState
from apps.distribution.services import leases
from tests.people import World, make_member, make_organization

from .conftest import put
from .line import Line, as_owner, box, identity, make_tasks


def run_out(world: World, task: dict[str, Any]) -> None:
    """Let a lease end, before any sweep."""
    with as_owner(world.project):
        Task.objects.filter(pk=task["id"]).update(lease_until=timezone.now() - timedelta(seconds=1))


def sweep(world: World) -> int:
    """What the scheduler does every five seconds."""
    with tenant_tx(owner_context(world.parking.id)):
        return leases.expire_leases()


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_heart_beat_moves_the_end(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada = at(world.ada)
    task = ada.take()
    with as_owner(world.project):
        Task.objects.update(lease_until=timezone.now() + timedelta(seconds=5))

    kept = ada.send("PUT", f"tasks/{task['id']}/lease", lease_token=task["lease"]["token"])

    assert kept.status_code == 200
    with as_owner(world.project):
        assert Task.objects.get().lease_until > timezone.now() + timedelta(seconds=800)


def test_nobody_holds_a_task_longer_than_four_hours(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada = at(world.ada)
    task = ada.take()
    claimed = timezone.now() - leases.LONGEST_HOLD + timedelta(seconds=90)
    end = timezone.now() + timedelta(seconds=60)
    with as_owner(world.project):
        Task.objects.update(claimed_at=claimed, lease_until=end)

    ada.send("PUT", f"tasks/{task['id']}/lease", lease_token=task["lease"]["token"])

    with as_owner(world.project):
        assert abs(Task.objects.get().lease_until - (claimed + leases.LONGEST_HOLD)) < timedelta(seconds=1)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_lease_is_judged_by_its_token(world: World, line: Line, at: Any, method: str) -> None:
    make_tasks(world, line, 1)
    ada = at(world.ada)
    path = f"tasks/{ada.take()['id']}/lease"
    assert code(ada.send(method, path)) == (400, "lease_token_missing")
    assert code(ada.send(method, path, lease_token="no token")) == (409, "lease_lost")
    assert code(ada.send(method, path, lease_token=identity())) == (409, "lease_lost")
    assert code(at(world.eve).send(method, path, lease_token=identity())) == (404, "not_found")


def test_a_released_task_is_the_next_persons_and_its_draft_stays(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada, bob = at(world.ada), at(world.bob)
    task = ada.take()
    ada.save(task, 0, put(box()))

    assert ada.send("DELETE", f"tasks/{task['id']}/lease", lease_token=task["lease"]["token"]).status_code == 204

    assert bob.take()["id"] == task["id"]
    with as_owner(world.project):
        assert Draft.objects.get().author_id == world.ada.id
    assert code(ada.submit(task, box())) == (409, "lease_lost")


def test_a_late_submission_is_refused_before_and_after_the_sweep(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada, bob = at(world.ada), at(world.bob)
    task = ada.take()
    run_out(world, task)
    assert code(ada.submit(task, box())) == (409, "lease_expired")
    assert bob.claim().status_code == 204

    assert sweep(world) == 1
    assert code(ada.submit(task, box())) == (409, "lease_expired")

    again = bob.take()
    assert again["lease"]["token"] != task["lease"]["token"]
    assert code(ada.submit(task, box())) == (409, "lease_lost")
    assert code(ada.submit(task, box(), token=again["lease"]["token"])) == (409, "lease_lost")
    assert bob.submit(again, box()).status_code == 201
    assert code(bob.submit(again, box())) == (409, "lease_lost")
    with as_owner(world.project):
        assert Submission.objects.count() == 1


def test_an_old_token_of_the_same_person_proves_nothing(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada = at(world.ada)
    old = ada.take()
    run_out(world, old)
    sweep(world)
    new = ada.take()
    assert code(ada.submit(old, box())) == (409, "lease_lost")
    assert ada.submit(new, box()).status_code == 201


def test_who_loses_a_task_to_another_vendor_hears_that_it_is_lost_and_keeps_the_draft(
    world: World, line: Line, at: Any
) -> None:
    lawn = make_organization("lawn")
    with as_owner(world.project):
        Engagement.objects.create(
            org_id=world.parking.id, vendor=lawn, project_id=world.project.id, state="active", roles=[Role.ANNOTATOR]
        )
    liam = at(make_member(lawn, "liam", Role.ANNOTATOR, projects=frozenset({world.project.id})))
    make_tasks(world, line, 1)
    ada = at(world.ada)
    task = ada.take()
    run_out(world, task)
    sweep(world)
    liam.take()

    assert code(ada.submit(task, box())) == (409, "lease_lost")
    assert ada.save(task, 0, put(box())).status_code == 200
    assert ada.send("GET", f"tasks/{task['id']}/draft").json()["revision"] == 1
    assert liam.send("GET", f"tasks/{task['id']}/draft").json()["revision"] == 0


def test_the_sweep_tells_the_one_who_had_it_and_records_it(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 2)
    first, second = at(world.ada).claim(limit=2).json()["tasks"]
    run_out(world, first)
    with as_owner(world.project):
        Task.objects.filter(pk=second["id"]).update(lease_until=timezone.now() + timedelta(seconds=57))

    assert sweep(world) == 1

    with tenant_tx(world.ada.context):
        frames = {frame["id"]: frame["type"] for frame in Feed.objects.values_list("frame", flat=True)}
        assert frames == {first["id"]: "lease.lost", second["id"]: "lease.expiring"}
        assert Task.objects.get(pk=first["id"]).state == TaskState.READY
    with as_owner(world.project):
        assert ActivityEvent.objects.get(kind="task.expired").payload["holder"] == str(world.ada.id)


def test_a_sweep_of_another_organization_touches_nothing(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    run_out(world, at(world.ada).take())
    with tenant_tx(owner_context(world.elsewhere.id)):
        assert leases.expire_leases() == 0
    with tenant_tx(owner_context(world.meadow.id)):
        assert leases.expire_leases() == 0


def test_a_skipped_task_goes_to_others_and_never_back(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada, bob = at(world.ada), at(world.bob)
    task = ada.take()
    path, token = f"tasks/{task['id']}/skip", task["lease"]["token"]

    assert code(ada.send("POST", path, {"reason": "  "}, lease_token=token)) == (422, "reason_missing")
    assert code(bob.send("POST", path, {"reason": "dark"}, lease_token=token)) == (409, "lease_lost")
    assert ada.send("POST", path, {"reason": "Too dark to see"}, lease_token=token).status_code == 204

    assert ada.claim().status_code == 204
    assert ada.claim(task=task["id"]).status_code == 409
    assert bob.take()["id"] == task["id"]
    with as_owner(world.project):
        assert ActivityEvent.objects.get(kind="task.skipped").payload == {"reason": "Too dark to see", "mode": "others"}


def test_what_answers_with_nothing_is_done_once_too(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada = at(world.ada)
    task = ada.take()
    key = {"idempotency_key": "one"}
    for _ in range(2):
        body = {"pulses": [{"kind": "focus", "seq": 1, "ms_ago": 0}]}
        assert ada.send("POST", f"tasks/{task['id']}/pulses", body, **key).status_code == 204
    token = task["lease"]["token"]
    skips = [ada.send("POST", f"tasks/{task['id']}/skip", {"reason": "x"}, lease_token=token, **key) for _ in range(2)]
    assert [(one.status_code, one.content, one.has_header("Content-Type")) for one in skips] == [(204, b"", False)] * 2
    with as_owner(world.project):
        assert ActivityEvent.objects.filter(kind="pulse.focus").count() == 1


def test_pulses_are_put_on_the_servers_clock_between_claim_and_now(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada = at(world.ada)
    task = ada.take()
    path = f"tasks/{task['id']}/pulses"
    shown = [str(identity()) for _ in range(170)]
    pulses = [
        {"kind": "work", "seq": 1, "ms_ago": 10**9},
        {"kind": "idle", "seq": 2, "ms_ago": -5000},
    ]

    assert ada.send("POST", path, {"pulses": pulses, "shown": shown}).status_code == 204
    assert code(at(world.bob).send("POST", path, {"pulses": pulses})) == (409, "lease_lost")
    assert ada.send("POST", path, {"pulses": [{"kind": "nap", "seq": 1, "ms_ago": 0}]}).status_code == 422
    assert code(ada.send("POST", path, {"pulses": pulses * 300})) == (422, "too_many_pulses")

    with as_owner(world.project):
        claimed = Task.objects.get().claimed_at
        claim = ActivityEvent.objects.get(kind="task.claimed")
        events = list(ActivityEvent.objects.filter(kind__startswith="pulse.").order_by("at"))
        seen = ActivityEvent.objects.filter(kind="suggestions.shown")
        assert sum(len(event.payload["predictions"]) for event in seen) == 170
    assert [(event.kind, event.payload) for event in events] == [("pulse.work", {"seq": 1}), ("pulse.idle", {"seq": 2})]
    assert events[0].at == claimed
    assert (claim.at, claim.id) < (events[0].at, events[0].id)  # or what lies before a claim would count
    assert events[1].at <= timezone.now()
