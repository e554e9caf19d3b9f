"""The hot path in SQL: claim, hold, extend, submit, advance. Few statements, one round trip each.

All run as the caller, so row-level security still judges every row; every query names the owner as a value, because a
tenant left to the policy alone costs the index. Rows are locked by primary key first and judged then: a condition on
the state in the UPDATE lets the planner walk the partial index of all leases. A sorted or bitmap plan of the queue
costs 400 times the index scan, hence the settings on each function; and to plan anew for each call costs five times
what the statements themselves do.

Refusals carry SQLSTATEs of class TS; services/refusals.py turns them into the API's errors.
"""

from django.db import migrations

SETTINGS = """SET search_path = public, app, pg_temp
SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan"""

CONTEXT = """
CREATE FUNCTION app.act_for(p_org uuid, p_projects uuid[], p_user uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.org', p_org::text, true), set_config('app.projects', p_projects::text, true),
          set_config('app.user', p_user::text, true);
END $$;

-- The arm of a unit at a stage: the same whoever asks and however often, without a draw to store beforehand.
CREATE FUNCTION app.arm(p_stage uuid, p_unit uuid, p_held_out float8) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN ('x' || substr(md5(p_stage::text || p_unit::text), 1, 8))::bit(32)::bigint < p_held_out * 4294967296
              THEN 'held_out' ELSE 'assisted' END
$$;

-- Whether a role may work at a stage; a stage that names no roles takes everybody who labels, or everybody who reviews.
CREATE FUNCTION app.stage_takes(p_stage stage, p_role text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN jsonb_array_length(p_stage.roles) > 0 THEN p_stage.roles ? p_role
              WHEN p_stage.kind = 'review' THEN p_role IN ('reviewer', 'manager', 'owner')
              ELSE p_role IN ('annotator', 'reviewer', 'manager', 'owner') END
$$;
"""

# All that a task's payload says beside what never changes (stage and recipe version, which processes keep).
FRAMES = f"""
CREATE FUNCTION app.frames(p_owner uuid, p_ids uuid[]) RETURNS SETOF json LANGUAGE plpgsql STABLE
{SETTINGS} AS $$
BEGIN
  RETURN QUERY SELECT json_build_object(
    'id', t.id, 'org', t.org_id, 'state', t.state, 'round', t.round, 'priority', t.priority, 'due_at', t.due_at,
    'arm', t.arm, 'note', t.note, 'created_at', t.created_at, 'stage', t.stage_id, 'run', t.pipeline_run_id,
    'recipe_version', r.recipe_version_id, 'project', t.project_id, 'project_name', p.name,
    'unit', u.id, 'unit_kind', u.kind, 'region', u.region,
    'item', i.id, 'item_name', i.name, 'width', i.width, 'height', i.height,
    'holder', t.holder, 'token', t.lease_token, 'lease_until', t.lease_until,
    'annotations', (
      SELECT coalesce(json_agg(app.shape(a,
        (SELECT l.name FROM label l WHERE l.org_id = p_owner AND l.id = a.label_id))), '[]'::json)
      FROM annotation a WHERE a.org_id = p_owner AND a.project_id = t.project_id AND a.item_id = u.item_id
        AND app.owns(a, u.kind, u.region, u.subject)),
    'deployments', (
      SELECT coalesce(json_agg(json_build_object('id', d.id, 'model', d.title, 'version', d.version::text,
                                                 'model_version', d.model_version_id, 'state', d.state)), '[]'::json)
      FROM deployment d WHERE d.org_id = p_owner AND d.project_id = t.project_id))
  FROM task t
    JOIN unit u ON u.org_id = p_owner AND u.id = t.unit_id
    JOIN item i ON i.org_id = p_owner AND i.id = u.item_id
    JOIN project p ON p.org_id = p_owner AND p.id = t.project_id
    JOIN pipeline_run r ON r.org_id = p_owner AND r.id = t.pipeline_run_id
  WHERE t.org_id = p_owner AND t.id = ANY(p_ids)
  ORDER BY array_position(p_ids, t.id);
END $$;
"""

