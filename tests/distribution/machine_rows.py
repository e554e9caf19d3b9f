"""What the database holds, in the twin's words, and promises that are counted from its rows alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from apps.annotation.models import Annotation
from apps.distribution.models import Submission, Task, Unit
from apps.review.models import Verdict

NOBODY = UUID(int=0)
ALIVE = {"waiting", "ready", "leased", "skipped"}


class UnitRow(NamedTuple):
    """A unit, without the cost of a model: they are read after each act."""

    pk: UUID
    parent_id: UUID | None
    item_id: UUID
    kind: str
    region: Sequence[float] | None
    subject: UUID | None
    state: str
    open_children: int
    open_slots: int
    workers: Sequence[UUID]

    @property
    def name(self) -> tuple[object, ...]:
        left = self.region[0] if self.kind == "tile" and self.region else None
        return self.item_id, self.kind, left, self.subject


class TaskRow(NamedTuple):
    """A task likewise."""

    pk: UUID
    unit_id: UUID
    stage_id: UUID
    stage__key: str
    round: int
    slot: int
    kind: str
    state: str
    holder: UUID | None
    lease_token: UUID | None
    preferred_person: UUID | None
    postponed: bool
    priority: int
    reviews_id: UUID | None


@dataclass(frozen=True)
class Rows:
    """All of a moment."""

    units: dict[UUID, UnitRow]
    tasks: list[TaskRow]

    def pieces(self, people: Mapping[UUID, str]) -> dict[tuple[object, ...], tuple[Any, ...]]:
        """Units by what they are about: id, state, open children, open slots, workers."""
        return {
            row.name: (row.pk, row.state, row.open_children, row.open_slots, {people[one] for one in row.workers})
            for row in self.units.values()
        }

    def jobs(self, people: Mapping[UUID, str]) -> dict[tuple[object, ...], tuple[Any, ...]]:
        """Tasks by unit, stage, round and slot: id, kind, state, holder, token, and for whom a ready one is kept."""
        return {
            (*self.units[row.unit_id].name, row.stage__key, row.round, row.slot): (
                row.pk,
                row.kind,
                row.state,
                people.get(row.holder or NOBODY, ""),
                row.lease_token,
                people.get(row.preferred_person or NOBODY, "") if row.state == "ready" else "",
                row.postponed if row.state == "ready" else False,
                row.priority,
                row.reviews_id,
            )
            for row in self.tasks
        }


def read_rows() -> Rows:
    """Two queries."""
    units = [UnitRow(*row) for row in Unit.objects.values_list(*UnitRow._fields)]
    return Rows({row.pk: row for row in units}, [TaskRow(*row) for row in Task.objects.values_list(*TaskRow._fields)])


def seen_shapes() -> dict[UUID, set[UUID]]:
    """What lies on each item."""
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for item, shape in Annotation.objects.values_list("item_id", "pk"):
        found[item].add(shape)
    return dict(found)


def recount(rows: Rows) -> None:
    """Promises that need no twin."""
    children = Counter(row.parent_id for row in rows.units.values() if row.state == "open")
    alive = {task.unit_id for task in rows.tasks if task.state in ALIVE}
    for unit in rows.units.values():
        if unit.state == "open":
            assert unit.pk in alive or children[unit.pk], "a unit is lost"
            assert unit.open_children == children[unit.pk], "a parent waits for another number of children"
        elif unit.state == "accepted":
            assert not children[unit.pk], "a parent finished before its children"
            assert unit.pk not in alive, "a finished unit still has work"
    places = Counter((one.unit_id, one.stage_id, one.round, one.holder) for one in rows.tasks if one.holder)
    assert all(number == 1 for number in places.values()), "one person is there twice"
    outlives = [one for one in rows.tasks if (one.state == "leased") != (one.lease_token is not None)]
    assert not outlives, "a token outlives its lease"
    _judged_by_others(rows.units)


def _judged_by_others(units: Mapping[UUID, UnitRow]) -> None:
    """Whoever judged a unit had handed in nothing about it before, nor about a part of it or what it is a part of."""
    done = list(Submission.objects.values_list("author_id", "task__unit_id", "at", "task_id"))
    assert len({task for *_, task in done}) == len(done), "something was handed in twice"
    for judge, unit, at in Verdict.objects.values_list("author_id", "task__unit_id", "at"):
        own = [other for author, other, earlier, _ in done if author == judge and earlier < at]
        part_of_it = any(unit in _above(units, one) or one in _above(units, unit) for one in own)
        assert not part_of_it, "somebody judged their own work"


def _above(units: Mapping[UUID, UnitRow], unit: UUID | None) -> set[UUID]:
    """A unit and all that it is a part of."""
    found: set[UUID] = set()
    while unit:
        found.add(unit)
        unit = units[unit].parent_id
    return found
