"""Passing a task on: to others, to oneself for later, to a manager who decides what becomes of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.activity.models import ActivityEvent, AuditEvent
from apps.distribution.models import Draft, Task, TaskState, Unit
from apps.distribution.services import leases
from tests.people import World

from .conftest import put
from .line import Line, as_owner, box, make_item, make_line, make_task, make_tasks


def skip(desk: Any, task: dict[str, Any], mode: str = "others", reason: str = "Too dark.") -> Any:
    body = {"reason": reason, "mode": mode}
    return desk.send("POST", f"tasks/{task['id']}/skip", body, lease_token=task["lease"]["token"])


def decide(desk: Any, task: dict[str, Any], **body: Any) -> Any:
    return desk.send("POST", f"tasks/{task['id']}/decision", body)


def row_of(world: World, task: dict[str, Any]) -> Task:
    with as_owner(world.project):
        row: Task = Task.objects.select_related("unit").get(pk=task["id"])
    return row


def test_what_is_put_off_comes_back_to_the_same_person_after_all_else(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 2)
    ada, bob = at(world.ada), at(world.bob)
    first = ada.take()
    assert skip(ada, first, "later").status_code == 204
    second = ada.take()
    assert second["id"] != first["id"]
    assert bob.claim().status_code == 204
    ada.submit(second, box())
    assert ada.take()["id"] == first["id"]


def test_what_is_put_off_for_a_day_is_anybodys(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada, bob = at(world.ada), at(world.bob)
    task = ada.take()
    skip(ada, task, "later")
    until = row_of(world, task).preferred_until
    assert timedelta(hours=23) < until - timezone.now() <= timedelta(hours=24, seconds=5)
    with as_owner(world.project):
        Task.objects.update(preferred_until=timezone.now() - timedelta(seconds=1))
        leases.expire_leases()
    assert bob.take()["id"] == task["id"]


def test_a_wrong_clock_of_a_web_server_moves_nothing(
    world: World, line: Line, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of the database alone says when a lease ends and how long a task is kept."""
    make_tasks(world, line, 2)
    ada = at(world.ada)
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=3))
    task, other = ada.take(), ada.take()
    skip(ada, task, "later")
    assert row_of(world, task).preferred_until - real() < timedelta(hours=25)
    assert ada.send("PUT", f"tasks/{other['id']}/lease", lease_token=other["lease"]["token"]).status_code == 200
    assert ada.submit(other, box()).status_code == 201
    with as_owner(world.project):
        assert leases.expire_leases() == 0
    assert ada.take()["id"] == task["id"]


def test_a_stage_names_the_ways_that_it_allows(world: World, at: Any) -> None:
    line = make_line(world, label={"settings": {"skip": ["others", "manager"]}})
    make_tasks(world, line, 1)
    ada = at(world.ada)
    task = ada.take()
    refused = skip(ada, task, "later")
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "skip_mode_not_allowed"
    assert "to others, to a manager" in refused.json()["error"]["message"]
    assert row_of(world, task).state == "leased"
    assert skip(ada, task, "manager").status_code == 204


def test_what_a_manager_is_to_decide_waits_for_them_with_its_reason_and_draft(
    world: World, line: Line, at: Any
) -> None:
    make_tasks(world, line, 1)
    ada, bob, max_ = at(world.ada), at(world.bob), at(world.max)
    task = ada.take()
    ada.save(task, 0, put(box()))
    skip(ada, task, "manager", "Is this a car?")
    row = row_of(world, task)
    assert (row.state, row.skip_reason, row.holder, row.lease_token) == (
        "skipped",
        "Is this a car?",
        world.ada.id,
        None,
    )
    assert ada.claim().status_code == bob.claim().status_code == 204
    assert bob.send("POST", f"tasks/{task['id']}/decision", {"decision": "requeue"}).status_code == 403
    assert decide(max_, task, decision="requeue").status_code == 204
    again = decide(max_, task, decision="requeue")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_skipped")
    row = row_of(world, task)
    assert (row.state, row.holder, row.skip_reason) == ("ready", None, "")
    with as_owner(world.project):
        assert Draft.objects.filter(task=row, author_id=world.ada.id).exists()
        assert ActivityEvent.objects.get(kind="task.skipped").payload == {"reason": "Is this a car?", "mode": "manager"}
        assert AuditEvent.objects.get(verb="task.decide").details["decision"] == "requeue"
    assert bob.take()["id"] == task["id"]


