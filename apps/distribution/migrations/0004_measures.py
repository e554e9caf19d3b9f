"""Events that figures are made from: how long a task lay ready, what a submission decided, when a unit was finished."""

from django.db import migrations

SETTINGS = """SET search_path = public, app, pg_temp
SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan"""

# As before, and a claim says how long the task had been there.
RECORD = f"""
CREATE OR REPLACE FUNCTION app.record(p_kind text, p_verb text, k task, p_org uuid, p_user uuid, p_payload jsonb,
                                      p_digest bytea, p_request text) RETURNS void
LANGUAGE plpgsql {SETTINGS} AS $$
BEGIN
  IF p_kind = 'task.claimed' THEN
    p_payload := p_payload || jsonb_build_object('waited_ms',
      round(extract(epoch FROM clock_timestamp() - k.created_at) * 1000));
  END IF;
  INSERT INTO activity_event (org_id, worker_org_id, project_id, stage_id, task_id, unit_id, actor_id, kind, at,
                              payload, schema)
  VALUES (k.org_id, p_org, k.project_id, k.stage_id, k.id, k.unit_id, p_user, p_kind, clock_timestamp(), p_payload, 1);
  INSERT INTO audit_event (org_id, worker_org_id, project_id, actor_id, verb, object_type, object_id, after, details,
                           request_id, at)
  VALUES (k.org_id, p_org, k.project_id, p_user, p_verb, 'task', k.id, p_digest, '{{}}', p_request, clock_timestamp());
END $$;
"""

# As before, and a finished unit is told.
ENTER = f"""
CREATE OR REPLACE FUNCTION app.enter(k task, p_stage uuid, p_round integer, p_reviews uuid, p_person uuid,
                                     p_until timestamptz, p_note text) RETURNS uuid
LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  s stage;
  made uuid := app.new_id();
  human boolean;
BEGIN
  IF p_stage IS NOT NULL THEN
    SELECT * INTO s FROM stage WHERE org_id = k.org_id AND id = p_stage;
  END IF;
  IF s.id IS NULL OR s.kind = 'done' THEN
    UPDATE unit SET state = 'accepted', finished_at = clock_timestamp() WHERE org_id = k.org_id AND id = k.unit_id;
    INSERT INTO activity_event (org_id, project_id, stage_id, task_id, unit_id, actor_id, kind, at, payload, schema)
    VALUES (k.org_id, k.project_id, k.stage_id, k.id, k.unit_id, nullif(current_setting('app.user', true), '')::uuid,
            'unit.finished', clock_timestamp(), jsonb_build_object('run', k.pipeline_run_id, 'round', k.round), 1);
    RETURN NULL;
  END IF;
  human := s.kind IN ('label', 'review');
  INSERT INTO task (id, org_id, project_id, pipeline_run_id, stage_id, unit_id, kind, round, slot, state, arm, priority,
                    due_at, required_skill, preferred_person, preferred_until, note, reviews_id, skipped_by, attempt,
                    error_code, created_at)
  VALUES (made, k.org_id, k.project_id, k.pipeline_run_id, s.id, k.unit_id,
          CASE WHEN human THEN 'human' ELSE 'machine' END, p_round, 1, CASE WHEN human THEN 'ready' ELSE 'waiting' END,
          app.arm(s.id, k.unit_id, s.held_out), k.priority, k.due_at, s.settings ->> 'skill', p_person,
          coalesce(p_until, '9999-12-31Z'), p_note, p_reviews, '{{}}', 0, '', clock_timestamp());
  IF NOT human THEN
    INSERT INTO outbox (org_id, project_id, actor, topic, payload, created_at)
    VALUES (k.org_id, k.project_id, '', 'stage.entered', jsonb_build_object('task', made), clock_timestamp());
  END IF;
  RETURN made;
END $$;
"""

