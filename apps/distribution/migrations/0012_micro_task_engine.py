"""The hot path for items, tiles and objects: units that are split and gathered, several people on one unit, work that
is kept for a person, skills and caps. What it stands on is 0003_engine.py; what is measured of it, docs/benchmarks.md.

A queue holds only what is nobody's: a task that is kept for a person lies in an index of its own, so that others never
walk over it. Every function runs as the caller, and each query names the owner as a value.
"""

from importlib import import_module

from django.db import migrations

from apps.core.operations import SecureTable

engine = import_module("apps.distribution.migrations.0003_engine")
SETTINGS: str = engine.SETTINGS

WALLS = """
ALTER TABLE unit NO FORCE ROW LEVEL SECURITY;
ALTER TABLE unit ADD CONSTRAINT unit_parent_id_tenant FOREIGN KEY (org_id, parent_id) REFERENCES unit (org_id, id)
  DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE unit FORCE ROW LEVEL SECURITY;
-- Made anew to be the youngest index, as annotation/migrations/0003_shapes.py explains.
DROP INDEX task_of_holder;
CREATE INDEX task_of_holder ON task (org_id, holder, state, stage_id) WHERE holder IS NOT NULL;
ALTER TABLE task SET (autovacuum_vacuum_scale_factor = 0.01);
"""

DRAWN = """
-- Whether a unit belongs to a share: the same answer whoever asks and however often.
CREATE FUNCTION app.drawn(p_salt text, p_unit uuid, p_share float8) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ('x' || substr(md5(p_salt || p_unit::text), 1, 8))::bit(32)::bigint < p_share * 4294967296
$$;

-- A stage of a task's run: where the run has been moved to another version, the stage that has its key there.
CREATE FUNCTION app.stage_now(k task, p_stage uuid) RETURNS stage LANGUAGE plpgsql STABLE AS $$
DECLARE
  s stage;
  moved stage;
  version uuid;
BEGIN
  SELECT * INTO s FROM stage WHERE org_id = k.org_id AND id = p_stage;
  SELECT pipeline_version_id INTO version FROM pipeline_run WHERE org_id = k.org_id AND id = k.pipeline_run_id;
  IF s.pipeline_version_id <> version THEN
    SELECT * INTO moved FROM stage
      WHERE org_id = k.org_id AND pipeline_version_id = version AND key = s.key AND kind = s.kind;
    IF FOUND THEN
      RETURN moved;
    END IF;
  END IF;
  RETURN s;
END $$;

-- The stage that a unit comes to, past reviews for which it was not drawn. What came back is always looked at again.
CREATE FUNCTION app.stage_reached(k task, p_stage uuid, p_unit uuid, p_round integer) RETURNS stage
LANGUAGE plpgsql STABLE AS $$
DECLARE
  s stage := app.stage_now(k, p_stage);
BEGIN
  WHILE s.kind = 'review' AND p_round = 1 AND s.sample < 1 AND NOT app.drawn(s.key, p_unit, s.sample) LOOP
    s := app.stage_now(k, s.next_id);
  END LOOP;
  RETURN s;
END $$;
"""

