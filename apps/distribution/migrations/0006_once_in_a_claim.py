"""A returned task that its author may have first, but for whom it waits no longer, stood in a claim twice."""

from importlib import import_module

from django.db import migrations

CLAIM: str = import_module("apps.distribution.migrations.0003_engine").CLAIM
QUEUE = "t.stage_id = s.id AND t.state = 'ready'\n          AND (t.preferred_person IS NULL"
ONCE = QUEUE.replace("AND (", "AND t.id <> ALL(taken) AND (")
REPLACED = CLAIM.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("distribution", "0005_item_states")]
    operations = [migrations.RunSQL(REPLACED.replace(QUEUE, ONCE), REPLACED)]
