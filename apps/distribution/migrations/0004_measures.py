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

# Of JSON alone, so without the settings: the planner may hash, and there is no table to read in full.
# Two documents of one unit, label by label: what stands as it was, what was changed, removed, added.
COMPARED = """
CREATE FUNCTION app.compared(p_before jsonb, p_after jsonb)
RETURNS TABLE (label_id uuid, kept bigint, changed bigint, removed bigint, added bigint)
LANGUAGE sql IMMUTABLE AS $$
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

-- Where the new shapes come from: per label, model version and band of ten per cent of confidence (0 to 9). What a
-- person drew has neither version nor band.
CREATE FUNCTION app.origins(p_before jsonb, p_after jsonb)
RETURNS TABLE (label uuid, version uuid, band integer, accepted bigint, edited bigint, rejected bigint, drawn bigint)
LANGUAGE sql IMMUTABLE AS $$
  SELECT a.label_id, (a.source ->> 'model_version')::uuid,
         CASE WHEN a.source ? 'model_version' THEN least(9, floor(a.score * 10))::integer END,
         count(*) FILTER (WHERE a.source ->> 'action' = 'accepted'),
         count(*) FILTER (WHERE a.source ->> 'action' = 'edited'), 0::bigint,
         count(*) FILTER (WHERE a.source ->> 'action' = 'drawn')
  FROM jsonb_to_recordset(p_after) AS a(id uuid, label_id uuid, score float8, source jsonb)
  WHERE a.source ? 'action' AND a.id NOT IN (SELECT b.id FROM jsonb_to_recordset(p_before) AS b(id uuid))
  GROUP BY 1, 2, 3
$$;
"""

# A payload has 4 kB, and a row of figures about a hundred bytes.
HAND_IN = f"""
CREATE FUNCTION app.rejections(p_owner uuid, p_rejected jsonb)
RETURNS TABLE (label uuid, version uuid, band integer, accepted bigint, edited bigint, rejected bigint, drawn bigint)
LANGUAGE plpgsql STABLE {SETTINGS} AS $$
BEGIN
  RETURN QUERY SELECT p.label_id, p.model_version_id, least(9, floor(p.score * 10))::integer, 0::bigint, 0::bigint,
                      count(*), 0::bigint
    FROM jsonb_array_elements_text(p_rejected) AS r(id) JOIN prediction p ON p.org_id = p_owner AND p.id = r.id::uuid
    GROUP BY 1, 2, 3;
END $$;

CREATE FUNCTION app.hand_in(p_org uuid, p_projects uuid[], p_user uuid, p_task uuid, p_token uuid, p_draft integer,
                            p_document jsonb, p_digest bytea, p_rejected jsonb, p_counts jsonb, p_request text)
RETURNS uuid LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  k task;
  u unit;
  before jsonb;
  made uuid;
  rows jsonb[];
  totals jsonb;
BEGIN
  PERFORM app.act_for(p_org, p_projects, p_user);
  SELECT * INTO k FROM task WHERE id = p_task;
  SELECT * INTO u FROM unit WHERE org_id = k.org_id AND id = k.unit_id;
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'label_id', a.label_id, 'geometry', a.geometry,
                                               'attributes', a.attributes)), '[]') INTO before
    FROM annotation a WHERE a.org_id = k.org_id AND a.project_id = k.project_id AND a.item_id = u.item_id
      AND app.owns(a, u.kind, u.region, u.subject);
  SELECT jsonb_build_object('added', coalesce(sum(c.added), 0), 'changed', coalesce(sum(c.changed), 0),
                            'removed', coalesce(sum(c.removed), 0)) INTO totals
    FROM app.compared(before, p_document -> 'shapes') c;
  rows := ARRAY(SELECT jsonb_build_array(o.label, o.version, o.band, o.accepted, o.edited, o.rejected, o.drawn)
                FROM app.origins(before, p_document -> 'shapes') o);
  IF k.round = 1 AND p_rejected <> '[]' THEN
    rows := rows || ARRAY(SELECT jsonb_build_array(o.label, o.version, o.band, 0, 0, o.rejected, 0)
                          FROM app.rejections(k.org_id, p_rejected) o);
  END IF;
  made := app.submit(p_org, p_projects, p_user, p_task, p_token, p_draft, p_document, p_digest, p_rejected, p_counts,
                     p_request);
  INSERT INTO activity_event (org_id, worker_org_id, project_id, stage_id, task_id, unit_id, actor_id, kind, at,
                              payload, schema)
  SELECT k.org_id, p_org, k.project_id, k.stage_id, k.id, k.unit_id, p_user, 'objects.decided', clock_timestamp(),
         jsonb_build_object('round', k.round, 'arm', k.arm, 'rows', rows[n:n + 24])
         || CASE WHEN n = 1 THEN totals ELSE '{{}}' END, 1
  FROM generate_series(1, greatest(1, cardinality(rows)), 25) AS n;
  RETURN made;
END $$;
"""

BACKWARD = """
DROP FUNCTION app.hand_in(uuid, uuid[], uuid, uuid, uuid, integer, jsonb, bytea, jsonb, jsonb, text);
DROP FUNCTION app.rejections(uuid, jsonb);
DROP FUNCTION app.origins(jsonb, jsonb);
DROP FUNCTION app.compared(jsonb, jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("distribution", "0003_engine"), ("activity", "0003_projecting")]
    operations = [migrations.RunSQL("".join([RECORD, ENTER, COMPARED, HAND_IN]), BACKWARD)]
