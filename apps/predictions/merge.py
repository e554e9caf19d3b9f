"""One object seen in several tiles becomes one prediction, whatever the order in which the tiles end.

A tile cuts objects at its inner borders. Such a *piece* is held back until every tile that could show the rest is in,
is absorbed by a detection that saw the object whole, and joins other pieces otherwise. Detections that saw the
whole object are never enlarged: the better one wins. The survivor keeps the id of its best-scoring part, so a
prediction shown early stays the same object to whoever has selected it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, floor

from apps.predictions.tiling import Area, Tile

BORDER = 2.0  # pixels from an inner border within which a box counts as cut
SHARED = 0.5  # of the smaller box, for pieces; of the union, for whole objects
FAINT = 0.1  # below this score pieces are too unreliable to be joined: they are only suppressed
CELL = 512


@dataclass(frozen=True, slots=True)
class Found:
    """A detection in pixels of the upright item. `id` is unique in the inference and the same when it is run again."""

    id: str
    label: str
    score: float
    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def rank(self) -> tuple[float | str, ...]:
        """Best first; among equals by place, not by id, so that another inference of the same picture agrees."""
        return -self.score, self.x, self.y, self.width, self.height, self.label, self.id


@dataclass(frozen=True, slots=True)
class Step:
    """What one more tile changes in the picture shown so far."""

    shown: list[Found]  # new, or known by their id and changed
    gone: list[str]  # ids that were shown and are now part of another


@dataclass(slots=True)
class _Part:
    found: Found
    tile: int
    is_piece: bool
    matches: list["_Part"] = field(default_factory=list)
    awaits: set[int] = field(default_factory=set)

    @property
    def rank(self) -> tuple[float | str, ...]:
        return self.found.rank


class Merger:
    """Merges detections tile by tile; `merged()` depends on the tiles added, never on their order.

    `shared` is the part of the smaller (or of the union) that makes two detections one; without `joins` pieces are not
    put together, and of doubles the better one stays as it is.
    """

    def __init__(
        self, tiles: Iterable[Tile], *, width: int, height: int, shared: float = SHARED, joins: bool = True
    ) -> None:
        self._shared, self._joins = shared, joins
        self._extent = Area(0, 0, width, height)
        self._tiles = {tile.index: tile for tile in tiles}
        self._pending = set(self._tiles)
        self._tiles_at: defaultdict[tuple[int, int], list[Tile]] = defaultdict(list)
        for tile in self._tiles.values():
            for cell in _cells(tile):
                self._tiles_at[cell].append(tile)
        self._parts: dict[str, _Part] = {}
        self._cells: defaultdict[tuple[int, int], list[_Part]] = defaultdict(list)
        self._waiting: list[_Part] = []
        self._shown: dict[str, Found] = {}

    def add(self, index: int, found: Sequence[Found]) -> Step:
        """Take one tile's detections. A tile that is added again is ignored."""
        if index not in self._pending:
            return Step([], [])
        self._pending.discard(index)
        touched = [self._place(one, self._tiles[index]) for one in found]
        touched += self._released(index)
        return self._step(_connected(touched))

    def merged(self) -> list[Found]:
        """Every object of the tiles added so far, best first."""
        return [one for one, _ in self.merged_parts()]

    def merged_parts(self) -> list[tuple[Found, list[str]]]:
        """The same, each with the ids of the detections that it stands for."""
        groups = [(found, [part.found.id for part in members]) for found, members in _groups(self._parts.values())]
        return sorted(groups, key=lambda group: group[0].rank)

    def _place(self, found: Found, tile: Tile) -> _Part:
        part = _Part(found, tile.index, self._joins and self._is_cut(found, tile))
        cells = list(_cells(found))
        near = {other.found.id: other for cell in cells for other in self._cells[cell]}
        for other in near.values():
            if _is_same(part, other, self._shared):
                part.matches.append(other)
                other.matches.append(part)
        for cell in cells:
            self._cells[cell].append(part)
        self._parts[found.id] = part
        if part.is_piece:
            part.awaits = self._pending & self._meeting(_around(found))
            self._waiting.append(part)
        return part

    def _meeting(self, area: Area) -> set[int]:
        # By cells: of a gigapixel's thousands of tiles a piece meets four.
        return {tile.index for cell in _cells(area) for tile in self._tiles_at[cell] if tile.meets(area)}

    def _is_cut(self, found: Found, tile: Tile) -> bool:
        whole = self._extent
        return (
            (found.x - tile.x < BORDER and tile.x > whole.x)
            or (found.y - tile.y < BORDER and tile.y > whole.y)
            or (tile.right - found.x - found.width < BORDER and tile.right < whole.right)
            or (tile.bottom - found.y - found.height < BORDER and tile.bottom < whole.bottom)
        )

    def _released(self, index: int) -> list[_Part]:
        for part in self._waiting:
            part.awaits.discard(index)
        released = [part for part in self._waiting if not part.awaits]
        self._waiting = [part for part in self._waiting if part.awaits]
        return released

    def _step(self, parts: list[_Part]) -> Step:
        shown, alive = [], set()
        for survivor, members in _groups(parts):
            if any(not member.awaits for member in members):
                alive.add(survivor.id)
                if self._shown.get(survivor.id) != survivor:
                    shown.append(survivor)
        gone = [part.found.id for part in parts if part.found.id in self._shown and part.found.id not in alive]
        for identity in gone:
            del self._shown[identity]
        self._shown.update((one.id, one) for one in shown)
        return Step(shown, gone)


