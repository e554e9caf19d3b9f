"""What a database holds, for comparing a restored one with the one that was saved: rows, walls, functions."""

from typing import TypedDict

import psycopg
from psycopg import sql

# A partitioned table stands for its partitions.
TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""
# What was never granted and what was granted and taken back are the same to whoever asks: both are the default then.
WALLS = """
SELECT concat_ws(' ', 'table', c.relname, 'of', c.relowner::regrole, 'secured', c.relrowsecurity, 'forced',
                 c.relforcerowsecurity, 'grants', array_to_string(ARRAY(
                   SELECT unnest(coalesce(c.relacl, acldefault('r', c.relowner)))::text ORDER BY 1), ' '))
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
UNION ALL
SELECT concat_ws(' ', 'column', attrelid::regclass, attname, 'grants', array_to_string(ARRAY(
                   SELECT unnest(attacl)::text ORDER BY 1), ' '))
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
WHERE c.relnamespace = 'public'::regnamespace AND cardinality(attacl) > 0
UNION ALL
SELECT concat_ws(' ', permissive, 'policy', policyname, 'on', tablename, 'for', cmd, 'to', array_to_string(roles, ' '),
                 'using', qual, 'check', with_check)
FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT concat_ws(' ', 'function', p.oid::regprocedure, 'of', p.proowner::regrole, 'definer', p.prosecdef, 'grants',
                 array_to_string(ARRAY(
                   SELECT unnest(coalesce(p.proacl, acldefault('f', p.proowner)))::text ORDER BY 1), ' '),
                 md5(p.prosrc))
FROM pg_proc p WHERE p.pronamespace = 'app'::regnamespace
UNION ALL
SELECT concat_ws(' ', 'trigger', tgname, 'enabled', tgenabled, pg_get_triggerdef(t.oid))
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT tgisinternal
UNION ALL
SELECT concat_ws(' ', 'constraint', conname, 'on', conrelid::regclass, pg_get_constraintdef(oid))
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'f'
ORDER BY 1
"""


class Inventory(TypedDict):
    """`rows` by table; `walls` one line for each table, column with rights, policy, function, trigger, foreign key."""

    rows: dict[str, int]
    walls: list[str]


def inventory_of(connection: psycopg.Connection) -> Inventory:
    """Read in the connection's transaction, by a role that row-level security does not bind."""
    tables = [name for (name,) in connection.execute(TABLES).fetchall()]
    return {
        "rows": {name: _count(connection, name) for name in tables},
        "walls": [line for (line,) in connection.execute(WALLS).fetchall()],
    }


def difference(saved: Inventory, found: Inventory) -> str:
    """The first thing that is not as it was saved, in a sentence; empty where all is."""
    for name in sorted(saved["rows"].keys() | found["rows"].keys()):
        before, now = saved["rows"].get(name, 0), found["rows"].get(name, 0)
        if before != now:
            return f"{name} has {now:,} rows, and had {before:,} when it was saved."
    lost = sorted(set(saved["walls"]) ^ set(found["walls"]))
    return f"This is not as it was saved: {lost[0]}." if lost else ""


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table))).fetchone()
    return int(row[0]) if row else 0