WRITE = f"""
CREATE FUNCTION app.write_revision(p_owner uuid, p_worker uuid, u unit, p_document jsonb, p_digest bytea, p_source text,
                                   p_author uuid) RETURNS uuid
LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  written uuid := app.new_id();
  ordinal integer;
BEGIN
  UPDATE item SET revision = revision + 1 WHERE org_id = p_owner AND id = u.item_id RETURNING revision INTO ordinal;
  INSERT INTO annotation_revision (id, org_id, worker_org_id, project_id, item_id, number, document, digest, source,
                                   author_id, at)
  VALUES (written, p_owner, p_worker, u.project_id, u.item_id, ordinal, p_document, p_digest, p_source, p_author,
          clock_timestamp());
  RETURN written;
END $$;

-- What the unit owns becomes what the document holds.
CREATE FUNCTION app.apply_document(p_owner uuid, u unit, p_revision uuid, p_document jsonb) RETURNS void
LANGUAGE plpgsql {SETTINGS} AS $$
BEGIN
  DELETE FROM annotation a WHERE a.org_id = p_owner AND a.project_id = u.project_id AND a.item_id = u.item_id
    AND app.owns(a, u.kind, u.region, u.subject);
  INSERT INTO annotation (id, org_id, project_id, item_id, unit_id, revision_id, label_id, type, geometry, attributes,
                          x1, y1, x2, y2, area, score, source)
  SELECT s.id, p_owner, u.project_id, u.item_id, u.id, p_revision, s.label_id, s.type, s.geometry, s.attributes,
         s.x1, s.y1, s.x2, s.y2, s.area, s.score, s.source
  FROM jsonb_to_recordset(p_document -> 'shapes')
    AS s(id uuid, label_id uuid, type text, geometry jsonb, attributes jsonb, x1 float8, y1 float8, x2 float8,
         y2 float8, area float8, score float8, source jsonb);
END $$;

CREATE OR REPLACE FUNCTION app.write_annotations(p_owner uuid, p_worker uuid, p_unit uuid, p_document jsonb,
                                                 p_digest bytea, p_source text, p_author uuid) RETURNS uuid
LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  u unit;
  written uuid;
BEGIN
  SELECT * INTO u FROM unit WHERE org_id = p_owner AND id = p_unit;
  written := app.write_revision(p_owner, p_worker, u, p_document, p_digest, p_source, p_author);
  PERFORM app.apply_document(p_owner, u, written, p_document);
  RETURN written;
END $$;
"""

FINISH = f"""
CREATE FUNCTION app.finish(k task, p_final text) RETURNS void LANGUAGE plpgsql {SETTINGS} AS $$
BEGIN
  UPDATE unit SET state = p_final, finished_at = clock_timestamp() WHERE org_id = k.org_id AND id = k.unit_id;
  INSERT INTO activity_event (org_id, project_id, stage_id, task_id, unit_id, actor_id, kind, at, payload, schema)
  VALUES (k.org_id, k.project_id, k.stage_id, k.id, k.unit_id, nullif(current_setting('app.user', true), '')::uuid,
          'unit.finished', clock_timestamp(), jsonb_build_object('run', k.pipeline_run_id, 'round', k.round), 1);
END $$;

-- A child has done its part: its parent waits for one less, and knows who worked on it.
CREATE FUNCTION app.gather(k task, u unit) RETURNS unit LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  p unit;
BEGIN
  UPDATE unit SET state = 'accepted', finished_at = clock_timestamp()
    WHERE org_id = k.org_id AND id = u.id AND state = 'open';
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  UPDATE unit c SET open_children = c.open_children - 1,
    workers = ARRAY(SELECT unnest(c.workers) UNION SELECT unnest(u.workers)
      UNION SELECT t.holder FROM task t WHERE t.org_id = k.org_id AND t.unit_id = u.id AND t.holder IS NOT NULL),
    worker_orgs = ARRAY(SELECT unnest(c.worker_orgs) UNION SELECT unnest(u.worker_orgs)
      UNION SELECT t.worker_org_id FROM task t
        WHERE t.org_id = k.org_id AND t.unit_id = u.id AND t.worker_org_id IS NOT NULL)
    WHERE c.org_id = k.org_id AND c.id = u.parent_id RETURNING c.* INTO p;
  IF p.open_children > 0 THEN
    RETURN NULL;
  END IF;
  RETURN p;
END $$;
"""

