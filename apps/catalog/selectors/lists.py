"""The SQL by which items of a filter are read in order: ranges of one index, merged where any of several will do.

The list that holds least is walked, from where all lists have begun; each item of it is then looked for in the others.
At most LOOKED_AT are walked for one page, so that a page takes the same time however rare the things together are; a
page may then be short and still name the place to go on from.
"""

# ruff: noqa: S608 - statements are put together from constants of this module; all values are placeholders
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection

from apps.catalog.fields import Clause
from apps.catalog.filters import Filter

LOOKED_AT = 2_000
SIZED = 1_000
COUNTED = 10_000
LEAPS = 2
LAST = "\U0010ffff"
# Each list is an index's range and read as such. A bitmap would be sorted, all of it, before its first item is known;
# and with an index's pages as dear as on a turning disk, items would be picked by primary key from all that there are.
SETTINGS = {"enable_bitmapscan": "off", "enable_sort": "off", "random_page_cost": "1.1"}
AS_INDEXED = "".join(f"SET LOCAL {name} = {value}; " for name, value in SETTINGS.items())
AS_BEFORE = "".join(f"; SET LOCAL {name} TO DEFAULT" for name in SETTINGS)


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
    parts = [_candidates(scope, clause, Walk(), SIZED) for clause in chosen.clauses]
    (sizes,) = _rows(
        "SELECT " + ", ".join(f"(SELECT count(*) FROM ({sql}) c)" for sql, _ in parts),
        [value for _, values in parts for value in values],
    )
    # Of lists alike in size, and to look an item up, those of few terms first: each term is a descent of the index.
    ordered = sorted(zip(sizes, chosen.clauses, strict=True), key=lambda one: (one[0], len(one[1].terms)))
    driver, *others = (clause for _, clause in ordered)
    return Plan(driver, tuple(sorted(others, key=lambda clause: len(clause.terms))))


def find(scope: Scope, plan: Plan, walk: Walk, limit: int) -> Found:
    """Up to `limit` places of a filter."""
    if not scope.datasets:
        return Found([], None)
    candidates, values = _looked_at(scope, plan, walk, LOOKED_AT if plan.others else limit + 1)
    probes, probed = _probes(scope, plan.others)
    order = _order(plan.driver, walk)
    rows = _rows(
        f"{candidates} SELECT item_id, term FROM c WHERE true {probes} ORDER BY {order} LIMIT %s",
        [*values, *probed, limit + 1],
    )
    named = bool(plan.driver.prefix)
    places = [Place(item, term if named else "") for item, term in rows]
    if len(places) > limit:
        return Found(places[:limit], places[limit - 1])
    if not plan.others:
        return Found(places, None)
    last = _rows(f"{candidates} SELECT item_id, term FROM c ORDER BY {order} OFFSET %s", [*values, LOOKED_AT - 1])
    return Found(places, Place(last[0][0], last[0][1] if named else "") if last else None)


def count(scope: Scope, plan: Plan) -> Bounded:
    """How many there are, up to COUNTED; of several lists together, among the first LOOKED_AT."""
    if not scope.datasets:
        return Bounded(0, True)
    most = LOOKED_AT if plan.others else COUNTED + 1
    candidates, values = _looked_at(scope, plan, Walk(), most)
    probes, probed = _probes(scope, plan.others)
    ((walked, number),) = _rows(
        f"{candidates} SELECT count(*), count(*) FILTER (WHERE true {probes}) FROM c", [*values, *probed]
    )
    return Bounded(min(number, COUNTED), walked < most)


def _looked_at(scope: Scope, plan: Plan, walk: Walk, limit: int) -> Sql:
    """The candidates as the table `c`: those of the list that is walked, from where all lists have begun."""
    if not plan.others or plan.driver.prefix:
        sql, values = _candidates(scope, plan.driver, walk, limit)
        return f"WITH c AS NOT MATERIALIZED ({sql})", values
    tables, values = [], []
    head = ""
    for leap in range(LEAPS):
        sql, some = _head(scope, (plan.driver, *plan.others), walk, head)
        head = f"head{leap}"
        tables.append(f"{head} AS MATERIALIZED ({sql})")
        values += some
    sql, some = _candidates(scope, plan.driver, walk, limit, head)
    return f"WITH {', '.join(tables)}, c AS NOT MATERIALIZED ({sql})", [*values, *some]


