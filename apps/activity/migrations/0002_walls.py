"""Activity in monthly partitions, the feed's counter, and the walls around both."""

from django.db import migrations

from apps.core.operations import SecureTable

# Children carry the policy too and no grants: a partition queried directly must not be a way round.
PARTITIONS = """
CREATE TABLE activity_event (
  id bigint GENERATED ALWAYS AS IDENTITY,
  org_id uuid NOT NULL, worker_org_id uuid, project_id uuid, stage_id uuid, task_id uuid, unit_id uuid, actor_id uuid,
  kind text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp(), payload jsonb NOT NULL DEFAULT '{}',
  schema smallint NOT NULL DEFAULT 1,
  PRIMARY KEY (org_id, at, id),
  CHECK (octet_length(payload::text) <= 4096)
) PARTITION BY RANGE (at);
CREATE INDEX activity_event_project ON activity_event (org_id, project_id, at);
CREATE INDEX activity_event_task ON activity_event (org_id, task_id, at) WHERE task_id IS NOT NULL;

CREATE FUNCTION app.make_activity_partition(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  first date := date_trunc('month', month)::date;
  name text := 'activity_event_' || to_char(first, 'YYYYMM');
BEGIN
  IF to_regclass('public.' || name) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF activity_event FOR VALUES FROM (%L) TO (%L)',
                 name, first, (first + interval '1 month')::date);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('CREATE POLICY tenant ON %I USING (org_id = (SELECT app.org()))', name);
END $$;
REVOKE ALL ON FUNCTION app.make_activity_partition(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.make_activity_partition(date) TO app_worker;
SELECT app.make_activity_partition((now() + make_interval(months => n))::date) FROM generate_series(0, 2) AS n;
"""

# The head's row lock makes numbers follow commit order; without it a reader could see 8 before 7 is there.
FEED = """
CREATE FUNCTION app.feed(p_org uuid, p_project uuid, p_worker_org uuid, p_topic text, p_frame jsonb) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE number bigint;
BEGIN
  INSERT INTO feed_head (org_id, project_id, topic, seq) VALUES (p_org, p_project, p_topic, 1)
  ON CONFLICT (org_id, topic) DO UPDATE SET seq = feed_head.seq + 1 RETURNING seq INTO number;
  INSERT INTO feed (org_id, project_id, worker_org_id, topic, seq, frame, at)
  VALUES (p_org, p_project, p_worker_org, p_topic, number, p_frame, clock_timestamp());
  RETURN number;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("activity", "0001_initial"), ("core", "0001_functions")]
    operations = [
        migrations.RunSQL(PARTITIONS, "DROP TABLE activity_event CASCADE"),
        SecureTable("ActivityEvent", "work", append_only=True, org_key=False, unique=False),
        SecureTable("AuditEvent", "work", append_only=True, org_key=False, unique=False),
        SecureTable("FeedHead", "shared", org_key=False, unique=False),
        SecureTable("Feed", "work", org_key=False, unique=False),
        SecureTable("IdempotencyKey", "private", org_key=False, unique=False),
        migrations.RunSQL(FEED, "DROP FUNCTION app.feed(uuid, uuid, uuid, text, jsonb)"),
    ]
