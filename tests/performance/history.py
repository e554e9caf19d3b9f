"""What people may do in a project over some days, as facts, and as the events that the product would write of it.

Facts are kept in Python, apart from the events: the recount reads them alone. A transaction may stay open while others
begin and end, so that its events come to light later than younger ones. All transactions carry made-up numbers, since a
test has but one of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from apps.activity.models import ActivityEvent
from apps.core.ids import new_id
from apps.distribution.models import Task
from apps.distribution.services import pulses

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
PEOPLE = ("ada", "bob", "rita")


@dataclass
class Piece:
    """A task, as far as figures care."""

    stage: UUID
    project: UUID
    unit: UUID
    arm: str
    round: int = 1
    attempt: int = 0
    made: datetime | None = None
    holder: str = ""
    claimed: datetime | None = None
    reviews: "Piece | None" = None
    author: str = ""
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True)
class Fact:
    """Something that happened at a moment of the server's clock; `order` tells apart what has the same moment."""

    kind: str
    at: datetime
    person: str
    piece: Piece
    order: int
    says: dict[str, Any]


@dataclass
class Open:
    """A transaction that has not ended, and what it wrote."""

    number: int
    facts: list[tuple[str, Piece, str, datetime, dict[str, Any]]]


@dataclass
class Place:
    """Where it happens: ids of the world."""

    org: UUID
    worker_org: UUID
    people: dict[str, UUID]
    projects: tuple[UUID, UUID]
    label: dict[UUID, UUID]  # the stage by project, as the next
    review: dict[UUID, UUID]
    run: dict[UUID, UUID]
    labels: tuple[UUID, UUID]
    version: UUID


