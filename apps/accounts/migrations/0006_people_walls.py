"""The walls around custom roles and teams; engagements with a scope; what is asked across the wall about them.

An offer must not tell who exists: the customer sees a vendor only once it has accepted. The vendor answers by a
function of `app_auth`, which moves the state and nothing else.
"""

from django.db import migrations

from apps.core.operations import SecureTable

# Filled for the engagements that there are; the owner would be blind under FORCE.
FILL = """
ALTER TABLE engagement NO FORCE ROW LEVEL SECURITY;
ALTER TABLE project NO FORCE ROW LEVEL SECURITY;
ALTER TABLE organization NO FORCE ROW LEVEL SECURITY;
UPDATE engagement e SET project_name = p.name, addressee = o.name,
    accepted_at = CASE WHEN e.state = 'active' THEN e.created_at END
  FROM project p, organization o WHERE p.id = e.project_id AND o.id = e.vendor_id;
SET CONSTRAINTS ALL IMMEDIATE;  -- checks that wait for the end would keep the tables from being altered
ALTER TABLE engagement FORCE ROW LEVEL SECURITY;
ALTER TABLE project FORCE ROW LEVEL SECURITY;
ALTER TABLE organization FORCE ROW LEVEL SECURITY;
"""

KEYS = """
ALTER TABLE custom_role NO FORCE ROW LEVEL SECURITY;
ALTER TABLE membership NO FORCE ROW LEVEL SECURITY;
ALTER TABLE invitation NO FORCE ROW LEVEL SECURITY;
ALTER TABLE membership ADD CONSTRAINT membership_custom_role_id_tenant FOREIGN KEY (org_id, custom_role_id)
  REFERENCES custom_role (org_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE invitation ADD CONSTRAINT invitation_custom_role_id_tenant FOREIGN KEY (org_id, custom_role_id)
  REFERENCES custom_role (org_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE custom_role FORCE ROW LEVEL SECURITY;
ALTER TABLE membership FORCE ROW LEVEL SECURITY;
ALTER TABLE invitation FORCE ROW LEVEL SECURITY;
"""

POLICIES = """
ALTER POLICY tenant ON organization USING (id = (SELECT app.org()) OR id IN (
  SELECT org_id FROM engagement WHERE vendor_id = (SELECT app.org()) UNION
  SELECT vendor_id FROM engagement
  WHERE org_id = (SELECT app.org()) AND (accepted_at IS NOT NULL OR state = 'active')));
GRANT SELECT ON custom_role, stage TO app_auth;
GRANT UPDATE (state, accepted_at, ended_at) ON engagement TO app_auth;
GRANT SELECT (id, org_id, worker_org_id, actor_id, verb, object_type, object_id, details, at)
  ON audit_event TO app_auth;
CREATE POLICY auth ON custom_role TO app_auth USING (true);
CREATE POLICY auth ON stage FOR SELECT TO app_auth USING (true);
CREATE POLICY auth ON audit_event FOR SELECT TO app_auth USING (object_type = 'engagement');
"""

