"""How a page writes an estimate: value, interval and n, or that there is not enough data; and its drawing."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy, ngettext

from apps.core.statistics import Estimate

register = template.Library()
SPACE = "\u00a0"
# What a value is multiplied by, its decimals, and its unit.
UNITS: dict[str, tuple[int, int, Any]] = {
    "percent": (100, 1, "%"),
    "points": (100, 1, gettext_lazy("points")),
    "seconds": (1, 1, "s"),
    "plain": (1, 1, ""),
}

ENOUGH = '<span class="estimate"><span class="num">{}</span> <span class="meta">{}</span></span>'
FEW = '<span class="estimate"><em class="not-enough">{}</em> <span class="meta">{}</span></span>'
GOAL = '<line class="goal" x1="{at}" x2="{at}" y1="1" y2="19"/>'
NONE = '<svg class="interval" aria-hidden="true"><line class="none" x1="0" x2="100%" y1="10" y2="10"/>{goal}</svg>'
INTERVAL = (
    '<svg class="interval{kind}" aria-hidden="true"><line class="axis" x1="0" x2="100%" y1="10" y2="10"/>{goal}'
    '<line class="span" x1="{a}" x2="{b}" y1="10" y2="10"/><circle class="est" cx="{at}" cy="10" r="4"/></svg>'
)


@register.filter
def value_of(one: Estimate, unit: str = "percent") -> str:
    """The value without its unit: 97.4."""
    return "" if one.value is None else _number(one.value, unit)


@register.filter
def range_of(one: Estimate, unit: str = "percent") -> str:
    """The interval without its unit: 96.7 to 98.0; or how many cases are missing."""
    if one.value is None or one.low is None or one.high is None:
        more = max(1, one.missing)
        return ngettext("%(more)s more needed", "%(more)s more needed", more) % {"more": f"{more:,}"}
    return gettext("%(low)s to %(high)s") % {"low": _number(one.low, unit), "high": _number(one.high, unit)}


# Written here rather than in templates of their own: a table has hundreds of them.
@register.simple_tag
def estimate(one: Estimate, unit: str = "percent", show_n: bool = True) -> str:
    """An estimate in a table's cell or in a line."""
    n = f"n{SPACE}{one.n:,}"
    if one.value is None:
        needed = gettext("%(n)s of %(needed)s") % {"n": n, "needed": max(one.needed, one.n + 1)}
        meta = needed if show_n else range_of(one, unit)
        return format_html(FEW, gettext("Not enough data"), meta)
    mark = UNITS[unit][2]
    meta = f"{range_of(one, unit)}, {n}" if show_n else range_of(one, unit)
    return format_html(ENOUGH, value_of(one, unit) + (f"{SPACE}{mark}" if mark else ""), meta)


@register.inclusion_tag("_components/estimate_figure.html")
def estimate_figure(label: str, one: Estimate, unit: str = "percent", mark: str = "", of: str = "") -> dict[str, Any]:
    """An estimate that matters, in a `.figures` frame; `mark` replaces the unit, `of` says what was counted."""
    shown = _shown(one, unit)
    return shown | {"label": label, "mark": mark or shown["mark"], "of": of}


@register.simple_tag
def interval(one: Estimate, low: float = 0, high: float = 1, goal: float | None = None, kind: str = "") -> str:
    """An estimate drawn on the axis from `low` to `high`; `kind` is model or grey, else the goal decides."""
    mark = "" if goal is None else format_html(GOAL, at=_place(goal, low, high))
    if one.value is None or one.low is None or one.high is None:
        return format_html(NONE, goal=mark)
    ends = {name: _place(at, low, high) for name, at in (("a", one.low), ("b", one.high), ("at", one.value))}
    kind = kind or kind_of(one, goal)
    return format_html(INTERVAL, kind=f" is-{kind}" if kind else "", goal=mark, **ends)


def kind_of(one: Estimate, goal: float | None) -> str:
    """How an estimate stands to a goal: "" (met, or there is none), open (may be), low (missed)."""
    if goal is None or one.low is None or one.high is None or one.low >= goal:
        return ""
    return "low" if one.high < goal else "open"


def _shown(one: Estimate, unit: str) -> dict[str, Any]:
    return {
        "one": one,
        "enough": one.value is not None,
        "value": value_of(one, unit),
        "range": range_of(one, unit),
        "mark": UNITS[unit][2],
    }


def _number(value: float, unit: str) -> str:
    factor, decimals, _mark = UNITS[unit]
    text = f"{value * factor:,.{decimals}f}"
    return text.replace("-", "\u2212")


def _place(at: float, low: float, high: float) -> str:
    share = (at - low) / (high - low) if high > low else 0
    return f"{100 * min(1.0, max(0.0, share)):.1f}%"


@register.filter
def duration(ms: float | None) -> str:
    """A length of time in its two largest units: 0.4 s, 38 s, 12:05 min, 3:12 h."""
    if ms is None:
        return ""
    seconds = ms / 1000
    if seconds < 10:
        return f"{seconds:.1f}{SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest}{SPACE}s"
    if minutes < 60:
        return f"{minutes}:{rest:02}{SPACE}min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,}:{minutes:02}{SPACE}h"
