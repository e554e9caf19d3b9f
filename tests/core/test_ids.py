import time

from django.db import connection

from apps.core.ids import new_id, new_secret


def test_ids_are_uuid_7_and_sort_by_time() -> None:
    ids = []
    for _ in range(50):
        ids.append(new_id())
        time.sleep(0.00001)
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    assert ids == sorted(ids)


def test_the_twin_in_sql_keeps_the_order_of_rows_made_at_once(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app.new_id() FROM generate_series(1, 200)")
        ids = [row[0] for row in cursor.fetchall()]
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    out_of_order = sum(later < earlier for earlier, later in zip(ids, ids[1:], strict=False))
    assert out_of_order <= 20  # only within one microsecond
    assert abs(ids[0].int - new_id().int) >> 80 < 5000


def test_secrets_are_not_guessable() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(new_secret()) >= 22