# The next step along an edge, in the transaction that ends the step before. A child that comes to a stage of whole
# units is gathered; the last one takes its parent there. A unit that a stage takes apart, and whatever a machine does,
# is told by a topic row, for what needs rules to be run in Python.
ENTER = f"""
CREATE OR REPLACE FUNCTION app.enter(k task, p_stage uuid, p_round integer, p_reviews uuid, p_person uuid,
                                     p_until timestamptz, p_note text) RETURNS uuid
LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  s stage;
  u unit;
  made uuid;
  human boolean;
  slots integer := 1;
BEGIN
  SELECT * INTO u FROM unit WHERE org_id = k.org_id AND id = k.unit_id;
  IF p_stage IS NOT NULL THEN
    s := app.stage_reached(k, p_stage, u.id, p_round);
  END IF;
  WHILE s.id IS NOT NULL AND u.parent_id IS NOT NULL AND u.kind <> s.unit AND s.unit <> 'object' LOOP
    u := app.gather(k, u);
    IF u.id IS NULL THEN
      RETURN NULL;
    END IF;
    k.unit_id := u.id;
    p_round := 1;
    p_reviews := NULL;
    p_person := NULL;
    p_note := '';
    s := app.stage_reached(k, s.id, u.id, 1);
  END LOOP;
  IF s.id IS NULL OR s.kind = 'done' AND NOT coalesce((s.settings ->> 'accept_predictions')::boolean, false) THEN
    PERFORM app.finish(k, coalesce(s.settings ->> 'final', 'accepted'));
    RETURN NULL;
  END IF;
  p_round := greatest(p_round, 1 + coalesce((
    SELECT max(t.round) FROM task t WHERE t.org_id = k.org_id AND t.unit_id = u.id AND t.stage_id = s.id), 0));
  human := s.kind IN ('label', 'review') AND u.kind = s.unit;
  IF human AND s.overlap > 1 THEN
    slots := s.overlap;
    UPDATE unit SET open_slots = slots WHERE org_id = k.org_id AND id = u.id;
  END IF;
  FOR number IN 1..slots LOOP
    made := app.new_id();
    INSERT INTO task (id, org_id, project_id, pipeline_run_id, stage_id, unit_id, kind, round, slot, state, arm,
                      priority, due_at, required_skill, preferred_person, preferred_until, postponed, note, reviews_id,
                      skipped_by, skip_reason, attempt, error_code, created_at)
    VALUES (made, k.org_id, k.project_id, k.pipeline_run_id, s.id, u.id,
            CASE WHEN human THEN 'human' ELSE 'machine' END, p_round, number,
            CASE WHEN human THEN 'ready' ELSE 'waiting' END, app.arm(s.id, u.id, s.held_out), k.priority, k.due_at,
            s.settings ->> 'skill', p_person, coalesce(p_until, '9999-12-31Z'), false, p_note, p_reviews, '{{}}', '',
            0, '', clock_timestamp());
  END LOOP;
  IF NOT human THEN
    INSERT INTO outbox (org_id, project_id, actor, topic, payload, created_at)
    VALUES (k.org_id, k.project_id, '', 'stage.entered', jsonb_build_object('task', made), clock_timestamp());
  END IF;
  RETURN made;
END $$;
"""

ADVANCE = f"""
-- Ends a task well: work that goes to a review waits for its verdict, all else is accepted at once; the unit goes on.
CREATE FUNCTION app.go_on(k task) RETURNS text LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  s stage;
  n stage;
  reviewed boolean;
  outcome text;
BEGIN
  SELECT * INTO s FROM stage WHERE org_id = k.org_id AND id = k.stage_id;
  n := app.stage_reached(k, s.next_id, k.unit_id, k.round);
  reviewed := coalesce(n.kind = 'review' AND n.unit = s.unit AND k.kind = 'human', false);
  outcome := CASE WHEN reviewed AND k.reviews_id IS NULL AND s.kind <> 'review' THEN 'submitted' ELSE 'accepted' END;
  UPDATE task SET state = outcome, lease_token = NULL, lease_until = NULL, ended_at = clock_timestamp() WHERE id = k.id;
  PERFORM app.enter(k, n.id, k.round,
    CASE WHEN reviewed THEN coalesce(k.reviews_id, CASE WHEN s.kind <> 'review' THEN k.id END) END, NULL, NULL, '');
  RETURN outcome;
END $$;

-- One of several people has done their part. The last one's submission may not see the others': a machine's task of
-- slot 0 gathers them.
CREATE FUNCTION app.close_slot(k task) RETURNS void LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  left_open integer;
  made uuid := app.new_id();
BEGIN
  UPDATE unit SET open_slots = open_slots - 1 WHERE org_id = k.org_id AND id = k.unit_id
    RETURNING open_slots INTO left_open;
  IF left_open > 0 THEN
    RETURN;
  END IF;
  INSERT INTO task (id, org_id, project_id, pipeline_run_id, stage_id, unit_id, kind, round, slot, state, arm, priority,
                    due_at, preferred_until, postponed, note, skipped_by, skip_reason, attempt, error_code, created_at)
  VALUES (made, k.org_id, k.project_id, k.pipeline_run_id, k.stage_id, k.unit_id, 'machine', k.round, 0, 'waiting',
          'assisted', k.priority, k.due_at, '9999-12-31Z', false, '', '{{}}', '', 0, '', clock_timestamp());
  INSERT INTO outbox (org_id, project_id, actor, topic, payload, created_at)
  VALUES (k.org_id, k.project_id, '', 'stage.entered', jsonb_build_object('task', made), clock_timestamp());
END $$;

CREATE OR REPLACE FUNCTION app.advance(k task) RETURNS text LANGUAGE plpgsql {SETTINGS} AS $$
BEGIN
  IF k.kind = 'human' AND (SELECT st.overlap FROM stage st WHERE st.org_id = k.org_id AND st.id = k.stage_id) > 1 THEN
    UPDATE task SET state = 'accepted', lease_token = NULL, lease_until = NULL, ended_at = clock_timestamp()
      WHERE id = k.id;
    PERFORM app.close_slot(k);
    RETURN 'accepted';
  END IF;
  RETURN app.go_on(k);
END $$;
"""

