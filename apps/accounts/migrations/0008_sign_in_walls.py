"""The walls around sessions, second factors and organizations' own providers, and what is asked of them before anybody
is known: by which provider an organization signs people in, and whether it takes no other way."""

from django.db import migrations

from apps.core.operations import SecureTable

GRANTS = """
REVOKE ALL ON django_session FROM app_web, app_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO app_web;
GRANT SELECT (expire_date), DELETE ON session TO app_worker;
GRANT SELECT ON single_sign_on TO app_auth;
GRANT UPDATE (last_used_at) ON token TO app_auth;
CREATE POLICY auth ON single_sign_on TO app_auth USING (true);

ALTER TABLE mfa_authenticator ENABLE ROW LEVEL SECURITY;
ALTER TABLE mfa_authenticator FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON mfa_authenticator
  USING (user_id = (SELECT app.person())) WITH CHECK (user_id = (SELECT app.person()));
GRANT SELECT, INSERT, UPDATE, DELETE ON mfa_authenticator TO app_web;
"""

FUNCTIONS = """
CREATE FUNCTION app.single_sign_on_of(p_slug text)
RETURNS TABLE (id uuid, org_id uuid, slug text, org_name text, name text, issuer text, client_id text, secret text,
               domains jsonb, enforced boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, o.id, o.slug::text, o.name::text, s.name::text, s.issuer::text, s.client_id::text, s.secret, s.domains,
         s.enforced
  FROM single_sign_on s JOIN organization o ON o.id = s.org_id WHERE o.slug = p_slug
$$;

-- Whether an organization takes nobody who did not come through its provider.
CREATE FUNCTION app.enforces_single_sign_on(p_org uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM single_sign_on WHERE org_id = p_org AND enforced)
$$;

-- Through whose provider a token was made, and that it is in use: noted at most every ten minutes.
CREATE FUNCTION app.use_token(p_digest bytea) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE token SET last_used_at = now() WHERE digest = p_digest AND revoked_at IS NULL
    AND coalesce(last_used_at, '-infinity') < now() - interval '10 minutes';
  SELECT through FROM token WHERE digest = p_digest;
$$;
"""

SIGNATURES = [
    "app.single_sign_on_of(text)",
    "app.enforces_single_sign_on(uuid)",
    "app.use_token(bytea)",
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
    dependencies = [("accounts", "0007_sign_in"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [
        SecureTable("SingleSignOn", "private"),
        SecureTable("Identity", "private"),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, "".join(f"DROP FUNCTION {function};" for function in SIGNATURES)),
        migrations.RunSQL(HANDED_TO_AUTH, migrations.RunSQL.noop),
    ]