RECORD = f"""
CREATE FUNCTION app.record(p_kind text, p_verb text, k task, p_org uuid, p_user uuid, p_payload jsonb, p_digest bytea,
                           p_request text) RETURNS void
LANGUAGE plpgsql {SETTINGS} AS $$
BEGIN
  INSERT INTO activity_event (org_id, worker_org_id, project_id, stage_id, task_id, unit_id, actor_id, kind, at,
                              payload, schema)
  VALUES (k.org_id, p_org, k.project_id, k.stage_id, k.id, k.unit_id, p_user, p_kind, clock_timestamp(), p_payload, 1);
  INSERT INTO audit_event (org_id, worker_org_id, project_id, actor_id, verb, object_type, object_id, after, details,
                           request_id, at)
  VALUES (k.org_id, p_org, k.project_id, p_user, p_verb, 'task', k.id, p_digest, '{{}}', p_request, clock_timestamp());
END $$;
"""

# Who may have a ready task of stage `s`. Own work to review is looked for by a correlated scalar subquery: as an
# anti-join the planner would read all that the person ever did.
MAY_HAVE = """t.pipeline_run_id = ANY(runs)
        AND (t.required_skill IS NULL OR t.required_skill = ANY(p_skills))
        AND p_user <> ALL(t.skipped_by)
        AND (s.kind <> 'review' OR (
          (SELECT o.id FROM task o WHERE o.org_id = owner AND o.unit_id = t.unit_id AND o.stage_id = ANY(s.earlier)
             AND o.holder = p_user LIMIT 1) IS NULL
          AND (owner = p_org OR (SELECT o.id FROM task o WHERE o.org_id = owner AND o.id = t.reviews_id
                                   AND o.worker_org_id = p_org) IS NOT NULL)))"""

# Stages where the person may work, each with the stages before it.
OPEN_TO_ME = """SELECT st.id, st.kind, ARRAY(
        SELECT b.id FROM stage b WHERE b.org_id = owner AND b.pipeline_version_id = st.pipeline_version_id
          AND b.position < st.position AND b.kind IN ('label', 'review')) AS earlier
      FROM stage st WHERE st.org_id = owner AND st.project_id = p_project AND st.kind IN ('label', 'review')
        AND (p_stage IS NULL OR st.id = p_stage) AND app.stage_takes(st, p_role)"""

