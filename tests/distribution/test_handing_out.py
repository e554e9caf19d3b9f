"""Push: managers give ready tasks to their people, take them back, deal them anew, and end leases."""

from collections import Counter
from typing import Any

import pytest

from apps.accounts.models import Engagement
from apps.activity.models import AuditEvent
from apps.core.roles import Role
from apps.core.tenancy import owner_context
from apps.distribution import actors
from apps.distribution.models import Draft, Task
from apps.distribution.services import redistribution
from apps.jobs.models import Job
from apps.jobs.topics import News
from tests.people import World, make_member

from .conftest import put
from .line import Line, as_owner, box, identity, make_item, make_line, make_task, make_tasks
from .test_skills import skills


def give(desk: Any, people: list[Any], **body: Any) -> Any:
    body = {"people": [str(one.id) for one in people], **body}
    return desk.send("POST", f"projects/{desk.project_id}/assignments", body)


def kept(world: World) -> Counter[Any]:
    """How many ready tasks wait for whom."""
    with as_owner(world.project):
        return Counter(Task.objects.filter(state="ready").values_list("preferred_person", flat=True))


def redistribute(desk: Any, line: Line, **body: Any) -> None:
    """Ask, then do as the job does."""
    answer = desk.send("POST", f"stages/{line.label.pk}/redistributions", body)
    assert answer.status_code == 202, answer.content
    with as_owner(line.run.project):
        job = Job.objects.get(pk=answer.json()["id"])
    redistribution.redistribute(context=owner_context(job.org_id), stated=job.input, progress=lambda done: None)


def test_the_head_of_a_queue_is_split_equally(world: World, line: Line, at: Any) -> None:
    tasks = make_tasks(world, line, 5)
    max_ = at(world.max)
    answer = give(max_, [world.ada, world.bob], stage=str(line.label.pk), number=4)
    assert (answer.status_code, answer.json()) == (201, {"given": 4, "left": 0})
    assert kept(world) == {world.ada.id: 2, world.bob.id: 2, None: 1}
    with as_owner(world.project):
        row = Task.objects.get(pk=tasks[0].pk)
        assert (row.assigned_by, row.assigned_org_id) == (world.max.id, world.meadow.id)
        audit = AuditEvent.objects.get(verb="task.assign")
        assert (audit.details["count"], audit.details["split"]) == (4, "equal")
    assert at(world.rita).take(stage=str(line.label.pk))["id"] == str(tasks[4].pk)
    assert at(world.rita).claim(stage=str(line.label.pk)).status_code == 204


def test_by_load_who_has_less_gets_more(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 6)
    at(world.ada).claim(limit=2)
    give(at(world.max), [world.ada, world.bob], stage=str(line.label.pk), number=4, split="load")
    assert kept(world) == {world.ada.id: 1, world.bob.id: 3}


def test_by_skill_only_who_has_it_gets_any(world: World, at: Any) -> None:
    line = make_line(world, label={"settings": {"skill": "expert"}})
    make_tasks(world, line, 2)
    max_ = at(world.max)
    refused = give(max_, [world.ada, world.bob], stage=str(line.label.pk), number=2, split="skill")
    assert refused.json()["error"]["code"] == "skill_missing"
    skills(max_, world.bob, "expert")
    refused = give(max_, [world.ada, world.bob], stage=str(line.label.pk), number=2)
    assert "Ada lacks the skill “expert”" in refused.json()["error"]["message"]
    assert give(max_, [world.ada, world.bob], stage=str(line.label.pk), number=2, split="skill").status_code == 201
    assert kept(world) == {world.bob.id: 2}


def test_named_tasks_go_to_the_named_person_and_on_to_another(world: World, line: Line, at: Any) -> None:
    tasks = make_tasks(world, line, 2)
    ids = [str(task.pk) for task in tasks]
    max_ = at(world.max)
    assert give(max_, [world.ada], tasks=ids).json() == {"given": 2, "left": 0}
    assert give(max_, [world.bob], tasks=ids).json() == {"given": 2, "left": 0}
    assert at(world.ada).claim().status_code == 204
    answer = max_.send("POST", f"projects/{world.project.id}/unassignments", {"tasks": ids})
    assert answer.json() == {"count": 2}
    assert at(world.ada).claim(limit=2).status_code == 201
    taken = give(max_, [world.bob], tasks=ids)
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "not_waiting")


def test_people_are_refused_with_a_sentence(world: World, line: Line, at: Any) -> None:
    (task,) = make_tasks(world, line, 1)
    max_ = at(world.max)
    ids = [str(task.pk)]
    assert give(max_, [], tasks=ids).json()["error"]["code"] == "people_missing"
    for stranger in (world.noor, world.eve):
        assert give(max_, [stranger], tasks=ids).json()["error"]["code"] == "people_missing"
    refused = give(max_, [world.ada], stage=str(line.review.pk), number=1)
    assert refused.json()["error"]["message"].startswith("Ada may not work at “Review”")
    with as_owner(world.project):
        Engagement.objects.update(roles=[Role.MANAGER, Role.REVIEWER])
    assert give(max_, [world.ada], tasks=ids).json()["error"]["code"] == "person_cannot"
    assert give(at(world.rita), [world.ada], tasks=ids).status_code == 403
    assert give(at(world.noor), [world.noor], tasks=ids).status_code == 403
    assert give(max_, [world.ada], tasks=[str(identity())]).status_code == 404
    assert give(max_, [world.ada]).json()["error"]["code"] == "which_tasks"


