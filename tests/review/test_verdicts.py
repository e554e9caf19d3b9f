"""Verdicts: accepted, fixed, returned with a comment; nobody judges their own work."""

from typing import Any

import pytest

from apps.activity.models import ActivityEvent, AuditEvent
from apps.annotation.models import Annotation, AnnotationRevision
from apps.core.roles import Role
from apps.distribution.models import Task, TaskState, Unit, UnitState
from apps.review.models import Verdict
from tests.distribution.conftest import put
from tests.distribution.line import Line, as_owner, box, identity, make_line, make_tasks
from tests.people import World, make_member


@pytest.fixture
def waiting(world: World, line: Line, at: Any) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Rita with Ada's submission of one car in hand: (Rita's desk, her task, the shape)."""
    make_tasks(world, line, 1)
    ada, shape = at(world.ada), box()
    ada.submit(ada.take(), shape)
    rita = at(world.rita)
    return rita, rita.take(stage=str(line.review.id)), shape


def test_accepting_ends_both_tasks_and_the_unit(
    world: World, line: Line, waiting: tuple[Any, dict[str, Any], dict[str, Any]]
) -> None:
    rita, task, shape = waiting
    assert [one["id"] for one in task["annotations"]] == [shape["id"]]

    given = rita.judge(task, "accept")

    assert given.status_code == 201
    with as_owner(world.project):
        assert set(Task.objects.values_list("state", flat=True)) == {TaskState.ACCEPTED}
        assert Unit.objects.get().state == UnitState.ACCEPTED
        verdict = Verdict.objects.get()
        assert AuditEvent.objects.get(verb="task.verdict").actor_id == world.rita.id
        event = ActivityEvent.objects.get(kind="task.reviewed")
    assert (verdict.verdict, verdict.author_id, verdict.worker_org_id) == ("accept", world.rita.id, world.meadow.id)
    assert (event.payload["verdict"], event.payload["author"]) == ("accept", str(world.ada.id))


def test_a_rejected_unit_comes_back_to_its_maker_with_the_comment(
    world: World, line: Line, waiting: tuple[Any, dict[str, Any], dict[str, Any]], at: Any
) -> None:
    rita, task, shape = waiting
    assert rita.judge(task, "reject", comment="Draw the mirrors too.").status_code == 201

    assert at(world.bob).claim().status_code == 204
    again = at(world.ada).take()
    assert (again["round"], again["returned"]["comment"]) == (2, "Draw the mirrors too.")
    assert [one["id"] for one in again["annotations"]] == [shape["id"]]
    with as_owner(world.project):
        states = dict(Task.objects.values_list("round", "state").filter(stage=line.label))
        assert states == {1: TaskState.RETURNED, 2: TaskState.LEASED}
        assert Unit.objects.get().state == UnitState.OPEN

    at(world.ada).submit(again, {**shape, "x": 11})
    second = rita.take(stage=str(line.review.id))
    assert second["round"] == 2
    assert rita.judge(second, "accept").status_code == 201
    with as_owner(world.project):
        assert list(Verdict.objects.order_by("at").values_list("verdict", flat=True)) == ["reject", "accept"]


def test_a_rejection_without_a_comment_is_refused_and_nothing_moves(
    world: World, waiting: tuple[Any, dict[str, Any], dict[str, Any]]
) -> None:
    rita, task, _ = waiting
    for comment in ("", "   ", "x" * 2001):
        refused = rita.judge(task, "reject", comment=comment)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "comment_missing")
    assert rita.judge(task, "maybe").status_code == 422
    with as_owner(world.project):
        assert not Verdict.objects.exists()
    assert rita.judge(task, "accept").status_code == 201


@pytest.mark.parametrize("way", ["shapes", "draft"])
def test_a_fix_writes_the_reviewers_version_and_accepts(
    world: World, waiting: tuple[Any, dict[str, Any], dict[str, Any]], way: str
) -> None:
    rita, task, shape = waiting
    moved = {**shape, "x": 99}
    if way == "draft":
        assert rita.save(task, 0, put(moved)).json() == {"revision": 1}
        given = rita.judge(task, "fix", draft_revision=1)
    else:
        given = rita.judge(task, "fix", annotations=[moved])

    assert given.status_code == 201, given.content
    with as_owner(world.project):
        assert Annotation.objects.get().x1 == 99
        first, second = AnnotationRevision.objects.order_by("number")
        assert Verdict.objects.get().revision_id == second.pk
        assert set(Task.objects.values_list("state", flat=True)) == {TaskState.ACCEPTED}
    assert (first.source, second.source) == ("task", "verdict")
    assert (first.author_id, second.author_id) == (world.ada.id, world.rita.id)


def test_a_bad_fix_is_refused_with_its_shape(waiting: tuple[Any, dict[str, Any], dict[str, Any]]) -> None:
    rita, task, shape = waiting
    refused = rita.judge(task, "fix", annotations=[shape, box(width=-1)])
    assert (refused.status_code, refused.json()["error"]["details"]) == (422, {"index": 1})
    stale = rita.judge(task, "fix", draft_revision=4)
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "draft_conflict")
    assert rita.judge(task, "accept").status_code == 201


def test_nobody_gets_their_own_work_to_review(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    rita, max_ = at(world.rita), at(world.max)
    rita.submit(rita.take(stage=str(line.label.id)), box())

    assert rita.claim(stage=str(line.review.id)).status_code == 204
    assert max_.take(stage=str(line.review.id))


def test_who_worked_on_an_earlier_round_does_not_review_the_next(world: World, line: Line, at: Any) -> None:
    make_tasks(world, line, 1)
    rita, max_, ada = at(world.rita), at(world.max), at(world.ada)
    rita.submit(rita.take(stage=str(line.label.id)), box())
    max_.judge(max_.take(stage=str(line.review.id)), "reject", comment="Again.")
    with as_owner(world.project):
        Task.objects.filter(state="ready").update(preferred_person=None)
    ada.submit(ada.take(), box())

    assert rita.claim(stage=str(line.review.id)).status_code == 204
    assert max_.take(stage=str(line.review.id))["round"] == 2


def test_two_reviews_in_a_row_judge_the_same_submission(world: World, at: Any) -> None:
    line = make_line(world, ("dataset", "label", "review", "done"))
    with as_owner(world.project):
        second = line.review
        second.pk, second.key, second.position = identity(), "second", 9
        second.next = line.stages["done"]
        second.save(force_insert=True)
        type(second).objects.filter(key="review").update(next=second)
    make_tasks(world, line, 1)
    ada, rita, max_ = at(world.ada), at(world.rita), at(world.max)
    ada.submit(ada.take(), box())

    assert rita.judge(rita.take(), "accept").status_code == 201
    assert rita.claim(stage=str(second.pk)).status_code == 204
    last = max_.take(stage=str(second.pk))
    assert max_.judge(last, "reject", comment="Not yet.").status_code == 201
    with as_owner(world.project):
        assert {verdict.submission.author_id for verdict in Verdict.objects.all()} == {world.ada.id}
    assert ada.take()["round"] == 2


def test_a_verdict_needs_the_lease_and_a_reviewers_role(
    world: World, waiting: tuple[Any, dict[str, Any], dict[str, Any]], at: Any
) -> None:
    rita, task, _ = waiting
    foreign = {"lease": {"token": str(identity())}, "id": task["id"]}
    assert rita.judge(foreign, "accept").json()["error"]["code"] == "lease_lost"
    assert at(world.max).judge(task, "accept").json()["error"]["code"] == "lease_lost"
    assert at(world.ada).judge(task, "accept").status_code == 403
    assert at(world.eve).judge(task, "accept").status_code == 404
    assert rita.judge(task, "accept").status_code == 201
    assert rita.judge(task, "accept").json()["error"]["code"] == "lease_lost"


def test_the_customers_reviewer_sees_the_vendors_work_but_a_vendor_never_the_customers(
    world: World, line: Line, at: Any
) -> None:

    pia = at(make_member(world.parking, "pia", Role.REVIEWER))
    ada, rita = at(world.ada), at(world.rita)
    make_tasks(world, line, 2)
    ada.submit(ada.take(), box())
    assert pia.judge(pia.take(stage=str(line.review.id)), "accept").status_code == 201

    pia.submit(pia.take(stage=str(line.label.id)), box())
    assert rita.claim(stage=str(line.review.id)).status_code == 204
