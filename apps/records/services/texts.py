"""Names and addresses of who was erased, taken out of what people wrote and out of the copies of it."""

import json
import re
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from apps.records.data_map import TABLES, TEXT

STAND_IN = "[erased person]"
# Where people of a customer and of its vendors write to each other, with the copies; each row says whose it is.
TALK = ("comment", "verdict", "task", "notification", "feed")
IN_JSON = frozenset({"frame", "input", "result", "payload"})
HELD = """
SELECT id, {column}::text FROM {table}
WHERE {which} AND EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word
                          WHERE position(lower(word) IN lower({column}::text)) > 0) FOR UPDATE
"""


def replace_words(words: Sequence[str], org_id: UUID, *, vendors: Collection[UUID] = ()) -> None:
    """In the acting organization's texts; where `vendors` are named, only in its talk with these."""
    if not words:
        return
    which, tables = "org_id = %(org)s", tuple(TABLES)
    if vendors:
        which, tables = which + " AND (worker_org_id = ANY(%(vendors)s) OR worker_org_id IS NULL)", TALK
    values = {"org": org_id, "vendors": list(vendors)}
    for table in tables:
        for column in TABLES[table].of_kind(TEXT):
            replace = _replace_in_json if column in IN_JSON else _replace_in_text
            replace(table, column, which, values, words)


def _replace_in_text(table: str, column: str, which: str, values: dict[str, Any], words: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = regexp_replace({column}, %(pattern)s, %(by)s, 'gi')"  # noqa: S608 - the data map's names
            f" WHERE {which} AND {column} ~* %(pattern)s",
            values | {"pattern": _pattern(words), "by": STAND_IN},
        )


def _replace_in_json(table: str, column: str, which: str, values: dict[str, Any], words: Sequence[str]) -> None:
    """String by string: in the text of JSON a word may be part of its form, and what stands before it an escape."""
    pattern = re.compile(_pattern(words), re.IGNORECASE)
    escaped = [json.dumps(word, ensure_ascii=False)[1:-1] for word in words]
    with connection.cursor() as cursor:
        cursor.execute(HELD.format(table=table, column=column, which=which), values | {"words": escaped})
        for row_id, text in cursor.fetchall():
            value = json.dumps(_replaced(json.loads(text), pattern), ensure_ascii=False)
            cursor.execute(f"UPDATE {table} SET {column} = %s::jsonb WHERE id = %s", [value, row_id])  # noqa: S608 - as above


def _replaced(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(STAND_IN, value)
    if isinstance(value, list):
        return [_replaced(one, pattern) for one in value]
    if isinstance(value, dict):
        return {key: _replaced(one, pattern) for key, one in value.items()}
    return value


def _pattern(words: Sequence[str]) -> str:
    """For PostgreSQL and for Python: whole words alone."""
    return "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words)