class History:
    """Applies acts one after another; an act that makes no sense where it stands does nothing."""

    def __init__(self, place: Place, starts: datetime) -> None:
        self.place, self.now = place, starts
        self.ready: list[Piece] = []
        self.facts: list[Fact] = []
        self.open: list[Open] = []
        self.number = 100
        self.held: list[Piece] = []

    # Transactions.

    def transactions(self) -> tuple[int, int]:
        """The oldest transaction that has not ended, and the reader's own, as PostgreSQL would tell."""
        return min([one.number for one in self.open], default=self.number + 1), self.number + 1

    def write(self, slow: bool, *facts: tuple[str, Piece, str, datetime, dict[str, Any]]) -> None:
        """Write events in a transaction of their own; a slow one ends later."""
        self.number += 1
        one = Open(self.number, list(facts))
        self.open.append(one)
        if not slow:
            self.end(one)

    def end(self, one: Open) -> None:
        """Its events can be seen from now on."""
        self.open.remove(one)
        for kind, piece, person, at, says in one.facts:
            self.facts.append(Fact(kind, at, person, piece, len(self.facts), says))
        insert([(one.number, event) for event in self._events(one)])

    def _events(self, one: Open) -> Iterator[ActivityEvent]:
        for kind, piece, person, at, says in one.facts:
            payload = {name: value for name, value in says.items() if not name.startswith("_")}
            yield ActivityEvent(
                org_id=self.place.org,
                worker_org_id=None if kind == "unit.finished" else self.place.worker_org,
                project_id=piece.project,
                stage_id=piece.stage,
                task_id=None if kind == "units.made" else piece.id,
                unit_id=piece.unit,
                actor_id=self.place.people[person],
                kind=kind,
                at=at,
                payload=payload,
            )

    # What people do.

    def act(self, kind: str, who: int, seconds: float, choice: int, slow: bool) -> None:
        """Let time pass, then do one thing."""
        self.now += timedelta(seconds=seconds)
        getattr(self, kind)(PEOPLE[who], choice, slow)

    def claim(self, person: str, choice: int, slow: bool) -> None:
        reviewer = person == "rita"
        fits = [one for one in self.ready if (one.reviews is not None) == reviewer and one.author != person]
        if fits:
            piece = fits[choice % len(fits)]
            self.ready.remove(piece)
        elif reviewer:
            return
        else:
            project = self.place.projects[choice % 2]
            piece = Piece(self.place.label[project], project, new_id(), "held_out" if choice % 3 == 0 else "assisted")
            piece.made = self.now - choice * SECOND
            self.write(
                False, ("units.made", piece, person, self.now, {"run": str(self.place.run[project]), "units": 1})
            )
        piece.holder, piece.claimed, piece.attempt = person, self.now, piece.attempt + 1
        self.held.append(piece)
        waited = round((self.now - (piece.made or self.now)) / timedelta(milliseconds=1))
        says = {"attempt": piece.attempt, "round": piece.round, "waited_ms": waited}
        self.write(slow, ("task.claimed", piece, person, self.now, says))

    def pulse(self, person: str, choice: int, slow: bool) -> None:
        """Some signs at once, from any of the person's tabs, with whatever ages their page's clock gives."""
        if (piece := self._held(person, choice)) is None:
            return
        ages = (0, 7_000, 22_000 * choice, 45_000, -3_000_000, 61_000 + choice, 999_999_999)[: 1 + choice % 7]
        sent = [pulses.Pulse(("work", "focus", "idle")[(choice + n) % 3], n, age) for n, age in enumerate(ages)]
        assert piece.claimed
        told = []
        for one in sent:
            # The rule in words: the server's clock less the age (a day at most), drawn in to between claim and receipt.
            at = max(min(self.now, self.now - min(DAY, timedelta(milliseconds=one.ms_ago))), piece.claimed)
            told.append((f"pulse.{one.kind}", piece, person, at, {"seq": one.seq}))
        assert [at for *_, at, _ in told] == self._as_recorded(piece, sent)
        self.write(slow, *told)

    def _as_recorded(self, piece: Piece, sent: list[pulses.Pulse]) -> list[datetime]:
        """The moments that the product itself gives these signs."""
        task = Task(id=piece.id, org_id=self.place.org, project_id=piece.project, claimed_at=piece.claimed)
        return [row.at for row in pulses.rows_of(task, sent, self.now)]

    def submit(self, person: str, choice: int, slow: bool) -> None:
        piece = self._held(person, choice)
        if piece is None or piece.reviews:
            return
        self._let_go(piece)
        assert piece.claimed
        counts = {"shapes": choice, "rejected": 1, "elapsed_ms": 1, "attempt": piece.attempt}
        ended = counts | {"round": piece.round, "arm": piece.arm}
        first, second = (str(label) for label in self.place.labels)
        common = {"round": piece.round, "arm": piece.arm}
        rows = [
            [first, str(self.place.version), choice % 10, choice, 1, choice % 3, 0],
            [first, None, None, 0, 0, 0, 2],
        ]
        told = {**common, "rows": rows, "added": choice, "changed": 1, "removed": choice % 2}
        more = {**common, "rows": [[second, None, None, 0, 0, 0, choice % 4]]}
        self.write(
            slow,
            ("task.submitted", piece, person, self.now, ended),
            ("objects.decided", piece, person, self.now, told),
            ("objects.decided", piece, person, self.now, more),
        )
        following = Piece(
            self.place.review[piece.project], piece.project, piece.unit, "assisted", piece.round, reviews=piece
        )
        following.made, following.author = self.now, person
        self.ready.append(following)

    def judge(self, person: str, choice: int, slow: bool) -> None:
        piece = self._held(person, choice)
        if piece is None or piece.reviews is None:
            return
        self._let_go(piece)
        verdict, reason = (("accept", ""), ("reject", "missed"), ("fix", "shape"))[choice % 3]
        judged = piece.reviews
        author, place = str(self.place.people[piece.author]), self.place
        about = {"verdict": verdict, "author": author, "round": piece.round, "stage": str(judged.stage)}
        about["worker_org"] = str(place.worker_org)
        told = {**about, "reviewed": str(judged.id), "elapsed_ms": 5, "reason": reason}
        rows = [[str(place.labels[0]), 1, choice, 0, 1, 0 if verdict != "reject" else 3]]
        facts: list[tuple[str, Piece, str, datetime, dict[str, Any]]] = [
            ("task.reviewed", piece, person, self.now, told),
            ("objects.reviewed", piece, person, self.now, {**about, "rows": rows}),
        ]
        if verdict == "reject":
            again = Piece(judged.stage, judged.project, judged.unit, judged.arm, judged.round + 1, made=self.now)
            self.ready.append(again)
        else:
            says = {"run": str(place.run[piece.project]), "round": piece.round}
            facts.append(("unit.finished", piece, person, self.now, says))
        self.write(slow, *facts)

    def spell(self, person: str, choice: int, slow: bool) -> None:
        """Some minutes of steady work, now in one tab, now in another."""
        if not self._held(person, 0):
            self.claim(person, choice, False)
        for n in range(choice):
            self.now += 25 * SECOND
            self.pulse(person, 7 * (n % 3), slow and n == 0)

    def hand_in(self, person: str, choice: int, slow: bool) -> None:
        """The straight way, so that what comes after it is met often."""
        person = "ada" if person == "rita" else person
        self.claim(person, choice, False)
        self.now += 20 * SECOND
        self.submit(person, choice, slow)

    def send_back(self, person: str, choice: int, slow: bool) -> None:
        """Something returns, so that there are second and third rounds."""
        self.claim("rita", choice, False)
        self.now += 5 * SECOND
        self.judge("rita", 1 + 3 * (choice % 4), slow)

    def skip(self, person: str, choice: int, slow: bool) -> None:
        self._give_back("task.skipped", person, choice, slow, {"reason": "dark"})

    def release(self, person: str, choice: int, slow: bool) -> None:
        self._give_back("task.released", person, choice, slow, {})

    def commit(self, person: str, choice: int, slow: bool) -> None:
        """One of the transactions that are still open ends."""
        if self.open:
            self.end(self.open[choice % len(self.open)])

    def fold(self, person: str, choice: int, slow: bool) -> None:
        """Done by whoever runs the history."""

    def _give_back(self, kind: str, person: str, choice: int, slow: bool, says: dict[str, Any]) -> None:
        if (piece := self._held(person, choice)) is None:
            return
        self._let_go(piece)
        self.ready.append(piece)
        self.write(slow, (kind, piece, person, self.now, says))

    def _held(self, person: str, choice: int) -> Piece | None:
        mine = [one for one in self.held if one.holder == person]
        return mine[choice % len(mine)] if mine else None

    def _let_go(self, piece: Piece) -> None:
        self.held.remove(piece)
        piece.holder = ""


def insert(rows: list[tuple[int, ActivityEvent]]) -> None:
    """Write events with the numbers of made-up transactions."""
    columns = ("org_id", "worker_org_id", "project_id", "stage_id", "task_id", "unit_id", "actor_id", "kind", "at")
    values = [[*(getattr(event, name) for name in columns), Jsonb(event.payload), number] for number, event in rows]
    with connection.cursor() as cursor:
        marks = ", ".join(["(" + ", ".join(["%s"] * (len(columns) + 2)) + ")"] * len(values))
        flat = [one for row in values for one in row]
        cursor.execute(f"INSERT INTO activity_event ({', '.join(columns)}, payload, xact) VALUES {marks}", flat)