SUBMIT: str = engine.SUBMIT.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
WRITES = "written := app.write_annotations(k.org_id, p_org, k.unit_id, p_document, p_digest, 'task', p_user);"
# Several people at one unit do not see each other's work: it lies in their revisions until all are done.
ONE_OF_SEVERAL = """SELECT * INTO u FROM unit WHERE org_id = k.org_id AND id = k.unit_id;
  written := app.write_revision(k.org_id, p_org, u, p_document, p_digest, 'task', p_user);
  IF (SELECT st.overlap FROM stage st WHERE st.org_id = k.org_id AND st.id = k.stage_id) = 1 THEN
    PERFORM app.apply_document(k.org_id, u, written, p_document);
  END IF;"""
SUBMIT = SUBMIT.replace(WRITES, ONE_OF_SEVERAL).replace("  k task;\n", "  k task;\n  u unit;\n")

FRAMES: str = engine.FRAMES.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
    "'region', u.region,", "'region', u.region, 'subject', u.subject,"
)

# Who may have a ready task of stage `s`. Own work to review is looked for by correlated scalar subqueries: as an
# anti-join the planner would read all that the person ever did.
MAY_HAVE = """t.pipeline_run_id = ANY(runs)
        AND (t.required_skill IS NULL OR t.required_skill = ANY(skills))
        AND p_user <> ALL(t.skipped_by)
        AND (s.overlap = 1 OR (SELECT o.id FROM task o WHERE o.org_id = owner AND o.unit_id = t.unit_id
               AND o.stage_id = s.id AND o.holder = p_user AND o.round = t.round LIMIT 1) IS NULL)
        AND (s.kind <> 'review' OR (
          (SELECT o.id FROM task o WHERE o.org_id = owner AND o.unit_id = t.unit_id AND o.stage_id = ANY(s.earlier)
             AND o.holder = p_user LIMIT 1) IS NULL
          AND (SELECT p_user = ANY(u.workers) OR p_user = ANY(coalesce(p.workers, '{}'))
               FROM unit u LEFT JOIN unit p ON p.org_id = owner AND p.id = u.parent_id
               WHERE u.org_id = owner AND u.id = t.unit_id) IS NOT TRUE
          AND (s.unit = 'item' OR (SELECT o.id FROM unit u JOIN task o ON o.org_id = owner AND o.unit_id = u.parent_id
               WHERE u.org_id = owner AND u.id = t.unit_id AND o.stage_id = ANY(s.earlier) AND o.holder = p_user
               LIMIT 1) IS NULL)
          AND (owner = p_org
            OR (SELECT o.id FROM task o WHERE o.org_id = owner AND o.id = t.reviews_id AND o.worker_org_id = p_org)
               IS NOT NULL
            OR t.reviews_id IS NULL AND (SELECT u.worker_orgs <@ ARRAY[p_org] AND u.worker_orgs <> '{}' FROM unit u
               WHERE u.org_id = owner AND u.id = t.unit_id))))"""