def test_nobody_is_given_their_own_work_to_review(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 2)
    rita, max_ = at(world.rita), at(world.max)
    rita.submit(rita.take(stage=str(line.label.pk)), box())
    at(world.ada).submit(at(world.ada).take(), box())
    with as_owner(world.project):
        own = Task.objects.get(stage=line.review, reviews__holder=world.rita.id)
    refused = give(max_, [world.rita], tasks=[str(own.pk)])
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "own_work")
    assert give(max_, [world.rita], stage=str(line.review.pk), number=2).json() == {"given": 1, "left": 1}


def test_two_slots_of_a_unit_are_never_given_to_one_person(world: World, at: Any) -> None:
    line = make_line(world, label={"overlap": 2})
    task = make_task(line, make_item(world))
    with as_owner(world.project):
        task.pk = task.id = identity()
        task.slot = 2
        task.save(force_insert=True)
    max_ = at(world.max)
    assert give(max_, [world.ada], stage=str(line.label.pk), number=2).json() == {"given": 1, "left": 1}
    assert give(max_, [world.ada, world.bob], stage=str(line.label.pk), number=2).json() == {"given": 1, "left": 0}
    assert kept(world) == {world.ada.id: 1, world.bob.id: 1}


def test_a_stage_of_pushed_work_gives_only_what_was_assigned(world: World, at: Any) -> None:
    line = make_line(world, label={"settings": {"hand_out": "push"}})
    make_tasks(world, line, 2)
    ada = at(world.ada)
    assert ada.claim().status_code == 204
    give(at(world.max), [world.ada], stage=str(line.label.pk), number=1)
    assert ada.claim(limit=2).json()["tasks"][0]["stage"]["id"] == str(line.label.pk)
    assert ada.claim().status_code == 204


def test_one_click_deals_what_was_not_begun_to_who_was_active(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 8)
    max_, bob, rita = at(world.max), at(world.bob), at(world.rita)
    give(max_, [world.ada], stage=str(line.label.pk), number=6)
    bob.submit(bob.take(), box())
    rita.take(stage=str(line.label.pk))
    redistribute(max_, line)
    assert kept(world)[world.ada.id] == 0  # she did nothing today
    assert sorted([kept(world)[world.bob.id], kept(world)[world.rita.id]]) == [2, 4] or (
        kept(world)[world.bob.id] + kept(world)[world.rita.id] == 6
    )
    with as_owner(world.project):
        audit = AuditEvent.objects.get(verb="task.redistribute")
    assert audit.details["count"] == 6


def test_with_nobody_active_all_goes_back_to_the_queue(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 3)
    max_ = at(world.max)
    give(max_, [world.ada], stage=str(line.label.pk), number=3)
    redistribute(max_, line)
    assert kept(world) == {None: 3}
    give(max_, [world.ada], stage=str(line.label.pk), number=3)
    at(world.ada).take()
    redistribute(max_, line, to="queue")
    assert kept(world) == {None: 2}


def test_a_vendor_touches_nothing_that_the_customer_gave_its_people(world: World, line: Line, at: Any) -> None:
    (task,) = make_tasks(world, line, 1)
    mona, paul = make_member(world.parking, "mona", Role.MANAGER), make_member(world.parking, "paul", Role.ANNOTATOR)
    ids = [str(task.pk)]
    assert give(at(mona), [paul], tasks=ids).status_code == 201
    assert give(at(mona), [world.ada], tasks=ids).json()["error"]["code"] == "people_missing"
    assert give(at(world.max), [world.ada], tasks=ids).json()["error"]["code"] == "given_by_others"
    redistribute(at(world.max), line, to="queue")
    assert kept(world) == {paul.id: 1}


def test_what_a_vendor_gave_out_is_the_customers_again_when_it_leaves(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 2)
    give(at(world.max), [world.ada], stage=str(line.label.pk), number=2)
    with as_owner(world.project):
        row = Engagement.objects.get()
        row.move_to("ended")
        actors.take_back_from_vendors([News(1, {"engagement": str(row.pk)})])
    assert kept(world) == {None: 2}


def test_a_manager_ends_a_lease_and_the_draft_stays(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    ada, max_ = at(world.ada), at(world.max)
    task = ada.take()
    ada.save(task, 0, put(box()))
    assert at(world.bob).send("DELETE", f"tasks/{task['id']}/holder").status_code == 403
    assert at(world.eve).send("DELETE", f"tasks/{task['id']}/holder").status_code == 404
    assert max_.send("DELETE", f"tasks/{task['id']}/holder").status_code == 204
    assert max_.send("DELETE", f"tasks/{task['id']}/holder").json()["error"]["code"] == "not_held"
    assert ada.submit(task, box()).json()["error"]["code"] == "lease_expired"
    with as_owner(world.project):
        assert Draft.objects.filter(task_id=task["id"], author_id=world.ada.id).exists()
    assert at(world.bob).take()["id"] == task["id"]


@pytest.mark.parametrize(("cap", "held"), [({"most_held": 2}, 2), ({"most_per_person": 3}, 3)])
def test_caps_hold_whatever_is_asked_for(world: World, at: Any, cap: dict[str, int], held: int) -> None:
    line = make_line(world, label={"settings": cap})
    make_tasks(world, line, 6)
    ada = at(world.ada)
    assert len(ada.claim(limit=5).json()["tasks"]) == held
    assert ada.claim().status_code == 204
    assert at(world.bob).claim().status_code == 201


def test_who_worked_on_a_part_never_reviews_the_whole(world: World, line: Line, at: Any) -> None:
    task = make_task(line, make_item(world), stage=line.review)
    with as_owner(world.project):
        task.unit.workers = [world.rita.id]
        task.unit.worker_orgs = [world.meadow.id]
        task.unit.save()
    assert at(world.rita).claim(stage=str(line.review.pk)).status_code == 204
    assert give(at(world.max), [world.rita], tasks=[str(task.pk)]).json()["error"]["code"] == "own_work"
    assert at(world.max).claim(stage=str(line.review.pk)).status_code == 201
