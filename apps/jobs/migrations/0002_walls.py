"""The walls around jobs and outbox; a new outbox row wakes the relay."""

from django.db import migrations

from apps.core.operations import SecureTable

NOTIFY = """
CREATE FUNCTION app.ring() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NOTIFY outbox;
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_ring AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION app.ring();
"""


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial"), ("core", "0001_functions")]
    operations = [
        SecureTable("Job", "work", worker_sees_all=True, org_key=False),
        SecureTable("Outbox", "shared", worker_sees_all=True, org_key=False, unique=False),
        migrations.RunSQL(NOTIFY, "DROP FUNCTION app.ring() CASCADE"),
    ]