def test_a_manager_gives_a_skipped_task_to_somebody_who_had_passed_it_on(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada, bob, max_ = at(world.ada), at(world.bob), at(world.max)
    skip(bob, bob.take(), "others")
    task = ada.take()
    skip(ada, task, "manager")
    assert decide(max_, task, decision="give").json()["error"]["code"] == "person_missing"
    assert decide(max_, task, decision="give", person=str(world.bob.id)).status_code == 204
    assert ada.claim().status_code == 204
    assert bob.take()["id"] == task["id"]


def test_a_picture_whose_task_is_left_out_is_set_aside(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada, max_ = at(world.ada), at(world.max)
    task = ada.take()
    skip(ada, task, "manager")
    assert decide(max_, task, decision="cancel").status_code == 204
    row = row_of(world, task)
    assert (row.state, row.unit.state) == ("cancelled", "set_aside")


def test_the_slot_of_one_of_several_people_is_closed_and_the_unit_goes_on(world: World, at: Any) -> None:
    line = make_line(world, label={"overlap": 2})
    item = make_item(world)
    first = make_task(line, item)
    with as_owner(world.project):
        Unit.objects.filter(pk=first.unit_id).update(open_slots=2)
        first.pk, first.slot = None, 2
        first.id = Task._meta.pk.get_default()
        first.save(force_insert=True)
    ada, bob, max_ = at(world.ada), at(world.bob), at(world.max)
    ada.submit(ada.take(), box())
    task = bob.take()
    skip(bob, task, "manager")
    assert decide(max_, task, decision="cancel").status_code == 204
    with as_owner(world.project):
        assert Unit.objects.get().open_slots == 0
        assert Task.objects.filter(slot=0, kind="machine", state=TaskState.WAITING).exists()


def test_a_part_that_is_left_out_lets_the_whole_go_on(world: World, at: Any) -> None:
    line = make_line(world, label={"unit": "tile"}, review={"unit": "item"})
    item = make_item(world)
    with as_owner(world.project):
        parent = Unit.objects.create(
            org_id=item.org_id, project_id=item.project_id, pipeline_run=line.run, item=item, kind="item",
            open_children=2,
        )  # fmt: skip
        for number in range(2):
            tile = Unit.objects.create(
                org_id=item.org_id, project_id=item.project_id, pipeline_run=line.run, item=item, kind="tile",
                region=[500.0 * number, 0.0, 500.0, 800.0], parent=parent,
            )  # fmt: skip
            Task.objects.create(
                org_id=item.org_id, project_id=item.project_id, pipeline_run=line.run, stage=line.label, unit=tile,
                kind="human",
            )  # fmt: skip
    ada, max_ = at(world.ada), at(world.max)
    task = ada.take()
    skip(ada, task, "manager")
    decide(max_, task, decision="cancel")
    assert row_of(world, task).unit.state == "set_aside"
    other = ada.take()
    ada.submit(other)
    with as_owner(world.project):
        review = Task.objects.get(stage=line.review)
        assert (review.unit_id, review.state) == (parent.pk, "ready")
    assert at(world.rita).take(stage=str(line.review.pk))["id"] == str(review.pk)


def test_a_review_is_not_left_out(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada, rita, max_ = at(world.ada), at(world.rita), at(world.max)
    ada.submit(ada.take(), box())
    task = rita.take(stage=str(line.review.pk))
    assert skip(rita, task, "manager").status_code == 204
    refused = decide(max_, task, decision="cancel")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "review_stays")
    assert row_of(world, task).state == "skipped"
    own = decide(max_, task, decision="give", person=str(world.ada.id))
    assert own.status_code == 422  # an annotator reviews nothing


def test_a_stranger_decides_nothing(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada, eve = at(world.ada), at(world.eve)
    task = ada.take()
    skip(ada, task, "manager")
    assert decide(eve, task, decision="cancel").status_code == 404