CLAIM = f"""
CREATE FUNCTION app.claim(p_org uuid, p_projects uuid[], p_user uuid, p_role text, p_skills text[], p_project uuid,
                          p_stage uuid, p_task uuid, p_limit integer, p_most integer, p_request text)
RETURNS SETOF json LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  owner uuid;
  runs uuid[];
  s record;
  k task;
  ids uuid[];
  taken uuid[] := '{{}}';
  free integer;
BEGIN
  PERFORM app.act_for(p_org, p_projects, p_user);
  SELECT org_id INTO owner FROM project
    WHERE id = p_project AND deleted_at IS NULL AND (org_id = p_org OR id = ANY(p_projects));
  IF owner IS NULL OR p_stage IS NOT NULL AND NOT EXISTS (
    SELECT FROM stage WHERE org_id = owner AND id = p_stage AND project_id = p_project)
  THEN
    RAISE EXCEPTION 'not found' USING ERRCODE = 'TS404';
  END IF;
  runs := ARRAY(SELECT id FROM pipeline_run
    WHERE org_id = owner AND project_id = p_project AND state IN ('filling', 'running'));
  SELECT p_most - count(*) INTO free FROM (
    SELECT FROM task WHERE org_id = owner AND holder = p_user AND state = 'leased' AND lease_until > clock_timestamp()
    LIMIT p_most) held;
  IF free <= 0 THEN
    RAISE EXCEPTION 'too many held' USING ERRCODE = 'TS429';
  END IF;
  free := least(free, p_limit);

  -- What came back to this person, first.
  FOR s IN {OPEN_TO_ME} LOOP
    EXIT WHEN free <= 0;
    ids := ARRAY(SELECT t.id FROM task t
      WHERE t.org_id = owner AND t.preferred_person = p_user AND t.state = 'ready' AND t.stage_id = s.id
        AND t.project_id = p_project AND (p_task IS NULL OR t.id = p_task) AND {MAY_HAVE}
      LIMIT free FOR UPDATE OF t SKIP LOCKED);
    taken := taken || ids;
    free := free - cardinality(ids);
  END LOOP;

  IF p_task IS NOT NULL AND free > 0 THEN
    FOR s IN {OPEN_TO_ME} LOOP
      taken := taken || ARRAY(SELECT t.id FROM task t
        WHERE t.id = p_task AND t.org_id = owner AND t.stage_id = s.id AND t.project_id = p_project
          AND t.state = 'ready' AND t.id <> ALL(taken)
          AND (t.preferred_person IS NULL OR t.preferred_until <= clock_timestamp()) AND {MAY_HAVE}
        FOR UPDATE OF t SKIP LOCKED);
    END LOOP;
  ELSIF free > 0 THEN
    -- Then the queues, the one with the most urgent head first.
    FOR s IN SELECT o.* FROM ({OPEN_TO_ME}) o CROSS JOIN LATERAL (
        SELECT t.priority, t.due_at, t.id AS head FROM task t
        WHERE t.org_id = owner AND t.project_id = p_project AND t.stage_id = o.id AND t.state = 'ready'
        ORDER BY t.priority, t.due_at, t.slot, t.id LIMIT 1) h
      ORDER BY h.priority, h.due_at, h.head
    LOOP
      EXIT WHEN free <= 0;
      ids := ARRAY(SELECT t.id FROM task t
        WHERE t.org_id = owner AND t.project_id = p_project AND t.stage_id = s.id AND t.state = 'ready'
          AND (t.preferred_person IS NULL OR t.preferred_until <= clock_timestamp()) AND {MAY_HAVE}
        ORDER BY t.priority, t.due_at, t.slot, t.id LIMIT free FOR UPDATE OF t SKIP LOCKED);
      taken := taken || ids;
      free := free - cardinality(ids);
    END LOOP;
  END IF;

  FOR k IN UPDATE task t SET state = 'leased', holder = p_user, worker_org_id = p_org, lease_token = gen_random_uuid(),
      claimed_at = clock_timestamp(), attempt = t.attempt + 1,
      lease_until = clock_timestamp() + make_interval(secs => st.lease_seconds)
    FROM stage st WHERE t.id = ANY(taken) AND t.org_id = owner AND st.org_id = owner AND st.id = t.stage_id
    RETURNING t.*
  LOOP
    PERFORM app.record('task.claimed', 'task.claim', k, p_org, p_user,
                       jsonb_build_object('attempt', k.attempt, 'round', k.round), NULL, p_request);
  END LOOP;
  IF cardinality(taken) > 0 THEN
    RETURN QUERY SELECT * FROM app.frames(owner, taken);
  END IF;
END $$;
"""

# Lock by primary key, then judge: the token is new for each claim, so an old one proves nothing any more.
HOLD = f"""
CREATE FUNCTION app.hold(p_task uuid, p_user uuid, p_token uuid) RETURNS task
LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE k task;
BEGIN
  SELECT * INTO k FROM task WHERE id = p_task FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not found' USING ERRCODE = 'TS404';
  ELSIF k.state = 'ready' THEN
    RAISE EXCEPTION 'lease expired' USING ERRCODE = 'TS410';
  ELSIF k.state <> 'leased' OR k.holder <> p_user OR k.lease_token <> p_token THEN
    RAISE EXCEPTION 'lease lost' USING ERRCODE = 'TS412';
  ELSIF k.lease_until <= clock_timestamp() THEN
    RAISE EXCEPTION 'lease expired' USING ERRCODE = 'TS410';
  END IF;
  RETURN k;
END $$;

CREATE FUNCTION app.extend(p_org uuid, p_projects uuid[], p_user uuid, p_task uuid, p_token uuid, p_longest interval)
RETURNS timestamptz LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  k task;
  until timestamptz;
BEGIN
  PERFORM app.act_for(p_org, p_projects, p_user);
  k := app.hold(p_task, p_user, p_token);
  SELECT least(clock_timestamp() + make_interval(secs => st.lease_seconds), k.claimed_at + p_longest) INTO until
    FROM stage st WHERE st.org_id = k.org_id AND st.id = k.stage_id;
  UPDATE task SET lease_until = greatest(lease_until, until) WHERE id = k.id RETURNING lease_until INTO until;
  RETURN until;
END $$;
"""