def _around(found: Found) -> Area:
    x, y = floor(found.x - BORDER), floor(found.y - BORDER)
    return Area(x, y, ceil(found.x + found.width + BORDER) - x, ceil(found.y + found.height + BORDER) - y)


def _cells(found: Found | Area) -> Iterator[tuple[int, int]]:
    for column in range(int(found.x // CELL), int((found.x + found.width) // CELL) + 1):
        for row in range(int(found.y // CELL), int((found.y + found.height) // CELL) + 1):
            yield column, row


def _is_same(one: _Part, other: _Part, threshold: float) -> bool:
    if one.found.label != other.found.label:
        return False
    shared = _intersection(one.found, other.found)
    if not shared:
        return False
    faint = min(one.found.score, other.found.score) < FAINT
    if faint or not (one.is_piece or other.is_piece):
        return shared >= threshold * (one.found.area + other.found.area - shared)
    pieces = [part.found.area for part in (one, other) if part.is_piece]
    # Measured on the piece: a small object inside a large one that merely has the same label must not disappear.
    return shared >= threshold * min(pieces)


def _intersection(one: Found, other: Found) -> float:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return across * down if across > 0 and down > 0 else 0.0


def _connected(parts: Iterable[_Part]) -> list[_Part]:
    """The parts and all that are linked to them: no group outside can change."""
    reached = {part.found.id: part for part in parts}
    border = list(reached.values())
    while border:
        for other in border.pop().matches:
            if other.found.id not in reached:
                reached[other.found.id] = other
                border.append(other)
    return list(reached.values())


def _groups(parts: Iterable[_Part]) -> Iterator[tuple[Found, list[_Part]]]:
    """Greedily: the best part takes all its matches that no better one has taken."""
    taken: set[str] = set()
    for leader in sorted(parts, key=lambda part: part.rank):
        if leader.found.id in taken:
            continue
        members = [leader, *(part for part in leader.matches if part.found.id not in taken)]
        taken.update(part.found.id for part in members)
        yield _survivor(members), members


def _survivor(members: list[_Part]) -> Found:
    leader = members[0].found
    seen_whole = sorted((part for part in members if not part.is_piece), key=lambda part: part.rank)
    # Too faint to be trusted with another's extent: such matches were suppressed, not joined.
    joined = [part.found for part in members if min(part.found.score, leader.score) >= FAINT] or [leader]
    box = seen_whole[0].found if seen_whole else _union(joined)
    return replace(leader, x=box.x, y=box.y, width=box.width, height=box.height)


def _union(boxes: Sequence[Found]) -> Found:
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return replace(boxes[0], x=x, y=y, width=round(right - x, 2), height=round(bottom - y, 2))
