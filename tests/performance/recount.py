"""All figures made anew from facts, in plain Python: what the projections must equal. Knows no SQL and none of ours."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations_with_replacement
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from .history import Fact, Place

# What shows that somebody works; an idle pulse shows that nobody does.
SIGNS = {"pulse.work", "pulse.focus", "task.claimed", "task.submitted", "task.reviewed", "task.skipped"}
SIGNS |= {"task.released"}
ENDS = {"task.submitted", "task.reviewed"}
LONGEST = timedelta(hours=1)
MS = timedelta(milliseconds=1)
ORIGINS = ("accepted", "edited", "rejected", "drawn")
CHANGES = ("added", "changed", "removed")

Rows = Counter[tuple[Any, ...]]


@dataclass
class Figures:
    """The rows of each projection, in the order of `NAMES` in test_recount.py."""

    tasks: Rows
    work: Rows
    runs: Rows
    suggestions: Rows
    objects: Rows
    verdicts: Rows


def recount(facts: list[Fact], place: Place, zone: ZoneInfo, idle: dict[UUID, int]) -> Figures:
    """Everything, from the first fact on."""
    days = _Days(place, zone)
    active = _active(facts, days, idle)
    tasks = _tasks(facts, days, active)
    return Figures(
        Counter(_task_row(key, one) for key, one in tasks.items()),
        _work(facts, days, tasks),
        _runs(facts, days),
        _suggestions(facts, days),
        _objects(facts, days),
        _verdicts(facts, days),
    )


@dataclass
class _Days:
    place: Place
    zone: ZoneInfo

    def of(self, fact: Fact) -> date:
        """The day on the calendar that hangs in the owner's office."""
        return fact.at.astimezone(self.zone).date()

    def who(self, fact: Fact) -> UUID:
        """The person's id."""
        return self.place.people[fact.person]