# The item's row counts its writings, and makes those who write to one item follow each other.
WRITE = f"""
CREATE FUNCTION app.write_annotations(p_owner uuid, p_worker uuid, p_unit uuid, p_document jsonb, p_digest bytea,
                                      p_source text, p_author uuid) RETURNS uuid
LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  u unit;
  written uuid := app.new_id();
  ordinal integer;
BEGIN
  SELECT * INTO u FROM unit WHERE org_id = p_owner AND id = p_unit;
  UPDATE item SET revision = revision + 1 WHERE org_id = p_owner AND id = u.item_id RETURNING revision INTO ordinal;
  INSERT INTO annotation_revision (id, org_id, worker_org_id, project_id, item_id, number, document, digest, source,
                                   author_id, at)
  VALUES (written, p_owner, p_worker, u.project_id, u.item_id, ordinal, p_document, p_digest, p_source, p_author,
          clock_timestamp());
  DELETE FROM annotation a WHERE a.org_id = p_owner AND a.project_id = u.project_id AND a.item_id = u.item_id
    AND app.owns(a, u.kind, u.region, u.subject);
  INSERT INTO annotation (id, org_id, project_id, item_id, unit_id, revision_id, label_id, type, geometry, attributes,
                          x1, y1, x2, y2, area, score, source)
  SELECT s.id, p_owner, u.project_id, u.item_id, u.id, written, s.label_id, s.type, s.geometry, s.attributes,
         s.x1, s.y1, s.x2, s.y2, s.area, s.score, s.source
  FROM jsonb_to_recordset(p_document -> 'shapes')
    AS s(id uuid, label_id uuid, type text, geometry jsonb, attributes jsonb, x1 float8, y1 float8, x2 float8,
         y2 float8, area float8, score float8, source jsonb);
  RETURN written;
END $$;
"""

# The next step along a fixed edge, in the transaction that ends the step before. Without a next stage, or at a stage
# `done`, the unit is finished. A machine's stage is told by a topic row, for what needs rules to be run in Python.
ENTER = f"""
CREATE FUNCTION app.enter(k task, p_stage uuid, p_round integer, p_reviews uuid, p_person uuid, p_until timestamptz,
                          p_note text) RETURNS uuid
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

-- Ends a task well: work that goes to a review waits for its verdict, all else is accepted at once; the unit goes on.
CREATE FUNCTION app.advance(k task) RETURNS text
LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  next uuid;
  to_review boolean;
  outcome text;
BEGIN
  SELECT st.next_id, coalesce(n.kind = 'review', false) INTO next, to_review
    FROM stage st LEFT JOIN stage n ON n.org_id = k.org_id AND n.id = st.next_id
    WHERE st.org_id = k.org_id AND st.id = k.stage_id;
  outcome := CASE WHEN to_review AND k.kind = 'human' AND k.reviews_id IS NULL THEN 'submitted' ELSE 'accepted' END;
  UPDATE task SET state = outcome, lease_token = NULL, lease_until = NULL, ended_at = clock_timestamp() WHERE id = k.id;
  PERFORM app.enter(k, next, k.round, CASE WHEN to_review AND k.kind = 'human' THEN coalesce(k.reviews_id, k.id) END,
                    NULL, NULL, '');
  RETURN outcome;
END $$;
"""

# A person's draft with all that a submission of it is made from, in one round trip.
DRAFTED = f"""
CREATE FUNCTION app.drafted(p_org uuid, p_projects uuid[], p_user uuid, p_task uuid) RETURNS json
LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  k task;
  u unit;
  d draft;
BEGIN
  PERFORM app.act_for(p_org, p_projects, p_user);
  SELECT * INTO k FROM task WHERE id = p_task;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not found' USING ERRCODE = 'TS404';
  END IF;
  SELECT * INTO u FROM unit WHERE org_id = k.org_id AND id = k.unit_id;
  SELECT * INTO d FROM draft WHERE org_id = k.org_id AND task_id = k.id AND author_id = p_user;
  RETURN json_build_object(
    'revision', coalesce(d.revision, 0), 'values', coalesce(d.values, '{{}}'), 'rejected', coalesce(d.rejected, '[]'),
    'annotations', (
      SELECT coalesce(json_agg(app.shape(a,
        (SELECT l.name FROM label l WHERE l.org_id = k.org_id AND l.id = a.label_id))), '[]'::json)
      FROM annotation a WHERE a.org_id = k.org_id AND a.project_id = k.project_id AND a.item_id = u.item_id
        AND app.owns(a, u.kind, u.region, u.subject)),
    'proposed', (
      SELECT coalesce(json_agg(json_build_object(
        'id', p.id, 'label_id', p.label_id, 'geometry', p.geometry, 'model_version', p.model_version_id,
        'score', p.score)), '[]'::json)
      FROM prediction p WHERE p.org_id = k.org_id AND p.item_id = u.item_id AND p.id IN (
        SELECT (v.value -> 'source' ->> 'prediction')::uuid FROM jsonb_each(d.values) v
        UNION SELECT (a.source ->> 'prediction')::uuid FROM annotation a
          WHERE a.org_id = k.org_id AND a.project_id = k.project_id AND a.item_id = u.item_id)));
END $$;
"""