# Stages where the person may work, each with the stages before it and how many tasks of it they may still have.
OPEN_TO_ME = """SELECT st.id, st.kind, st.unit, st.overlap, st.settings ->> 'hand_out' = 'push' AS pushed,
        (st.settings ->> 'most_held')::integer AS most_held,
        (st.settings ->> 'most_per_person')::integer AS most_per_person,
        ARRAY(SELECT b.id FROM stage b WHERE b.org_id = owner AND b.pipeline_version_id = st.pipeline_version_id
          AND b.position < st.position AND b.kind IN ('label', 'review')) AS earlier
      FROM stage st WHERE st.org_id = owner AND st.project_id = p_project AND st.kind IN ('label', 'review')
        AND (p_stage IS NULL OR st.id = p_stage) AND app.stage_takes(st, p_role)
        AND st.id <> ALL(closed) AND st.kind = ANY(p_kinds)
        AND (st.settings ->> 'skill' IS NULL OR st.settings ->> 'skill' = ANY(skills))"""

ROOM = f"""
-- How many more tasks of a stage a person may have: at once, and in all. Counted no further than the caps.
CREATE FUNCTION app.room(p_owner uuid, p_user uuid, p_stage uuid, p_free integer, p_most_held integer,
                         p_most_per_person integer) RETURNS integer
LANGUAGE plpgsql STABLE {SETTINGS} AS $$
BEGIN
  IF p_most_held IS NOT NULL THEN
    p_free := least(p_free, p_most_held - (SELECT count(*) FROM (
      SELECT FROM task WHERE org_id = p_owner AND holder = p_user AND state = 'leased' AND stage_id = p_stage
      LIMIT p_most_held) held));
  END IF;
  IF p_most_per_person IS NOT NULL THEN
    p_free := least(p_free, p_most_per_person - (SELECT count(*)::integer
      FROM unnest(ARRAY['leased', 'submitted', 'accepted', 'returned']) AS had(state) CROSS JOIN LATERAL (
        SELECT FROM task t WHERE t.org_id = p_owner AND t.holder = p_user AND t.state = had.state
          AND t.stage_id = p_stage LIMIT p_most_per_person) done));
  END IF;
  RETURN greatest(p_free, 0);
END $$;
"""

KEPT_FOR_ME = """
  FOR s IN {open_to_me} LOOP
    EXIT WHEN free <= 0;
    ids := ARRAY(SELECT t.id FROM task t
      WHERE t.org_id = owner AND t.preferred_person = p_user AND t.stage_id = s.id AND t.postponed = {postponed}
        AND t.state = 'ready' AND t.project_id = p_project AND (p_task IS NULL OR t.id = p_task) AND {may_have}
      ORDER BY t.priority, t.due_at, t.slot, t.id
      LIMIT CASE WHEN s.most_held IS NULL THEN free ELSE app.room(owner, p_user, s.id, free, s.most_held, NULL) END
      FOR UPDATE OF t SKIP LOCKED);
    taken := taken || ids;
    free := free - cardinality(ids);
  END LOOP;
"""

