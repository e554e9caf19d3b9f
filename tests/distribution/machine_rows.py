"""What the database holds, in the twin's words, and promises that are counted from its rows alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.annotation.models import Annotation
from apps.distribution.models import Submission, Task, Unit
from apps.review.models import Verdict

ALIVE = {"waiting", "ready", "leased", "skipped"}


def seen_pieces(people: Mapping[UUID, str]) -> dict[tuple[object, ...], tuple[Any, ...]]:
    """Units by what they are about: id, state, open children, open slots, workers."""
    rows = Unit.objects.all()
    return {
        _name(row): (row.pk, row.state, row.open_children, row.open_slots, {people[one] for one in row.workers})
        for row in rows
    }


def seen_jobs(people: Mapping[UUID, str]) -> dict[tuple[object, ...], tuple[Any, ...]]:
    """Tasks by unit, stage, round and slot: id, kind, state, holder, token, reserved, postponed, priority, reviews."""
    return {
        (*_name(row.unit), row.stage.key, row.round, row.slot): (
            row.pk,
            row.kind,
            row.state,
            people.get(row.holder, ""),
            row.lease_token,
            people.get(row.preferred_person, "") if row.state == "ready" else "",
            row.postponed if row.state == "ready" else False,
            row.priority,
            row.reviews_id,
        )
        for row in Task.objects.select_related("unit", "stage")
    }


def seen_shapes() -> dict[UUID, set[UUID]]:
    """What lies on each item."""
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for item, shape in Annotation.objects.values_list("item_id", "pk"):
        found[item].add(shape)
    return dict(found)


def recount() -> None:
    """Promises that need no twin."""
    units = {row.pk: row for row in Unit.objects.all()}
    tasks = list(Task.objects.select_related("stage"))
    children = Counter(row.parent_id for row in units.values() if row.state == "open")
    alive = {task.unit_id for task in tasks if task.state in ALIVE}
    for unit in units.values():
        if unit.state == "open":
            assert unit.pk in alive or children[unit.pk], "a unit is lost"
            assert unit.open_children == children[unit.pk], "a parent waits for another number of children"
        elif unit.state == "accepted":
            assert not children[unit.pk], "a parent finished before its children"
            assert unit.pk not in alive, "a finished unit still has work"
    _held_once(tasks)
    _judged_by_others(units)


def _held_once(tasks: list[Task]) -> None:
    places = Counter((one.unit_id, one.stage_id, one.round, one.holder) for one in tasks if one.holder)
    assert all(number == 1 for number in places.values()), "one person is there twice"
    assert all((one.state == "leased") == (one.lease_token is not None) for one in tasks), "a token outlives its lease"
    once = Counter(Submission.objects.values_list("task_id", flat=True))
    assert all(number == 1 for number in once.values()), "something was handed in twice"


def _judged_by_others(units: Mapping[UUID, Unit]) -> None:
    """Whoever judged a unit had handed in nothing about it before, nor about a part of it or what it is a part of."""
    done = list(Submission.objects.values_list("author_id", "task__unit_id", "at"))
    for judge, unit, at in Verdict.objects.values_list("author_id", "task__unit_id", "at"):
        own = [other for author, other, earlier in done if author == judge and earlier < at]
        assert not any(unit in _above(units, one) or one in _above(units, unit) for one in own), (
            "somebody judged their own work"
        )


def _above(units: Mapping[UUID, Unit], unit: UUID | None) -> set[UUID]:
    """A unit and all that it is a part of."""
    found: set[UUID] = set()
    while unit:
        found.add(unit)
        unit = units[unit].parent_id
    return found


def _name(unit: Unit) -> tuple[object, ...]:
    left = unit.region[0] if unit.kind == "tile" and unit.region else None
    return unit.item_id, unit.kind, left, unit.subject
