"""The map of personal data is whole: every column of every table has a tag, and none is tagged that is not there."""

from django.db import connection

from apps.records.data_map import OWN, TABLES, TEXT, WHOSE

COLUMNS = """
SELECT relname, attname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  AND attnum > 0 AND NOT attisdropped
"""


def columns() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        return set(cursor.fetchall())


def test_every_column_of_every_table_is_tagged(db: None) -> None:
    mapped = {(name, column) for name, table in TABLES.items() for column in (*table.none, *table.personal)}
    assert columns() - mapped == set(), "say in apps/records/data_map.py what these tell of people"
    assert mapped - columns() == set(), "these are in no table"
    assert sum(len(table.none) + len(table.personal) for table in TABLES.values()) == len(mapped), "tagged twice"


def test_the_kinds_are_the_known_ones() -> None:
    assert {kind for table in TABLES.values() for kind in table.personal.values()} == {WHOSE, OWN, TEXT}


def test_names_and_addresses_are_never_called_harmless(db: None) -> None:
    telling = {"email", "password", "user_id", "author_id", "person", "person_id", "actor_id", "created_by", "holder"}
    assert {(name, column) for name, table in TABLES.items() for column in table.none & telling} == set()


def test_a_worker_may_replace_what_is_text(db: None) -> None:
    with connection.cursor() as cursor:
        for name, table in TABLES.items():
            for column in table.of_kind(TEXT):
                cursor.execute("SELECT has_column_privilege('app_worker', %s, %s, 'UPDATE')", [name, column])
                assert cursor.fetchone() == (True,), f"{name}.{column}"
