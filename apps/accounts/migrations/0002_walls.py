"""The walls around people and organizations, and what may be asked before there is a context.

The functions belong to `app_auth`, a role that cannot sign in and sees only these tables; each answers one question.
"""

from django.db import migrations

from apps.core.operations import SecureTable

GLOBAL = """
GRANT SELECT, INSERT, UPDATE ON person TO app_web, app_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session TO app_web, app_worker;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO app_web, app_worker;
GRANT SELECT ON person, organization, membership, engagement, token TO app_auth;
"""

# An organization is its own owner; a token is its person's; an engagement has two sides.
OWN = """
ALTER TABLE organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organization USING (id = (SELECT app.org()) OR id IN (
  SELECT org_id FROM engagement WHERE vendor_id = (SELECT app.org()) UNION
  SELECT vendor_id FROM engagement WHERE org_id = (SELECT app.org()))) WITH CHECK (id = (SELECT app.org()));
CREATE POLICY auth ON organization TO app_auth USING (true);
CREATE POLICY worker ON organization TO app_worker USING (true);
GRANT SELECT, INSERT, UPDATE ON organization TO app_web, app_worker;

ALTER TABLE token ENABLE ROW LEVEL SECURITY;
ALTER TABLE token FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON token USING (user_id = (SELECT app.person())) WITH CHECK (user_id = (SELECT app.person()));
CREATE POLICY auth ON token TO app_auth USING (true);
GRANT SELECT, INSERT, UPDATE ON token TO app_web;

CREATE POLICY auth ON membership TO app_auth USING (true);
CREATE POLICY auth ON engagement TO app_auth USING (true);
CREATE POLICY vendor ON engagement FOR SELECT USING (vendor_id = (SELECT app.org()));
"""

FUNCTIONS = """
CREATE FUNCTION app.engaged_projects(p_org uuid, p_role text) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT project_id), '{}') FROM engagement
  WHERE vendor_id = p_org AND state = 'active' AND roles ? p_role
    AND coalesce(starts_at, '-infinity') <= now() AND coalesce(ends_at, 'infinity') > now()
$$;

CREATE FUNCTION app.whoami(p_user uuid, p_slug text)
RETURNS TABLE (org_id uuid, slug text, org_name text, role text, projects uuid[], user_id uuid, email text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.id, o.slug::text, o.name::text, m.role, app.engaged_projects(o.id, m.role), p.id, p.email::text, p.name::text
  FROM organization o JOIN membership m ON m.org_id = o.id JOIN person p ON p.id = m.user_id
  WHERE o.slug = p_slug AND p.id = p_user AND p.is_active AND m.deactivated_at IS NULL
$$;

CREATE FUNCTION app.person_of_token(p_digest bytea) RETURNS TABLE (user_id uuid, email text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.email::text, p.name::text FROM token t JOIN person p ON p.id = t.user_id
  WHERE t.digest = p_digest AND t.revoked_at IS NULL AND coalesce(t.expires_at, 'infinity') > now() AND p.is_active
$$;

CREATE FUNCTION app.whoami_token(p_digest bytea, p_slug text)
RETURNS TABLE (org_id uuid, slug text, org_name text, role text, projects uuid[], user_id uuid, email text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT w.* FROM token t CROSS JOIN LATERAL app.whoami(t.user_id, p_slug) w
  WHERE t.digest = p_digest AND t.revoked_at IS NULL AND coalesce(t.expires_at, 'infinity') > now()
    AND (t.organizations = '[]' OR t.organizations ? p_slug)
$$;

CREATE FUNCTION app.places_of(p_user uuid) RETURNS TABLE (slug text, name text, role text, org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.slug::text, o.name::text, m.role, o.id FROM membership m JOIN organization o ON o.id = m.org_id
  WHERE m.user_id = p_user AND m.deactivated_at IS NULL ORDER BY o.name
$$;

-- Which organizations there are: for sweepers, which then act for each in its own context.
CREATE FUNCTION app.organizations() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT id FROM organization ORDER BY id $$;
"""

SIGNATURES = [
    "app.engaged_projects(uuid, text)",
    "app.whoami(uuid, text)",
    "app.person_of_token(bytea)",
    "app.whoami_token(bytea, text)",
    "app.places_of(uuid)",
    "app.organizations()",
]


def handed_to_auth() -> str:
    """Give the functions to `app_auth`, and the right to call them to the two logins alone."""
    return (
        "GRANT CREATE ON SCHEMA app TO app_auth;"
        + "".join(
            f"ALTER FUNCTION {function} OWNER TO app_auth; REVOKE ALL ON FUNCTION {function} FROM PUBLIC;"
            f"GRANT EXECUTE ON FUNCTION {function} TO app_web, app_worker, app_auth;"
            for function in SIGNATURES
        )
        + "REVOKE CREATE ON SCHEMA app FROM app_auth;"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("activity", "0002_walls"),
        ("core", "0001_functions"),
        ("jobs", "0002_walls"),
        ("sessions", "0001_initial"),
    ]
    operations = [
        SecureTable("Membership", "private"),
        SecureTable("Engagement", "private"),
        migrations.RunSQL(GLOBAL, migrations.RunSQL.noop),
        migrations.RunSQL(OWN, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, "".join(f"DROP FUNCTION {function};" for function in reversed(SIGNATURES))),
        migrations.RunSQL(handed_to_auth(), migrations.RunSQL.noop),
    ]
