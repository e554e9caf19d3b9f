"""Priority and due dates; leases that follow how long tasks take; tasks placed before one person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.activity.models import ActivityEvent, AuditEvent
from apps.core.tenancy import owner_context
from apps.distribution.models import NEVER, PipelineRun, Task
from apps.distribution.services import lengths, placing, urgency
from apps.jobs.models import Job
from apps.pipelines.models import Stage
from tests.people import World

from .line import Line, as_owner, box, identity, make_item, make_line, make_task, make_tasks, make_unit

SOON = datetime(2100, 1, 1, tzinfo=UTC)


def edit(desk: Any, line: Line, **body: Any) -> Any:
    path = f"pipeline_runs/{line.run.pk}"
    tag = desk.send("GET", path).headers["ETag"]
    return desk.send("PATCH", path, body, if_match=tag)


def spread(line: Line) -> int:
    context = owner_context(line.run.org_id)
    return urgency.spread_urgency(context=context, run_id=line.run.pk, progress=lambda done: None)


def test_a_runs_urgency_reaches_all_of_its_open_tasks(
    world: World, line: Line, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urgency, "CHUNK", 2)
    make_tasks(world, line, 5)
    ada = at(world.ada)
    ada.submit(ada.take(), box())
    answer = edit(at(world.noor), line, priority=10, due_at=SOON.isoformat())
    assert (answer.status_code, answer.json()["priority"], answer.json()["due_at"]) == (200, 10, "2100-01-01T00:00:00Z")
    with as_owner(world.project):
        job = Job.objects.get(kind=urgency.URGENCY)
    assert job.input["priority"] == 10
    assert spread(line) == 5  # four to label, one to review
    with as_owner(world.project):
        assert set(Task.objects.exclude(state="submitted").values_list("priority", "due_at")) == {(10, SOON)}
    assert spread(line) == 0


def test_no_date_takes_the_date_away_and_what_is_not_given_stays(world: World, line: Line, at: Any) -> None:
    noor = at(world.noor)
    edit(noor, line, due_at=SOON.isoformat())
    assert edit(noor, line, priority=7).json()["due_at"] is not None
    assert edit(noor, line, due_at=None).json()["due_at"] is None
    with as_owner(world.project):
        run = PipelineRun.objects.get()
        assert (run.priority, run.due_at) == (7, NEVER)


def test_a_due_date_in_the_past_is_refused_also_at_the_start(world: World, line: Line, at: Any) -> None:
    (task,) = make_tasks(world, line, 1)
    noor = at(world.noor)
    past = (timezone.now() - timedelta(minutes=1)).isoformat()
    start = {"pipeline_version": str(line.run.pipeline_version_id), "dataset": str(world.dataset.id), "due_at": past}
    answers = [
        edit(noor, line, due_at=past),
        noor.send("POST", f"projects/{world.project.id}/pipeline_runs", start),
        at(world.max).send("POST", f"projects/{world.project.id}/urgency", {"tasks": [str(task.pk)], "due_at": past}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "due_in_the_past")
    assert edit(noor, line, priority=1001).json()["error"]["code"] == "invalid_priority"


def test_chosen_tasks_come_first(world: World, line: Line, at: Any) -> None:
    tasks = make_tasks(world, line, 3)
    max_ = at(world.max)
    body = {"tasks": [str(tasks[2].pk)], "priority": 1}
    assert max_.send("POST", f"projects/{world.project.id}/urgency", body).json() == {"count": 1}
    assert at(world.ada).take()["id"] == str(tasks[2].pk)
    body["tasks"] = [str(tasks[0].pk), str(identity())]
    assert max_.send("POST", f"projects/{world.project.id}/urgency", body).status_code == 404
    assert at(world.ada).send("POST", f"projects/{world.project.id}/urgency", body).status_code == 403
    with as_owner(world.project):
        assert AuditEvent.objects.get(verb="task.urgency").details == {"count": 1, "priority": "1"}


def took(world: World, stage: Stage, *seconds: float) -> None:
    """Submissions of the stage that took so long."""
    with as_owner(world.project):
        ActivityEvent.objects.bulk_create(
            ActivityEvent(
                org_id=world.parking.id,
                worker_org_id=world.meadow.id,
                project_id=world.project.id,
                stage_id=stage.pk,
                actor_id=world.ada.id,
                kind="task.submitted",
                at=timezone.now(),
                payload={"elapsed_ms": round(1000 * one)},
            )
            for one in seconds
        )


@pytest.mark.parametrize(
    ("seconds", "length"), [([100.0] * 20, 300), ([100.0] * 19, 900), ([3.0] * 20, 60), ([9000.0] * 20, 14400)]
)
def test_a_lease_follows_how_long_the_stages_tasks_took(
    world: World, line: Line, seconds: list[float], length: int
) -> None:
    took(world, line.label, *seconds)
    with as_owner(world.project):
        lengths.follow_durations()
        assert Stage.objects.get(pk=line.label.pk).lease_seconds == length
        assert Stage.objects.get(pk=line.review.pk).lease_seconds == 900
        assert lengths.follow_durations() == 0


def test_a_lease_that_the_stage_states_stays(world: World) -> None:
    line = make_line(world, label={"settings": {"lease_seconds": 600}, "lease_seconds": 600})
    took(world, line.label, *[100.0] * 20)
    with as_owner(world.project):
        assert lengths.follow_durations() == 0


def test_a_placed_task_is_one_persons_and_first(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    with as_owner(world.project):
        unit = make_unit(line, make_item(world, name="gold.jpg"))
        task = placing.place_task(unit=unit, stage=line.label, person=world.bob.id)
    assert at(world.ada).take()["id"] != str(task.pk)
    assert at(world.ada).claim().status_code == 204
    assert at(world.bob).take()["id"] == str(task.pk)


def test_a_placed_task_waits_for_those_before_it(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 5)
    ada = at(world.ada)
    ada.submit(ada.take(), box())  # before it was placed: does not count
    with as_owner(world.project):
        unit = make_unit(line, make_item(world, name="gold.jpg"))
        task = placing.place_task(unit=unit, stage=line.label, person=world.ada.id, after=2)
        assert (task.state, placing.release_placed()) == ("waiting", 0)
    for left in (1, 0):
        ada.submit(ada.take(), box())
        with as_owner(world.project):
            assert placing.release_placed() == (0 if left else 1)
    assert ada.take()["id"] == str(task.pk)


def test_a_task_is_placed_only_where_one_person_works_on_such_units(world: World, at: Any) -> None:
    line = make_line(world, label={"overlap": 2}, review={"unit": "tile"})
    task = make_task(line, make_item(world))
    with as_owner(world.project):
        for stage in (line.label, line.review, line.stages["done"]):
            with pytest.raises(placing.CannotPlace):
                placing.place_task(unit=task.unit, stage=stage, person=world.ada.id)
        assert Task.objects.count() == 1
