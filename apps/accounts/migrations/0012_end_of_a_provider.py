"""With an organization's provider end the tokens that came through it: they are their people's, whom it cannot see."""

from django.db import migrations

FUNCTION = """
GRANT UPDATE (revoked_at) ON token TO app_auth;
CREATE FUNCTION app.end_tokens_through() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE token SET revoked_at = now() WHERE through = app.org() AND revoked_at IS NULL
$$;
GRANT CREATE ON SCHEMA app TO app_auth;
ALTER FUNCTION app.end_tokens_through() OWNER TO app_auth;
REVOKE ALL ON FUNCTION app.end_tokens_through() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.end_tokens_through() TO app_web;
REVOKE CREATE ON SCHEMA app FROM app_auth;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_operators_close_accounts")]
    operations = [
        migrations.RunSQL(
            FUNCTION, "DROP FUNCTION app.end_tokens_through(); REVOKE UPDATE (revoked_at) ON token FROM app_auth"
        )
    ]
