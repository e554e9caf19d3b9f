"""How a large picture is cut for a model that sees a small square: overlapping tiles and one pass over the whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, hypot

# Up to this many tile sides the whole picture, shrunk, still shows the model what it can recognise.
WHOLE_UP_TO = 2.0


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in pixels of the upright item."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def grown(self, margin: int, width: int, height: int) -> "Area":
        """With so much around it, as far as a picture of this size goes."""
        x, y = max(self.x - margin, 0), max(self.y - margin, 0)
        return Area(x, y, min(self.right + margin, width) - x, min(self.bottom + margin, height) - y)

    def meets(self, other: "Area") -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom


@dataclass(frozen=True, slots=True)
class Tile(Area):
    """One piece of work. Its index depends on picture, size and overlap only; 0 is the whole picture."""

    index: int = 0

    @property
    def is_whole(self) -> bool:
        return self.index == 0


def plan_tiles(
    width: int,
    height: int,
    *,
    size: int,
    overlap: float = 0.2,
    centre: tuple[float, float] | None = None,
    region: Area | None = None,
) -> list[Tile]:
    """Tiles in the order in which to run them: the one at the centre of the view, the whole picture, then outwards.

    With a region, only the tiles that meet it, and no pass over the whole picture.
    """
    whole = Tile(0, 0, width, height, index=0)
    if max(width, height) <= size * WHOLE_UP_TO:
        return [whole]
    x, y = centre or _middle(region or whole)
    tiles = [tile for tile in _grid(width, height, size, overlap) if region is None or tile.meets(region)]
    tiles.sort(key=lambda tile: (_distance(tile, x, y), tile.index))
    return tiles if region else [*tiles[:1], whole, *tiles[1:]]


def plan_area(area: Area, *, size: int, overlap: float = 0.2) -> list[Tile]:
    """Tiles that cover an area by itself: what lies beyond it is not looked at."""
    return [
        Tile(area.x + tile.x, area.y + tile.y, tile.width, tile.height, index=tile.index)
        for tile in _grid(area.width, area.height, size, overlap)
    ]


def _grid(width: int, height: int, size: int, overlap: float) -> Iterator[Tile]:
    index = 0
    for y in _starts(height, size, overlap):
        for x in _starts(width, size, overlap):
            index += 1
            yield Tile(x, y, min(size, width), min(size, height), index=index)


def _starts(length: int, size: int, overlap: float) -> Sequence[int]:
    """Evenly spread starts, so that the last tile is as large as the first and neighbours overlap at least as asked."""
    if length <= size:
        return [0]
    steps = ceil((length - size) / (size * (1 - overlap)))
    return [round(step * (length - size) / steps) for step in range(steps + 1)]


def _middle(area: Area) -> tuple[float, float]:
    return area.x + area.width / 2, area.y + area.height / 2


def _distance(tile: Tile, x: float, y: float) -> float:
    across, down = _middle(tile)
    return hypot(across - x, down - y)