# Two documents of one unit, label by label: what stands as it was, what was changed, removed, added.
COMPARED = """
CREATE FUNCTION app.compared(p_before jsonb, p_after jsonb)
RETURNS TABLE (label_id uuid, kept bigint, changed bigint, removed bigint, added bigint)
LANGUAGE sql IMMUTABLE SET search_path = public, app, pg_temp AS $$
  WITH before AS (
    SELECT * FROM jsonb_to_recordset(p_before) AS s(id uuid, label_id uuid, geometry jsonb, attributes jsonb)),
  after AS (
    SELECT * FROM jsonb_to_recordset(p_after) AS s(id uuid, label_id uuid, geometry jsonb, attributes jsonb))
  SELECT coalesce(b.label_id, a.label_id),
         count(*) FILTER (WHERE b.id IS NOT NULL AND (a.label_id, a.geometry, a.attributes)
                                                   = (b.label_id, b.geometry, b.attributes)),
         count(*) FILTER (WHERE a.id IS NOT NULL AND b.id IS NOT NULL AND (a.label_id, a.geometry, a.attributes)
                                                                       <> (b.label_id, b.geometry, b.attributes)),
         count(*) FILTER (WHERE a.id IS NULL), count(*) FILTER (WHERE b.id IS NULL)
  FROM before b FULL JOIN after a ON a.id = b.id
  GROUP BY 1
$$;

-- What a submission decides, seen from what the unit had before: per label, model version and band of ten per cent of
-- confidence. A band is 0 to 9; a label that a person drew where no model had spoken has neither version nor band.
CREATE FUNCTION app.decided(k task, p_document jsonb, p_rejected jsonb)
RETURNS TABLE (label uuid, version uuid, band integer, accepted bigint, edited bigint, rejected bigint, drawn bigint)
LANGUAGE sql STABLE SET search_path = public, app, pg_temp AS $$
  WITH fresh AS (
    SELECT s.label_id, (s.source ->> 'model_version')::uuid AS version,
           CASE WHEN s.source ? 'model_version' THEN least(9, floor(s.score * 10))::integer END AS band,
           s.source ->> 'action' AS action
    FROM jsonb_to_recordset(p_document -> 'shapes') AS s(id uuid, label_id uuid, score float8, source jsonb)
    WHERE NOT EXISTS (SELECT FROM annotation a WHERE a.org_id = k.org_id AND a.id = s.id)
    UNION ALL
    SELECT p.label_id, p.model_version_id, least(9, floor(p.score * 10))::integer, 'rejected'
    FROM jsonb_array_elements_text(p_rejected) AS r(id) JOIN prediction p ON p.org_id = k.org_id AND p.id = r.id::uuid
    WHERE k.round = 1)
  SELECT label_id, fresh.version, fresh.band, count(*) FILTER (WHERE action = 'accepted'),
         count(*) FILTER (WHERE action = 'edited'), count(*) FILTER (WHERE action = 'rejected'),
         count(*) FILTER (WHERE action = 'drawn')
  FROM fresh WHERE action IS NOT NULL GROUP BY 1, 2, 3
$$;
"""

# A payload has 4 kB, and a row of figures about a hundred bytes.
HAND_IN = """
CREATE FUNCTION app.hand_in(p_org uuid, p_projects uuid[], p_user uuid, p_task uuid, p_token uuid, p_draft integer,
                            p_document jsonb, p_digest bytea, p_rejected jsonb, p_counts jsonb, p_request text)
RETURNS uuid LANGUAGE plpgsql SET search_path = public, app, pg_temp AS $$
DECLARE
  k task;
  u unit;
  made uuid;
  rows jsonb[];
  made_new bigint;
  changed bigint;
  removed bigint;
BEGIN
  PERFORM app.act_for(p_org, p_projects, p_user);
  SELECT * INTO k FROM task WHERE id = p_task;
  SELECT * INTO u FROM unit WHERE org_id = k.org_id AND id = k.unit_id;
  SELECT coalesce(sum(c.added), 0), coalesce(sum(c.changed), 0), coalesce(sum(c.removed), 0)
    INTO made_new, changed, removed
    FROM app.compared((
      SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'label_id', a.label_id, 'geometry', a.geometry,
                                                   'attributes', a.attributes)), '[]')
      FROM annotation a WHERE a.org_id = k.org_id AND a.project_id = k.project_id AND a.item_id = u.item_id
        AND app.owns(a, u.kind, u.region, u.subject)), p_document -> 'shapes') c;
  rows := ARRAY(SELECT jsonb_build_array(label, version, band, accepted, edited, rejected, drawn)
                FROM app.decided(k, p_document, p_rejected));
  made := app.submit(p_org, p_projects, p_user, p_task, p_token, p_draft, p_document, p_digest, p_rejected, p_counts,
                     p_request);
  INSERT INTO activity_event (org_id, worker_org_id, project_id, stage_id, task_id, unit_id, actor_id, kind, at,
                              payload, schema)
  SELECT k.org_id, p_org, k.project_id, k.stage_id, k.id, k.unit_id, p_user, 'objects.decided', clock_timestamp(),
         jsonb_build_object('round', k.round, 'arm', k.arm, 'rows', rows[n:n + 24])
         || CASE WHEN n = 1 THEN jsonb_build_object('added', made_new, 'changed', changed, 'removed', removed)
                 ELSE '{}' END, 1
  FROM generate_series(1, greatest(1, cardinality(rows)), 25) AS n;
  RETURN made;
END $$;
"""

BACKWARD = """
DROP FUNCTION app.hand_in(uuid, uuid[], uuid, uuid, uuid, integer, jsonb, bytea, jsonb, jsonb, text);
DROP FUNCTION app.decided(task, jsonb, jsonb);
DROP FUNCTION app.compared(jsonb, jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0003_engine"), ("activity", "0003_projecting")]
    operations = [migrations.RunSQL("".join([RECORD, ENTER, COMPARED, HAND_IN]), BACKWARD)]
