"""Finding things by name over the whole of an organization: each app says what it has and who may find it.

Filled in the apps' `ready()`; asked by the palette and by the page of results.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import JSONObject

from .access import gate
from .tenancy import Context

SHORTEST, LONGEST = 2, 100
# Sorts after every character that a name can hold.
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its name, what tells it from others of that name, and its page."""

    title: str
    url: str
    meta: str = ""


# Rows that are found, by the context and the words: queries of which each gives the best first.
Finder = Callable[[Context, str], "list[QuerySet[Any]]"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that is found. `action` of the access table says who finds it; kinds stand in order of `rank`.

    `columns` of each row are read by the names that `hit` makes a hit of.
    """

    name: str
    title: Any
    icon: str
    action: str
    rank: int
    find: Finder
    columns: Mapping[str, str]
    hit: Callable[[Context, dict[str, Any]], Hit]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Let a kind of thing be found."""
    _kinds[kind.name] = kind


def kinds() -> list[Kind]:
    """All of them, in order."""
    return sorted(_kinds.values(), key=lambda kind: kind.rank)


def clean(words: str) -> str:
    """What is looked for; empty where it is too short to find anything by."""
    words = " ".join(words.replace("\0", " ").split())[:LONGEST]
    return words if len(words) >= SHORTEST else ""


def search(context: Context, words: str, most: int) -> list[tuple[Kind, list[Hit]]]:
    """Hits by kind, less the kinds without any and those that the role may not see; all of them by one statement."""
    wanted = clean(words)
    asked = [kind for kind in kinds() if gate.admits(kind.action, context)] if wanted else []
    queries = [
        rows.values_list(Value(kind.name), JSONObject(**kind.columns))[:most]
        for kind in asked
        for rows in kind.find(context, wanted)
    ]
    found: dict[str, list[dict[str, Any]]] = {}
    for name, row in queries[0].union(*queries[1:], all=True) if queries else ():
        found.setdefault(name, []).append(row)
    return [(kind, [kind.hit(context, row) for row in found[kind.name][:most]]) for kind in asked if kind.name in found]


def allowed(action: str, context: Context) -> Q:
    """Which rows the role may do this to: its own organization's, those of others that engaged it, or both."""
    grant, own = gate.table[action], Q(org_id=context.org_id)
    if context.role in grant.own and context.role in grant.engaged:
        return Q()
    return own if context.role in grant.own else ~own


def beginnings(column: str, words: str) -> list[Q]:
    """Conditions of which one holds for names that begin so, as typed, in small or large letters or a large first one.

    Each is a range for a query of its own: row-level security lets no index serve LIKE, since only comparisons are
    known to leak nothing, and of ranges joined by OR the planner reads none through an index.
    """
    variants = dict.fromkeys((words, words.lower(), words.upper(), words.capitalize()))
    return [Q(**{f"{column}__gte": one, f"{column}__lt": one + LAST}) for one in variants]
