"""What migrations do to rows that are there already."""

from importlib import import_module

import pytest
from django.db import connections, transaction

from tests.people import make_world

LIFT, FORCE = ("ALTER TABLE engagement " + word for word in ("NO FORCE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY"))
BLANK = "UPDATE engagement SET project_name = '', addressee = '', accepted_at = NULL"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_engagements_from_before_get_names_and_a_time_of_acceptance() -> None:
    make_world()
    owner = connections["owner"]
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        cursor.execute(f"{LIFT}; {BLANK}; SET CONSTRAINTS ALL IMMEDIATE; {FORCE}")
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        cursor.execute(import_module("apps.accounts.migrations.0006_people_walls").FILL)
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        cursor.execute(LIFT)
        cursor.execute("SELECT project_name, addressee, accepted_at = created_at FROM engagement")
        assert cursor.fetchall() == [("Car models", "Meadow", True)]
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {FORCE}")
