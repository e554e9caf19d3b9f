"""Counts without counting: each statement that moves tasks, or units about items, appends what it changed.

And a run that is moved to another version remembers what stands for the stages that the version lacks.
"""

from django.db import migrations, models

from apps.core.operations import SecureTable

COLUMNS = "org_id, project_id, worker_org_id, pipeline_run_id, stage_id, state"
UNIT_COLUMNS = "org_id, project_id, NULL::uuid AS worker_org_id, pipeline_run_id, NULL::uuid AS stage_id, state"

# What did not move cancels itself out, so that a heart-beat writes nothing. Triggers of columns may not see the rows
# of a statement together, and one that sees them alone would write two rows for each task of a bulk move.
TALLIES = f"""
CREATE FUNCTION app.tally_tasks() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO tally ({COLUMNS}, number, folded) SELECT {COLUMNS}, count(*), false FROM came GROUP BY {COLUMNS};
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO tally ({COLUMNS}, number, folded) SELECT {COLUMNS}, -count(*), false FROM went GROUP BY {COLUMNS};
  ELSE
    INSERT INTO tally ({COLUMNS}, number, folded) SELECT {COLUMNS}, sum(n), false
    FROM (SELECT {COLUMNS}, 1 AS n FROM came UNION ALL SELECT {COLUMNS}, -1 FROM went) moved
    GROUP BY {COLUMNS} HAVING sum(n) <> 0;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION app.tally_units() RETURNS trigger LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO tally ({COLUMNS}, number, folded) SELECT {COLUMNS}, count(*), false
    FROM (SELECT {UNIT_COLUMNS} FROM came WHERE kind = 'item') moved GROUP BY {COLUMNS};
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO tally ({COLUMNS}, number, folded) SELECT {COLUMNS}, -count(*), false
    FROM (SELECT {UNIT_COLUMNS} FROM went WHERE kind = 'item') moved GROUP BY {COLUMNS};
  ELSE
    INSERT INTO tally ({COLUMNS}, number, folded) SELECT {COLUMNS}, sum(n), false
    FROM (SELECT {UNIT_COLUMNS}, 1 AS n FROM came WHERE kind = 'item'
          UNION ALL SELECT {UNIT_COLUMNS}, -1 FROM went WHERE kind = 'item') moved
    GROUP BY {COLUMNS} HAVING sum(n) <> 0;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER task_come_tally AFTER INSERT ON task
  REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION app.tally_tasks();
CREATE TRIGGER task_moved_tally AFTER UPDATE ON task
  REFERENCING OLD TABLE AS went NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION app.tally_tasks();
CREATE TRIGGER task_gone_tally AFTER DELETE ON task
  REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION app.tally_tasks();
CREATE TRIGGER unit_come_tally AFTER INSERT ON unit
  REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION app.tally_units();
CREATE TRIGGER unit_moved_tally AFTER UPDATE ON unit
  REFERENCING OLD TABLE AS went NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION app.tally_units();
CREATE TRIGGER unit_gone_tally AFTER DELETE ON unit
  REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION app.tally_units();

-- Rows come and go all the time; what is dead is read over by every page until it is swept.
ALTER TABLE tally SET (autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 2000);
"""

POLICY = """
CREATE POLICY scope ON tally AS RESTRICTIVE FOR SELECT USING (
  org_id = (SELECT app.org()) OR stage_id IS NULL OR stage_id <> ALL((SELECT app.closed())::uuid[]));
"""

# What is there already is counted once. The owner of the tables must see it for that.
FILL = f"""
ALTER TABLE task NO FORCE ROW LEVEL SECURITY;
ALTER TABLE unit NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tally NO FORCE ROW LEVEL SECURITY;
INSERT INTO tally ({COLUMNS}, number, folded) SELECT {COLUMNS}, count(*), true FROM task GROUP BY {COLUMNS};
INSERT INTO tally ({COLUMNS}, number, folded) SELECT {COLUMNS}, count(*), true
FROM (SELECT {UNIT_COLUMNS} FROM unit WHERE kind = 'item') items GROUP BY {COLUMNS};
ALTER TABLE task FORCE ROW LEVEL SECURITY;
ALTER TABLE unit FORCE ROW LEVEL SECURITY;
ALTER TABLE tally FORCE ROW LEVEL SECURITY;
"""

BACKWARD = """
DROP TRIGGER unit_gone_tally ON unit;
DROP TRIGGER unit_moved_tally ON unit;
DROP TRIGGER unit_come_tally ON unit;
DROP TRIGGER task_gone_tally ON task;
DROP TRIGGER task_moved_tally ON task;
DROP TRIGGER task_come_tally ON task;
DROP FUNCTION app.tally_units();
DROP FUNCTION app.tally_tasks();
"""

STAGE_NOW = """
-- A stage of a task's run: where the run has been moved to another version, the stage that has its key there, or the
-- one that stands for it.
CREATE OR REPLACE FUNCTION app.stage_now(k task, p_stage uuid) RETURNS stage LANGUAGE plpgsql STABLE AS $$
DECLARE
  s stage;
  moved stage;
  version uuid;
  stands_for jsonb;
BEGIN
  SELECT * INTO s FROM stage WHERE org_id = k.org_id AND id = p_stage;
  SELECT pipeline_version_id, moved_to INTO version, stands_for FROM pipeline_run
    WHERE org_id = k.org_id AND id = k.pipeline_run_id;
  IF s.pipeline_version_id <> version THEN
    SELECT * INTO moved FROM stage
      WHERE org_id = k.org_id AND pipeline_version_id = version AND key = s.key AND kind = s.kind;
    IF NOT FOUND THEN
      SELECT * INTO moved FROM stage WHERE org_id = k.org_id AND id = (stands_for ->> s.id::text)::uuid;
    END IF;
    IF FOUND THEN
      RETURN moved;
    END IF;
  END IF;
  RETURN s;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0013_skills_and_skips")]
    operations = [
        migrations.AddField("pipelinerun", "moved_to", models.JSONField(default=dict)),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("org_id", models.UUIDField()),
                ("project_id", models.UUIDField()),
                ("worker_org_id", models.UUIDField(null=True)),
                ("pipeline_run_id", models.UUIDField()),
                ("stage_id", models.UUIDField(null=True)),
                ("state", models.TextField()),
                ("number", models.BigIntegerField()),
                ("folded", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "tally",
                "indexes": [
                    models.Index(fields=["org_id", "project_id", "pipeline_run_id"], name="tally_of_run"),
                    models.Index(
                        fields=["org_id", "pipeline_run_id"], condition=models.Q(folded=False), name="tally_unfolded"
                    ),
                ],
            },
        ),
        SecureTable("Tally", "work", org_key=False, unique=False),
        migrations.RunSQL(POLICY, "DROP POLICY scope ON tally"),
        migrations.RunSQL(TALLIES, BACKWARD),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(STAGE_NOW, migrations.RunSQL.noop),
    ]