def _active(facts: list[Fact], days: _Days, idle: dict[UUID, int]) -> dict[tuple[UUID, UUID, date], timedelta]:
    """Active time by person, task and day: short gaps between signs of one person, for the task of the later one."""
    sums: dict[tuple[UUID, UUID, date], timedelta] = defaultdict(timedelta)
    lines: dict[UUID, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind in SIGNS:
            lines[days.who(fact)].append(fact)
    for person, line in lines.items():
        line.sort(key=lambda fact: (fact.at, fact.order))
        before: Fact | None = None
        for fact in line:
            key = (person, fact.piece.id, days.of(fact))
            sums[key] += timedelta(0)
            longest = min(LONGEST, timedelta(seconds=idle[fact.piece.project]))
            if before and fact.kind != "task.claimed" and fact.at - before.at <= longest:
                sums[key] += fact.at - before.at
            before = fact
    return sums


def _tasks(
    facts: list[Fact], days: _Days, active: dict[tuple[UUID, UUID, date], timedelta]
) -> dict[tuple[UUID, UUID, date], dict[str, Any]]:
    pieces = {fact.piece.id: fact.piece for fact in facts}
    rows: dict[tuple[UUID, UUID, date], dict[str, Any]] = {}
    for (person, task, day), spent in active.items():
        row = dict.fromkeys((*CHANGES, *ORIGINS), 0)
        piece = pieces[task]
        rows[person, task, day] = row | {"ms": _ms(spent), "piece": piece, "round": 1, "held_out": False, "total": None}
    for fact in facts:
        key = (days.who(fact), fact.piece.id, days.of(fact))
        if fact.kind in ENDS:
            rows[key]["round"] = fact.says["round"]
            rows[key]["held_out"] = fact.says.get("arm") == "held_out"
            earlier = (row["ms"] for (who, task, day), row in rows.items() if (who, task) == key[:2] and day <= key[2])
            rows[key]["total"] = sum(earlier)
        if fact.kind == "objects.decided":
            for name in CHANGES:
                rows[key][name] += fact.says.get(name, 0)
            for row in fact.says["rows"]:
                for name, number in zip(ORIGINS, row[3:], strict=True):
                    rows[key][name] += number
    return rows


def _ms(spent: timedelta) -> int:
    return (spent + MS / 2) // MS


def _task_row(key: tuple[UUID, UUID, date], one: dict[str, Any]) -> tuple[Any, ...]:
    person, task, day = key
    piece = one["piece"]
    told = (one["ms"], one["total"], one["round"], one["held_out"], *(one[name] for name in (*CHANGES, *ORIGINS)))
    return (person, task, day, piece.stage, piece.project, *told)


def _work(facts: list[Fact], days: _Days, tasks: dict[tuple[UUID, UUID, date], dict[str, Any]]) -> Rows:
    projects: dict[tuple[UUID, date, UUID], dict[UUID, Counter[str]]] = {}
    for fact in facts:
        if fact.kind not in SIGNS:
            continue
        one = _of(projects, (days.who(fact), days.of(fact), fact.piece.stage), fact.piece.project)
        one["claimed"] += fact.kind == "task.claimed"
        if fact.kind == "task.claimed" and fact.says["attempt"] == 1:
            one["first"] += 1
            one["waited"] += fact.says["waited_ms"]
        one["submitted"] += fact.kind in ENDS
        one["reworked"] += fact.kind in ENDS and fact.says["round"] > 1
        one["skipped"] += fact.kind == "task.skipped"
        one["released"] += fact.kind == "task.released"
    for (person, _task, day), row in tasks.items():
        one = _of(projects, (person, day, row["piece"].stage), row["piece"].project)
        one["ms"] += row["ms"]
        one["done"] += row["added"] + row["changed"]
        for name in ("drawn", "accepted", "edited", "rejected"):
            one[name] += row[name]
    names = ("claimed", "first", "waited", "submitted", "reworked", "skipped", "released", "done")
    origins = ("drawn", "accepted", "edited", "rejected")
    return Counter(
        (person, day, stage, project, one["ms"], *(one[name] for name in (*names, *origins)))
        for (person, day, stage), by_project in projects.items()
        for project, one in by_project.items()
    )


def _of(
    rows: dict[tuple[UUID, date, UUID], dict[UUID, Counter[str]]], key: tuple[UUID, date, UUID], project: UUID
) -> Counter[str]:
    return rows.setdefault(key, {}).setdefault(project, Counter())


def _runs(facts: list[Fact], days: _Days) -> Rows:
    made: Counter[tuple[Any, ...]] = Counter()
    finished: Counter[tuple[Any, ...]] = Counter()
    for fact in facts:
        key = (fact.says.get("run"), fact.piece.project, days.of(fact))
        if fact.kind == "units.made":
            made[key] += fact.says["units"]
        if fact.kind == "unit.finished":
            finished[key] += 1
    return Counter((UUID(run), project, day, made[run, project, day], finished[run, project, day])
                   for run, project, day in made.keys() | finished.keys())  # fmt: skip


def _suggestions(facts: list[Fact], days: _Days) -> Rows:
    sums: dict[tuple[Any, ...], list[int]] = {}
    for fact in facts:
        if fact.kind != "objects.decided":
            continue
        for label, version, band, *numbers in fact.says["rows"]:
            about = (days.who(fact), days.of(fact), fact.piece.stage, fact.piece.project, UUID(label))
            key = (*about, version and UUID(version), band, fact.says["arm"] == "held_out")
            sums[key] = [one + more for one, more in zip(sums.get(key, [0] * 4), numbers, strict=True)]
    return Counter((*key, *numbers) for key, numbers in sums.items())


def _objects(facts: list[Fact], days: _Days) -> Rows:
    sums: dict[tuple[Any, ...], list[int]] = {}
    for fact in facts:
        if fact.kind != "objects.reviewed":
            continue
        for label, *numbers in fact.says["rows"]:
            about = (days.who(fact), UUID(fact.says["author"]), days.of(fact), UUID(fact.says["stage"]))
            key = (*about, fact.piece.project, UUID(label))
            sums[key] = [one + more for one, more in zip(sums.get(key, [0] * 5), numbers, strict=True)]
    return Counter((*key, *numbers) for key, numbers in sums.items())


def _verdicts(facts: list[Fact], days: _Days) -> Rows:
    counted: Counter[tuple[Any, ...]] = Counter()
    for fact in facts:
        if fact.kind == "task.reviewed":
            says = fact.says
            about = (days.who(fact), UUID(says["author"]), days.of(fact), UUID(says["stage"]), fact.piece.project)
            counted[*about, says["verdict"], says["reason"], says["round"] == 1] += 1
    return Counter((*key, number) for key, number in counted.items())


def moments(tasks: Sequence[tuple[int, ...]]) -> dict[tuple[str, str], int]:
    """Sums of products over (active ms, drawn, accepted, edited, refused) of each task, by what was multiplied."""
    names = ("one", "drawn", "accepted", "edited", "rejected", "ms")
    rows = [dict(zip(names, (1, *counts, ms), strict=True)) for ms, *counts in tasks]
    return {(a, b): sum(row[a] * row[b] for row in rows) for a, b in combinations_with_replacement(names, 2)}
