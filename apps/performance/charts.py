"""Geometry of the charts, in per cent and pixels; templates only write it down. Each stands beside its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

HEIGHT = 180
TOP, FOOT = 24, 24
MOST_NAMES = 10


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked columns, one for each day."""

    height: int
    bars: list[dict[str, Any]]
    grid: list[dict[str, Any]]
    base: int


def bars_of(days: Sequence[tuple[date, int]]) -> Bars:
    """Columns for counts by day."""
    top = nice_top(max((number for _day, number in days), default=0))
    base = TOP + HEIGHT
    width = 100 / max(1, len(days))
    named = _names([day for day, _number in days])
    bars = []
    for place, (day, number) in enumerate(days):
        tall = round(HEIGHT * number / top, 1)
        bars.append(
            {
                "x": f"{place * width + width * 0.15:.2f}%",
                "width": f"{width * 0.7:.2f}%",
                "middle": f"{(place + 0.5) * width:.2f}%",
                "y": base - tall,
                "height": tall,
                "name": named.get(place, ""),
                "day": day,
                "number": number,
            }
        )
    return Bars(base + FOOT, bars, _grid(top), base)


def _grid(top: int) -> list[dict[str, Any]]:
    return [{"y": TOP + HEIGHT - HEIGHT * part // 2, "number": top * part // 2} for part in (2, 1, 0)]


@dataclass(frozen=True, slots=True)
class Lines:
    """Two lines over days: points in a box of 1000 by `height`."""

    height: int
    upper: str
    lower: str
    grid: list[dict[str, Any]]
    names: list[dict[str, Any]]


def lines_of(days: Sequence[date], upper: Sequence[int], lower: Sequence[int]) -> Lines:
    """A burn-up: what there is, and what of it is done."""
    top = nice_top(max(upper, default=0))
    step = 1000 / max(1, len(days) - 1)

    def points(numbers: Sequence[int]) -> str:
        return " ".join(f"{n * step:.1f},{TOP + HEIGHT - HEIGHT * one / top:.1f}" for n, one in enumerate(numbers))

    names = [
        {"x": f"{0.1 * n * step:.1f}%", "text": name, "anchor": _anchor(n, len(days))}
        for n, name in _names(days).items()
    ]
    return Lines(TOP + HEIGHT + FOOT, points(upper), points(lower), _grid(top), names)


def _names(days: Sequence[date]) -> dict[int, str]:
    """Evenly chosen days by their place; a month is named where it begins, so that there is room on a phone."""
    every = max(1, -(-len(days) // MOST_NAMES))
    chosen = {place: day for place, day in enumerate(days) if place % every == 0}
    months = [day.month for day in chosen.values()]
    return {
        place: date_format(day, "j M" if month != before else "j")
        for (place, day), month, before in zip(chosen.items(), months, [0, *months], strict=False)
    }


def _anchor(place: int, number: int) -> str:
    return "start" if place == 0 else "end" if place == number - 1 else "middle"


def nice_top(most: int) -> int:
    """A round number that is no smaller, even so that its half is whole."""
    step = 2
    while True:
        for factor in (1, 2, 3, 4, 5):
            if step * factor >= most:
                return step * factor
        step *= 10


def strip_of(stretches: Sequence[Any], zone: ZoneInfo) -> dict[str, Any] | None:
    """A day as one strip from its first sign to its last, with the full hours named."""
    if not stretches:
        return None
    starts, ends = stretches[0].starts, stretches[-1].ends
    whole = max(1.0, (ends - starts).total_seconds())

    def place(at: datetime) -> float:
        return float(100 * (at - starts).total_seconds() / whole)

    parts = [{"x": f"{place(one.starts):.2f}%", "width": f"{max(0.15, place(one.ends) - place(one.starts)):.2f}%"}
             for one in stretches if one.counted]  # fmt: skip
    every = max(1, round(whole / 3600 / 8))
    hour = starts.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    names = [hour + timedelta(hours=n) for n in range(1, int(whole // 3600) + 2)]
    hours = [{"x": f"{place(at):.2f}%", "text": f"{at.astimezone(zone):%H:%M}"}
             for at in names if starts < at < ends and at.hour % every == 0]  # fmt: skip
    return {"parts": parts, "hours": hours}
