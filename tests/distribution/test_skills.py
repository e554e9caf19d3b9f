"""Skills: granted by managers, asked for by stages, and what happens when one is taken from who works with it."""

from typing import Any

import pytest

from apps.accounts.models import Membership
from apps.accounts.services import change_member
from apps.activity.models import AuditEvent, Feed
from apps.core.tenancy import tenant_tx
from apps.distribution import actors
from apps.distribution.models import Draft, SkillGrant, Task
from apps.jobs.models import Outbox
from apps.jobs.topics import News
from tests.people import World

from .conftest import put
from .line import Line, as_owner, box, make_line, make_tasks


def membership_of(member: Any) -> Membership:
    with tenant_tx(member.context):
        row: Membership = Membership.objects.get(user_id=member.id)
    return row


def skills(desk: Any, member: Any, *names: str) -> Any:
    """Set somebody's skills as a manager does: read, then write what was read."""
    path = f"members/{membership_of(member).pk}/skills"
    tag = desk.send("GET", path).headers["ETag"]
    return desk.send("PUT", path, {"skills": list(names)}, if_match=tag)


@pytest.fixture
def expert_line(world: World) -> Line:
    """Its labels want an expert."""
    line = make_line(world, label={"settings": {"skill": "expert"}})
    tasks = make_tasks(world, line, 3)
    with as_owner(world.project):
        Task.objects.filter(pk__in=[task.pk for task in tasks]).update(required_skill="expert")
    return line


def test_only_who_was_granted_the_skill_gets_its_tasks(world: World, expert_line: Line, at: Any) -> None:
    ada, bob, max_ = at(world.ada), at(world.bob), at(world.max)
    assert ada.claim().status_code == bob.claim().status_code == 204
    given = skills(max_, world.ada, "  expert ", "cars")
    assert (given.status_code, given.json()) == (200, {"skills": ["cars", "expert"]})
    assert ada.claim().status_code == 201
    assert bob.claim().status_code == 204
    with tenant_tx(world.max.context):
        grant = SkillGrant.objects.get(skill="expert")
        assert (grant.org_id, grant.granted_by) == (world.meadow.id, world.max.id)
        assert AuditEvent.objects.get(verb="skill.edit").details["given"] == ["cars", "expert"]


def test_a_lost_skill_takes_the_lease_and_leaves_the_draft(world: World, expert_line: Line, at: Any) -> None:
    ada, bob, max_ = at(world.ada), at(world.bob), at(world.max)
    skills(max_, world.ada, "expert")
    skills(max_, world.bob, "expert")
    task = ada.take()
    ada.save(task, 0, put(box()))
    skills(max_, world.ada)
    lost = ada.submit(task, box())
    assert (lost.status_code, lost.json()["error"]["code"]) == (409, "lease_expired")
    with as_owner(world.project):
        row = Task.objects.get(pk=task["id"])
        assert (row.state, row.holder) == ("ready", None)
        assert Draft.objects.filter(task=row, author_id=world.ada.id).exists()
        assert Feed.objects.filter(topic=f"task:{row.pk}", frame__type="lease.lost").exists()
        assert AuditEvent.objects.filter(verb="task.take_back", object_id=row.pk).exists()
    assert ada.claim().status_code == 204
    assert bob.take()["id"] == task["id"]


def test_a_lost_skill_returns_what_was_given_but_not_begun(world: World, expert_line: Line, at: Any) -> None:
    max_, bob = at(world.max), at(world.bob)
    skills(max_, world.ada, "expert")
    skills(max_, world.bob, "expert")
    body = {"people": [str(world.ada.id)], "stage": str(expert_line.label.pk), "number": 3}
    assert max_.send("POST", f"projects/{world.project.id}/assignments", body).json() == {"given": 3, "left": 0}
    assert bob.claim().status_code == 204
    skills(max_, world.ada, "cars")
    assert bob.claim().status_code == 201


@pytest.mark.parametrize("change", [{"active": False}, {"role": "auditor"}])
def test_who_is_a_worker_no_longer_holds_nothing(world: World, line: Line, at: Any, change: dict[str, Any]) -> None:
    """The news reach the customer, in whose context the tasks are."""
    make_tasks(world, line, 3)
    ada, max_ = at(world.ada), at(world.max)
    task = ada.take()
    ada.save(task, 0, put(box()))
    body = {"people": [str(world.ada.id)], "stage": str(line.label.pk), "number": 1}
    max_.send("POST", f"projects/{world.project.id}/assignments", body)
    with tenant_tx(world.max.context):
        change_member(membership_id=membership_of(world.ada).pk, **change)
    with as_owner(world.project):
        told = Outbox.objects.filter(topic="membership.ended", org_id=world.parking.id)
        actors.take_back_from_former([News(row.pk, row.payload) for row in told])
        row = Task.objects.get(pk=task["id"])
        assert (row.state, row.holder) == ("ready", None)
        assert not Task.objects.filter(preferred_person=world.ada.id).exists()
        assert Draft.objects.filter(task=row, author_id=world.ada.id).exists()
        assert Feed.objects.filter(topic=f"task:{row.pk}", frame__type="lease.lost").exists()


def test_a_stale_edit_of_skills_is_refused_and_an_untagged_one_too(world: World, at: Any) -> None:
    max_ = at(world.max)
    path = f"members/{membership_of(world.ada).pk}/skills"
    tag = max_.send("GET", path).headers["ETag"]
    assert max_.send("PUT", path, {"skills": ["a"]}).status_code == 428
    assert max_.send("PUT", path, {"skills": ["a"]}, if_match=tag).status_code == 200
    assert max_.send("PUT", path, {"skills": ["b"]}, if_match=tag).status_code == 412
    assert skills(max_, world.ada, "x" * 61).json()["error"]["code"] == "invalid_skills"
    assert skills(max_, world.ada, "").json()["error"]["code"] == "invalid_skills"


def test_skills_are_nobody_elses_business(world: World, at: Any) -> None:
    """Not the customer's, not a stranger's; and only managers grant."""
    path = f"members/{membership_of(world.ada).pk}/skills"
    assert skills(at(world.max), world.ada, "expert").status_code == 200
    for stranger in (world.noor, world.eve):
        assert at(stranger).send("GET", path).status_code == 404
    assert at(world.rita).send("PUT", path, {"skills": []}).status_code == 403
    with tenant_tx(world.noor.context):
        assert not SkillGrant.objects.exists()
