"""The SQL by which items of a filter are read in order: ranges of one index, merged where any of several will do.

The list that holds least is walked; each item of it is then looked for in the others. At most LOOKED_AT are walked
for one page, so that a page takes the same time however rare the two things together are; a page may then be short
and still name the place to go on from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from apps.catalog.fields import Clause
from apps.catalog.filters import Filter

LOOKED_AT = 10_000
COUNTED = 10_000
LAST = "\U0010ffff"
FIRST_ID, LAST_ID = UUID(int=0), UUID(int=(1 << 128) - 1)
LEAPS = 8


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: live datasets of one project."""

    org_id: UUID
    project_id: UUID
    datasets: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list: before or after this item; `term` where the list is in the order of names."""

    item: UUID
    term: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """Which way from which place."""

    after: Place | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Places in the order walked; `more` says that the walk stopped before the end, at `stopped_at`."""

    places: list[Place]
    stopped_at: Place | None


@dataclass(frozen=True, slots=True)
class Bounded:
    """A count; not `exact`: there are at least so many."""

    number: int
    exact: bool


Sql = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to walk, and what to look each item up in."""

    driver: Clause
    others: tuple[Clause, ...] = ()


def plan_of(scope: Scope, chosen: Filter) -> Plan:
    """The list that holds least is walked; the list of names is, wherever one is sought."""
    if chosen.ordered_by:
        return Plan(chosen.ordered_by, chosen.clauses)
    if len(chosen.clauses) < 2 or not scope.datasets:
        return Plan(chosen.clauses[0] if chosen.clauses else Clause(), chosen.clauses[1:])
    parts = [_candidates(scope, clause, Walk(), COUNTED) for clause in chosen.clauses]
    (sizes,) = _rows(
        "SELECT " + ", ".join(f"(SELECT count(*) FROM ({sql}) c)" for sql, _ in parts),  # noqa: S608
        [value for _, values in parts for value in values],
    )
    least = min(range(len(sizes)), key=sizes.__getitem__)
    return Plan(chosen.clauses[least], chosen.clauses[:least] + chosen.clauses[least + 1 :])


def find(scope: Scope, plan: Plan, walk: Walk, limit: int) -> Found:
    """Up to `limit` places of a filter."""
    if not scope.datasets:
        return Found([], None)
    driver, others = plan.driver, plan.others
    candidates, values = _candidates(scope, driver, walk, LOOKED_AT)
    probes, probed = _probes(scope, others)
    rows = _rows(
        f"SELECT item_id, term FROM ({candidates}) c WHERE true {probes} ORDER BY {_order(driver, walk)} LIMIT %s",  # noqa: S608
        [*values, *probed, limit + 1],
    )
    places = [Place(item, term) for item, term in rows]
    if len(places) > limit:
        return Found(places[:limit], places[limit - 1])
    return Found(places, _going_on(scope, driver, others, walk) if others else None)


def count(scope: Scope, plan: Plan) -> Bounded:
    """How many there are, up to COUNTED."""
    if not scope.datasets:
        return Bounded(0, True)
    candidates, values = _candidates(scope, plan.driver, Walk(), COUNTED + 1)
    probes, probed = _probes(scope, plan.others)
    walked, number = _rows(
        f"SELECT count(*), count(*) FILTER (WHERE true {probes}) FROM ({candidates}) c",  # noqa: S608
        [*probed, *values],
    )[0]
    return Bounded(min(number, COUNTED), walked <= COUNTED)


def _candidates(scope: Scope, clause: Clause, walk: Walk, limit: int) -> Sql:
    """Items of one clause in order, with the dataset in which to look them up."""
    parts = [_range(scope, dataset, clause, term, walk, limit) for dataset in scope.datasets for term in _terms(clause)]
    if len(parts) == 1:
        return parts[0]
    # Each part is in order and limited, so that they are merged, never sorted; an item may be in several.
    merged = " UNION ALL ".join(f"({sql})" for sql, _ in parts)
    values = [value for _, some in parts for value in some]
    distinct = "" if clause.prefix or not clause.terms else "DISTINCT ON (item_id) "
    order = _order(clause, walk)
    sql = f"SELECT {distinct}item_id, term, dataset_id FROM ({merged}) parts ORDER BY {order} LIMIT %s"  # noqa: S608
    return sql, [*values, limit]


def _terms(clause: Clause) -> Sequence[str]:
    return clause.terms or [clause.prefix]


def _range(scope: Scope, dataset: UUID, clause: Clause, term: str, walk: Walk, limit: int) -> Sql:
    """One list of one dataset from a place on: a range of the facets' key; of all items, of the items' own index."""
    values: list[Any] = [scope.org_id, scope.project_id, dataset]
    columns, table, item = "item_id, term, dataset_id", "item_facet", "item_id"
    if not term:
        columns, table, item = "id AS item_id, '' AS term, dataset_id", "item", "id"
    where = "org_id = %s AND project_id = %s AND dataset_id = %s"
    if clause.prefix:
        where += " AND term >= %s AND term < %s"
        values += [clause.prefix, clause.prefix + LAST]
    elif term:
        where += " AND term = %s"
        values.append(term)
    else:
        where += " AND deleted_at IS NULL"
    if walk.after:
        sign = "<" if walk.backwards else ">"
        where += f" AND (term, item_id) {sign} (%s, %s)" if clause.prefix else f" AND {item} {sign} %s"
        values += [walk.after.term, walk.after.item] if clause.prefix else [walk.after.item]
    order = _order(clause, walk, item)
    return f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {order} LIMIT %s", [*values, limit]  # noqa: S608


def _order(clause: Clause, walk: Walk, item: str = "item_id") -> str:
    down = " DESC" if walk.backwards else ""
    return f"term{down}, {item}{down}" if clause.prefix else f"{item}{down}"


def _probes(scope: Scope, others: Sequence[Clause]) -> Sql:
    """A scalar subquery each, since as a join the planner would read all of the other list."""
    probe = """ AND (SELECT true FROM item_facet o WHERE o.org_id = %s AND o.project_id = %s
      AND o.dataset_id = c.dataset_id AND o.term = ANY(%s) AND o.item_id = c.item_id LIMIT 1)"""
    values = [value for clause in others for value in (scope.org_id, scope.project_id, list(clause.terms))]
    return probe * len(others), values


def _going_on(scope: Scope, driver: Clause, others: Sequence[Clause], walk: Walk) -> Place | None:
    """Where a walk goes on that ended at LOOKED_AT, leaping over what one of the lists does not reach."""
    candidates, values = _candidates(scope, driver, walk, LOOKED_AT)
    order = _order(driver, walk)
    last = _rows(
        f"SELECT item_id, term FROM ({candidates}) c ORDER BY {order} OFFSET %s",  # noqa: S608
        [*values, LOOKED_AT - 1],
    )
    if not last:
        return None
    place = Place(*last[0])
    return place if driver.prefix else _leap(scope, [driver, *others], Walk(place, walk.backwards))


def _leap(scope: Scope, clauses: Sequence[Clause], walk: Walk) -> Place | None:
    """Just before the next item that all lists may hold; None where one of them has ended."""
    place = walk.after or Place(LAST_ID if walk.backwards else FIRST_ID)
    for _ in range(LEAPS):
        parts = [_candidates(scope, clause, Walk(place, walk.backwards), 1) for clause in clauses]
        ((*heads,),) = _rows(
            "SELECT " + ", ".join(f"(SELECT item_id FROM ({sql}) c)" for sql, _ in parts),  # noqa: S608
            [value for _, values in parts for value in values],
        )
        if None in heads:
            return None
        furthest = min(heads) if walk.backwards else max(heads)
        if len(set(heads)) == 1:
            break
        place = Place(_beside(furthest, walk))
    return place


def _beside(item: UUID, walk: Walk) -> UUID:
    """The place from which the walk comes upon this item."""
    return UUID(int=min(item.int + 1, LAST_ID.int) if walk.backwards else max(item.int - 1, 0))


def _rows(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