CLAIM = f"""
CREATE FUNCTION app.claim(p_org uuid, p_projects uuid[], p_user uuid, p_role text, p_project uuid, p_stage uuid,
                          p_task uuid, p_limit integer, p_most integer, p_request text,
                          p_kinds text[] DEFAULT '{{label,review}}')
RETURNS SETOF json LANGUAGE plpgsql {SETTINGS} AS $$
DECLARE
  owner uuid;
  runs uuid[];
  skills text[];
  closed uuid[];
  s record;
  k task;
  ids uuid[];
  taken uuid[] := '{{}}';
  free integer;
BEGIN
  PERFORM app.act_for(p_org, p_projects, p_user);
  closed := app.closed();
  SELECT org_id INTO owner FROM project
    WHERE id = p_project AND deleted_at IS NULL AND (org_id = p_org OR id = ANY(p_projects));
  IF owner IS NULL OR p_stage IS NOT NULL AND NOT EXISTS (
    SELECT FROM stage WHERE org_id = owner AND id = p_stage AND project_id = p_project AND id <> ALL(closed))
  THEN
    RAISE EXCEPTION 'not found' USING ERRCODE = 'TS404';
  END IF;
  runs := ARRAY(SELECT id FROM pipeline_run
    WHERE org_id = owner AND project_id = p_project AND state IN ('filling', 'running', 'draining'));
  skills := ARRAY(SELECT g.skill FROM skill_grant g WHERE g.org_id = p_org AND g.user_id = p_user);
  SELECT p_most - count(*) INTO free FROM (
    SELECT FROM task WHERE org_id = owner AND holder = p_user AND state = 'leased' AND lease_until > clock_timestamp()
    LIMIT p_most) held;
  IF free <= 0 THEN
    RAISE EXCEPTION 'too many held' USING ERRCODE = 'TS429';
  END IF;
  free := least(free, p_limit);

  -- What came back to this person or was given to them, first.
{KEPT_FOR_ME.format(open_to_me=OPEN_TO_ME, may_have=MAY_HAVE, postponed="false")}
  IF p_task IS NOT NULL AND free > 0 THEN
    FOR s IN {OPEN_TO_ME} LOOP
      taken := taken || ARRAY(SELECT t.id FROM task t
        WHERE t.id = p_task AND t.org_id = owner AND t.stage_id = s.id AND t.project_id = p_project
          AND t.state = 'ready' AND t.id <> ALL(taken) AND NOT coalesce(s.pushed, false)
          AND (t.preferred_person IS NULL OR t.preferred_until <= clock_timestamp()) AND {MAY_HAVE}
          AND app.room(owner, p_user, s.id, free, s.most_held, s.most_per_person) > 0
        FOR UPDATE OF t SKIP LOCKED);
    END LOOP;
  ELSIF free > 0 THEN
    -- Then the queues, the one with the most urgent head first.
    FOR s IN SELECT o.* FROM ({OPEN_TO_ME}) o CROSS JOIN LATERAL (
        SELECT t.priority, t.due_at, t.id AS head FROM task t
        WHERE t.org_id = owner AND t.project_id = p_project AND t.stage_id = o.id AND t.state = 'ready'
          AND t.preferred_person IS NULL
        ORDER BY t.priority, t.due_at, t.slot, t.id LIMIT 1) h
      WHERE o.pushed IS NOT TRUE
      ORDER BY h.priority, h.due_at, h.head
    LOOP
      EXIT WHEN free <= 0;
      ids := ARRAY(SELECT t.id FROM task t
        WHERE t.org_id = owner AND t.project_id = p_project AND t.stage_id = s.id AND t.state = 'ready'
          AND t.preferred_person IS NULL AND {MAY_HAVE}
        ORDER BY t.priority, t.due_at, t.slot, t.id
        LIMIT CASE WHEN coalesce(s.most_held, s.most_per_person) IS NULL THEN free
              ELSE app.room(owner, p_user, s.id, free, s.most_held, s.most_per_person) END
        FOR UPDATE OF t SKIP LOCKED);
      IF s.overlap > 1 THEN  -- of one unit only one slot
        ids := ARRAY(SELECT (array_agg(t.id))[1] FROM task t WHERE t.id = ANY(ids) GROUP BY t.unit_id);
      END IF;
      taken := taken || ids;
      free := free - cardinality(ids);
    END LOOP;
  END IF;

  -- And last what this person wanted to see later.
{KEPT_FOR_ME.format(open_to_me=OPEN_TO_ME, may_have=MAY_HAVE + " AND t.id <> ALL(taken)", postponed="true")}
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
BEFORE = "app.claim(uuid, uuid[], uuid, text, text[], uuid, uuid, uuid, integer, integer, text, text[])"


class Migration(migrations.Migration):
    dependencies = [("distribution", "0011_micro_tasks")]
    operations = [
        SecureTable("SkillGrant", "private"),
        migrations.RunSQL(WALLS, migrations.RunSQL.noop),
        migrations.RunSQL(
            "".join([DRAWN, WRITE, FINISH, ENTER, ADVANCE, SUBMIT, FRAMES, ROOM, f"DROP FUNCTION {BEFORE};", CLAIM]),
            migrations.RunSQL.noop,
        ),
    ]