SUBMIT = f"""
CREATE FUNCTION app.submit(p_org uuid, p_projects uuid[], p_user uuid, p_task uuid, p_token uuid, p_draft integer,
                           p_document jsonb, p_digest bytea, p_rejected jsonb, p_counts jsonb, p_request text)
RETURNS uuid LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  k task;
  made uuid := app.new_id();
  written uuid;
BEGIN
  PERFORM app.act_for(p_org, p_projects, p_user);
  k := app.hold(p_task, p_user, p_token);
  IF p_draft > 0 AND NOT EXISTS (
    SELECT FROM draft WHERE org_id = k.org_id AND task_id = k.id AND author_id = p_user AND revision = p_draft)
  THEN
    RAISE EXCEPTION 'draft conflict' USING ERRCODE = 'TS428';
  END IF;
  written := app.write_annotations(k.org_id, p_org, k.unit_id, p_document, p_digest, 'task', p_user);
  INSERT INTO submission (id, org_id, project_id, worker_org_id, task_id, author_id, revision_id, rejected, at)
  VALUES (made, k.org_id, k.project_id, p_org, k.id, p_user, written, p_rejected, clock_timestamp());
  IF p_draft > 0 THEN
    DELETE FROM draft_operation o USING draft d WHERE d.org_id = k.org_id AND d.task_id = k.id
      AND d.author_id = p_user AND o.org_id = k.org_id AND o.draft_id = d.id;
  END IF;
  PERFORM app.advance(k);
  PERFORM app.record('task.submitted', 'task.submit', k, p_org, p_user, p_counts || jsonb_build_object(
    'elapsed_ms', round(extract(epoch FROM clock_timestamp() - k.claimed_at) * 1000), 'attempt', k.attempt,
    'round', k.round, 'arm', k.arm), p_digest, p_request);
  RETURN made;
END $$;
"""

# Made anew to be the youngest index, as annotation/migrations/0003_shapes.py explains: it counts what a person holds.
ORDER = """
DROP INDEX task_of_holder;
CREATE INDEX task_of_holder ON task (org_id, holder, state) WHERE holder IS NOT NULL;
"""

BACKWARD = """
DROP FUNCTION app.submit(uuid, uuid[], uuid, uuid, uuid, integer, jsonb, bytea, jsonb, jsonb, text);
DROP FUNCTION app.drafted(uuid, uuid[], uuid, uuid);
DROP FUNCTION app.advance(task);
DROP FUNCTION app.enter(task, uuid, integer, uuid, uuid, timestamptz, text);
DROP FUNCTION app.write_annotations(uuid, uuid, uuid, jsonb, bytea, text, uuid);
DROP FUNCTION app.extend(uuid, uuid[], uuid, uuid, uuid, interval);
DROP FUNCTION app.hold(uuid, uuid, uuid);
DROP FUNCTION app.claim(uuid, uuid[], uuid, text, text[], uuid, uuid, uuid, integer, integer, text);
DROP FUNCTION app.record(text, text, task, uuid, uuid, jsonb, bytea, text);
DROP FUNCTION app.frames(uuid, uuid[]);
DROP FUNCTION app.stage_takes(stage, text);
DROP FUNCTION app.arm(uuid, uuid, float8);
DROP FUNCTION app.act_for(uuid, uuid[], uuid);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("distribution", "0002_walls"),
        ("annotation", "0003_shapes"),
        ("activity", "0002_walls"),
        ("jobs", "0002_walls"),
        ("predictions", "0002_walls"),
    ]
    operations = [
        migrations.RunSQL("".join([CONTEXT, FRAMES, RECORD, CLAIM, HOLD, WRITE, ENTER, DRAFTED, SUBMIT]), BACKWARD),
        migrations.RunSQL(ORDER, migrations.RunSQL.noop),
    ]