FUNCTIONS = """
CREATE FUNCTION app.closed() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT coalesce(nullif(current_setting('app.closed', true), ''), '{}')::uuid[]
$$;

-- The stages of people that an organization's live engagements leave out. Asked by whoever may see both tables.
CREATE FUNCTION app.closed_stages(p_org uuid) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(s.id), '{}') FROM engagement e
  JOIN stage s ON s.org_id = e.org_id AND s.project_id = e.project_id
  WHERE e.vendor_id = p_org AND e.state = 'active' AND e.stages <> '[]' AND s.kind IN ('label', 'review')
    AND NOT e.stages ? s.key::text
$$;

DROP FUNCTION app.whoami_token(bytea, text);
DROP FUNCTION app.whoami(uuid, text);

CREATE FUNCTION app.whoami(p_user uuid, p_slug text)
RETURNS TABLE (org_id uuid, slug text, org_name text, role text, projects uuid[], user_id uuid, email text, name text,
               closed uuid[], actions jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.id, o.slug::text, o.name::text, m.role, app.engaged_projects(o.id, m.role), p.id, p.email::text,
         p.name::text, app.closed_stages(o.id), c.actions
  FROM organization o JOIN membership m ON m.org_id = o.id JOIN person p ON p.id = m.user_id
    LEFT JOIN custom_role c ON c.org_id = m.org_id AND c.id = m.custom_role_id
  WHERE o.slug = p_slug AND p.id = p_user AND p.is_active AND m.deactivated_at IS NULL
$$;

CREATE FUNCTION app.whoami_token(p_digest bytea, p_slug text)
RETURNS TABLE (org_id uuid, slug text, org_name text, role text, projects uuid[], user_id uuid, email text, name text,
               closed uuid[], actions jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT w.* FROM token t CROSS JOIN LATERAL app.whoami(t.user_id, p_slug) w
  WHERE t.digest = p_digest AND t.revoked_at IS NULL AND coalesce(t.expires_at, 'infinity') > now()
    AND (t.organizations = '[]' OR t.organizations ? p_slug)
$$;

-- Whom an offer is for: by the slug, or by a name that one organization alone has.
CREATE FUNCTION app.organization_called(p_words text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce((SELECT id FROM organization WHERE slug = lower(p_words)),
                  (SELECT min(id::text)::uuid FROM organization WHERE name = p_words HAVING count(*) = 1))
$$;

-- The vendor's part: accept what is offered to it, refuse it, end what is live. Accepting settles its other offers of
-- the project.
CREATE FUNCTION app.answer_engagement(p_engagement uuid, p_state text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH answered AS (
    UPDATE engagement SET state = p_state,
        accepted_at = CASE WHEN p_state = 'active' THEN clock_timestamp() ELSE accepted_at END,
        ended_at = CASE WHEN p_state = 'ended' THEN clock_timestamp() END
      WHERE id = p_engagement AND vendor_id = app.org()
        AND (state, p_state) IN (('offered', 'active'), ('offered', 'ended'), ('active', 'ended'))
      RETURNING org_id, vendor_id, project_id),
  settled AS (
    UPDATE engagement e SET state = 'ended', ended_at = clock_timestamp() FROM answered a
      WHERE p_state = 'active' AND e.org_id = a.org_id AND e.vendor_id = a.vendor_id AND e.project_id = a.project_id
        AND e.state = 'offered' AND e.id <> p_engagement)
  SELECT EXISTS (SELECT FROM answered)
$$;

-- What became of an engagement, for its two sides. Who did it is told to their own side alone.
CREATE FUNCTION app.engagement_history(p_engagement uuid)
RETURNS TABLE (verb text, org_id uuid, actor_id uuid, details jsonb, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.verb, a.worker_org_id, CASE WHEN a.worker_org_id = app.org() THEN a.actor_id END, a.details, a.at
  FROM engagement e JOIN audit_event a
    ON a.org_id = e.org_id AND a.object_type = 'engagement' AND a.object_id = e.id
  WHERE e.id = p_engagement AND app.org() IN (e.org_id, e.vendor_id)
  ORDER BY a.id
$$;
"""

SIGNATURES = [
    "app.whoami(uuid, text)",
    "app.whoami_token(bytea, text)",
    "app.organization_called(text)",
    "app.answer_engagement(uuid, text)",
    "app.engagement_history(uuid)",
]

HANDED_TO_AUTH = (
    "GRANT CREATE ON SCHEMA app TO app_auth;"
    + "".join(
        f"ALTER FUNCTION {function} OWNER TO app_auth; REVOKE ALL ON FUNCTION {function} FROM PUBLIC;"
        f"GRANT EXECUTE ON FUNCTION {function} TO app_web, app_worker, app_auth;"
        for function in SIGNATURES
    )
    + "REVOKE CREATE ON SCHEMA app FROM app_auth;"
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_people"), ("pipelines", "0002_walls"), ("projects", "0002_walls")]
    operations = [
        SecureTable("CustomRole", "private"),
        SecureTable("Team", "private"),
        SecureTable("TeamMember", "private"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(HANDED_TO_AUTH, migrations.RunSQL.noop),
    ]