def _head(scope: Scope, clauses: Sequence[Clause], walk: Walk, after: str) -> Sql:
    """The furthest of the lists' first items; null where one has ended, which greatest() would pass over."""
    parts = [_candidates(scope, clause, walk, 1, after) for clause in clauses]
    selected = ", ".join(f"(SELECT item_id FROM ({sql}) h) AS h{number}" for number, (sql, _) in enumerate(parts))
    names = ", ".join(f"h{number}" for number in range(len(parts)))
    furthest = "least" if walk.backwards else "greatest"
    sql = f"SELECT CASE WHEN num_nulls({names}) = 0 THEN {furthest}({names}) END AS item FROM (SELECT {selected}) heads"
    return sql, [value for _, some in parts for value in some]


def _candidates(scope: Scope, clause: Clause, walk: Walk, limit: int, head: str = "") -> Sql:
    """Items of one clause in order, with the dataset in which to look them up; from that of the table `head` on."""
    terms = clause.terms or [clause.prefix]
    parts = [
        _range(scope, dataset, replace(clause, terms=(term,) if clause.terms else ()), walk, limit, head)
        for dataset in scope.datasets
        for term in terms
    ]
    if len(parts) == 1:
        return parts[0]
    # Each part is in order and limited, so that they are merged, never sorted; an item may be in several.
    merged = " UNION ALL ".join(f"({sql})" for sql, _ in parts)
    values = [value for _, some in parts for value in some]
    distinct = "DISTINCT ON (item_id) " if len(terms) > 1 else ""
    order = _order(clause, walk)
    sql = f"SELECT {distinct}item_id, term, dataset_id FROM ({merged}) parts ORDER BY {order} LIMIT %s"
    return sql, [*values, limit]


def _range(scope: Scope, dataset: UUID, clause: Clause, walk: Walk, limit: int, head: str) -> Sql:
    """One list of one dataset from a place on: a range of the facets' key; of all items, of the items' own index."""
    values: list[Any] = [scope.org_id, scope.project_id, dataset]
    columns, table, item = "item_id, term, dataset_id", "item_facet", "item_id"
    where = "org_id = %s AND project_id = %s AND dataset_id = %s"
    if clause.prefix:
        where += " AND term >= %s AND term < %s"
        values += [clause.prefix, clause.prefix + LAST]
    elif clause.terms:
        where += " AND term = %s"
        values += clause.terms
    else:
        columns, table, item = "id AS item_id, '' AS term, dataset_id", "item", "id"
        where += " AND deleted_at IS NULL"
    sign = "<" if walk.backwards else ">"
    if walk.after:
        where += f" AND (term, item_id) {sign} (%s, %s)" if clause.prefix else f" AND {item} {sign} %s"
        values += [walk.after.term, walk.after.item] if clause.prefix else [walk.after.item]
    if head:
        where += f" AND {item} {sign}= (SELECT item FROM {head})"
    order = _order(clause, walk, item)
    return f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {order} LIMIT %s", [*values, limit]


def _order(clause: Clause, walk: Walk, item: str = "item_id") -> str:
    down = " DESC" if walk.backwards else ""
    return f"term{down}, {item}{down}" if clause.prefix else f"{item}{down}"


def _probes(scope: Scope, others: Sequence[Clause]) -> Sql:
    """A scalar subquery each, since as a join the planner would read all of the other list."""
    probe = """ AND (SELECT true FROM item_facet o WHERE o.org_id = %s AND o.project_id = %s
      AND o.dataset_id = c.dataset_id AND o.term = ANY(%s) AND o.item_id = c.item_id LIMIT 1)"""
    values = [value for clause in others for value in (scope.org_id, scope.project_id, list(clause.terms))]
    return probe * len(others), values


def _rows(sql: str, values: Sequence[Any]) -> list[Any]:
    """In the caller's transaction, whose settings are as before afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(f"{AS_INDEXED} {sql} {AS_BEFORE}", values)
        for _ in SETTINGS:
            cursor.nextset()
        return list(cursor.fetchall())
