"""What projections need of the events: the order in which they became visible, and each person's own line of them.

An event's id says when it was written, not when it could be seen: a reader that remembers the last id it saw would miss
what a longer transaction commits later. So each event carries its transaction's number, and a reader goes on from the
oldest transaction that had not ended (`pg_snapshot_xmin`).
"""

from django.db import migrations

# Two steps: with a volatile default of its own, a new column would have the whole table written anew.
FORWARD = """
ALTER TABLE activity_event ADD COLUMN xact bigint;
ALTER TABLE activity_event ALTER COLUMN xact SET DEFAULT pg_current_xact_id()::text::bigint;
CREATE INDEX activity_event_xact ON activity_event (org_id, xact);
CREATE INDEX activity_event_actor ON activity_event (org_id, actor_id, at);
CREATE INDEX activity_event_units ON activity_event (org_id, project_id, at)
  WHERE kind IN ('unit.finished', 'units.made');
"""
BACKWARD = "ALTER TABLE activity_event DROP COLUMN xact; DROP INDEX activity_event_actor, activity_event_units"


class Migration(migrations.Migration):
    dependencies = [("activity", "0002_walls")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
