"""The engine as it must work, in plain Python: units, tasks, joins and rounds, without a database and without time."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

PEOPLE_KINDS = {"label", "review"}
OPEN = {"waiting", "ready", "leased"}


@dataclass(frozen=True)
class Place:
    """A stage: `unit` is what it works on, `to` where units leave it by each outcome."""

    key: str
    kind: str
    position: int
    unit: str = "item"
    to: dict[str, str] = field(default_factory=dict, hash=False)
    overlap: int = 1
    sample: float = 1.0
    skill: str | None = None
    most_held: int | None = None
    most_per_person: int | None = None
    pushed: bool = False
    percent: float | None = None

    @property
    def is_for_people(self) -> bool:
        return self.kind in PEOPLE_KINDS


@dataclass(eq=False)
class Piece:
    """A unit: an item, a part of it from `left` on, or one object (`subject`)."""

    item: UUID
    kind: str = "item"
    left: float | None = None
    subject: UUID | None = None
    parent: "Piece | None" = None
    state: str = "open"
    open_children: int = 0
    open_slots: int = 0
    workers: set[str] = field(default_factory=set)
    id: Any = None

    @property
    def name(self) -> tuple[object, ...]:
        return self.item, self.kind, self.left, self.subject


@dataclass(eq=False)
class Job:
    """A task."""

    place: Place
    piece: Piece
    round: int
    slot: int
    kind: str
    state: str
    priority: int
    reserved: str = ""
    postponed: bool = False
    skipped_by: set[str] = field(default_factory=set)
    reviews: "Job | None" = None
    holder: str = ""
    token: Any = None
    lapsed: bool = False
    shapes: dict[UUID, float] | None = None
    id: Any = None

    @property
    def name(self) -> tuple[object, ...]:
        return *self.piece.name, self.place.key, self.round, self.slot


class Twin:
    """A run of a line. `shapes` is what lies on each item, by the middle of each shape."""

    def __init__(self, places: dict[str, Place], width: float, cuts: list[float]) -> None:
        self.places, self.cuts, self.width = places, cuts, width
        self.pieces: list[Piece] = []
        self.jobs: list[Job] = []
        self.shapes: dict[UUID, dict[UUID, float]] = {}
        self.submitted = 0

    def take(self, item: UUID, key: str) -> None:
        """An item comes onto the line."""
        piece = Piece(item)
        self.pieces.append(piece)
        self.shapes[item] = {}
        self.enter(piece, key, 1, 100)

    def jobs_of(self, piece: Piece) -> Iterator[Job]:
        return (one for one in self.jobs if one.piece is piece)

    def owned(self, piece: Piece) -> dict[UUID, float]:
        """What a unit owns of its item."""
        lying = self.shapes[piece.item]
        if piece.kind == "object":
            return {key: x for key, x in lying.items() if key == piece.subject}
        if piece.kind == "tile":
            end = next((cut for cut in self.cuts if cut > (piece.left or 0)), self.width)
            return {key: x for key, x in lying.items() if (piece.left or 0) <= x < end}
        return dict(lying)

    def write(self, piece: Piece, shapes: dict[UUID, float]) -> None:
        """What the unit owns becomes this."""
        for key in self.owned(piece):
            del self.shapes[piece.item][key]
        self.shapes[piece.item] |= shapes

    # How units go.

    def reached(self, key: str | None, piece: Piece, round_: int) -> Place | None:
        """Past reviews for which the unit was not drawn; what came back is always looked at."""
        place = self.places[key] if key else None
        while place and place.kind == "review" and round_ == 1 and not self.is_drawn(place, piece):
            place = self.places[place.to["done"]]
        return place

    def is_drawn(self, place: Place, piece: Piece) -> bool:
        if place.sample == 1:
            return True
        assert piece.id, "a unit was judged before it was there"
        drawn = hashlib.md5(f"{place.key}{piece.id}".encode(), usedforsecurity=False).hexdigest()
        return int(drawn[:8], 16) < place.sample * 2**32

    def enter(
        self, piece: Piece, key: str | None, round_: int, priority: int, reviews: Job | None = None, person: str = ""
    ) -> None:
        place = self.reached(key, piece, round_)
        while place and piece.parent and piece.kind != place.unit != "object":
            parent = self.gather(piece)
            if parent is None:
                return
            piece, round_, reviews, person = parent, 1, None, ""
            place = self.reached(place.key, piece, 1)
        if place is None or place.kind == "done":
            piece.state = "accepted"
            return
        round_ = max([round_, *(one.round + 1 for one in self.jobs_of(piece) if one.place is place)])
        by_people = place.is_for_people and piece.kind == place.unit
        slots = place.overlap if by_people else 1
        if slots > 1:
            piece.open_slots = slots
        for slot in range(1, slots + 1):
            kind, state = ("human", "ready") if by_people else ("machine", "waiting")
            reserved = person if slot == 1 else ""
            judged = None if by_people and place.kind == "label" else reviews
            self.jobs.append(Job(place, piece, round_, slot, kind, state, priority, reserved, reviews=judged))

    def gather(self, piece: Piece) -> Piece | None:
        """A child has done its part; gives the parent when it was the last."""
        assert piece.parent and piece.state == "open"
        piece.state = "accepted"
        parent = piece.parent
        parent.open_children -= 1
        parent.workers |= piece.workers | {one.holder for one in self.jobs_of(piece) if one.holder}
        return None if parent.open_children else parent

    def go_on(self, job: Job) -> None:
        place = job.place
        following = self.reached(place.to["done"], job.piece, job.round)
        assert following
        judged = following.kind == "review" and following.unit == place.unit and job.kind == "human"
        fresh = job.reviews is None and place.kind != "review"
        job.state = "submitted" if judged and fresh else "accepted"
        job.token = None
        reviews = job if job.kind == "human" and place.kind == "label" else job.reviews
        self.enter(job.piece, following.key, job.round, job.priority, reviews)

    # What people do.

    def submit(self, job: Job, shapes: dict[UUID, float]) -> None:
        self.submitted += 1
        job.shapes, job.token = shapes, None
        if job.place.overlap == 1:
            self.write(job.piece, shapes)
            self.go_on(job)
            return
        job.state = "accepted"
        job.piece.open_slots -= 1
        if job.piece.open_slots == 0:
            self.jobs.append(Job(job.place, job.piece, job.round, 0, "machine", "waiting", job.priority))

    def judge(self, job: Job, *, good: bool) -> None:
        reviewed = job.reviews
        if good:
            if reviewed:
                reviewed.state = "accepted"
            self.go_on(job)
            return
        job.state, job.token = "accepted", None
        last = reviewed or job
        back = job.place.to["rework"]
        theirs = reviewed.holder if reviewed and reviewed.place.key == back else ""
        if reviewed:
            reviewed.state = "returned"
        self.enter(job.piece, back, last.round + 1, last.priority, None, theirs)

    # What machines do.

    def run(self, job: Job, *, fails: bool) -> None:
        """Do a machine's task, or let it fail; one that does not wait is left as it is."""
        if job.state != "waiting":
            return
        place, piece = job.place, job.piece
        if fails and not place.is_for_people:
            job.state = "failed"
            key = place.to.get("failed") or self.people_after(place, piece)
            self.enter(piece, key, job.round, job.priority, job.reviews)
            return
        job.state = "accepted"
        if job.slot == 0:
            first = min((one for one in self.beside(job) if one.shapes is not None), key=lambda one: one.slot)
            self.write(piece, first.shapes or {})
            self.go_on(first)
        elif place.is_for_people:
            objects = [self.child(piece, "object", subject=key) for key in self.owned(piece)]
            self.split(job, objects, place.key if objects else self.after_objects(place))
        elif place.kind == "tile":
            self.split(job, [self.child(piece, "tile", left=left) for left in self.cuts], place.to["done"])
        else:
            self.enter(piece, place.to[self.outcome(place, piece)], job.round, job.priority, job.reviews)

    def beside(self, job: Job) -> list[Job]:
        """The tasks of several people at one unit, in one round."""
        return [
            one for one in self.jobs_of(job.piece) if one.place is job.place and one.round == job.round and one.slot > 0
        ]

    def child(self, parent: Piece, kind: str, left: float | None = None, subject: UUID | None = None) -> Piece:
        for piece in self.pieces:
            if piece.parent is parent and (piece.kind, piece.left, piece.subject) == (kind, left, subject):
                piece.state = "open"
                return piece
        made = Piece(parent.item, kind, left, subject, parent)
        self.pieces.append(made)
        return made

    def split(self, job: Job, children: list[Piece], key: str) -> None:
        if not children:
            self.enter(job.piece, key, job.round, job.priority, job.reviews)
            return
        job.piece.open_children = len(children)
        for child in children:
            self.enter(child, key, job.round, job.priority)

    def outcome(self, place: Place, piece: Piece) -> str:
        if place.percent is None:
            return "done"
        drawn = hashlib.sha256(f"{place.key}:some:{piece.item}".encode()).digest()[:8]
        return "some" if int.from_bytes(drawn) / 2**64 < place.percent / 100 else "default"

    def after_objects(self, place: Place) -> str:
        while place.unit == "object":
            place = self.places[place.to["done"]]
        return place.key

    def people_after(self, place: Place, piece: Piece) -> str:
        """Where a unit goes that a machine could not work on: the next people who can."""
        while place.kind != "done":
            place = self.places[place.to.get("done") or place.to["default"]]
            if place.is_for_people and place.unit in {piece.kind, "object"}:
                return place.key
        return place.key
