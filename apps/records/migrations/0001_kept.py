"""Tombstones of people and files of own data, their walls, and what only `app_auth` can do: forget an account."""

from django.db import migrations, models

import apps.core.ids

WALLS = """
ALTER TABLE erasure ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasure FORCE ROW LEVEL SECURITY;
CREATE POLICY leave ON erasure FOR INSERT TO app_web WITH CHECK (true);
CREATE POLICY worker ON erasure TO app_worker USING (true) WITH CHECK (true);
GRANT INSERT ON erasure TO app_web;
GRANT SELECT, INSERT, UPDATE ON erasure TO app_worker;

ALTER TABLE own_data ENABLE ROW LEVEL SECURITY;
ALTER TABLE own_data FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON own_data
  USING (user_id = (SELECT app.person())) WITH CHECK (user_id = (SELECT app.person()));
CREATE POLICY worker ON own_data TO app_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON own_data TO app_web;
GRANT SELECT, UPDATE, DELETE ON own_data TO app_worker;

GRANT UPDATE (name, email, password, last_login, is_active) ON person TO app_auth;
GRANT SELECT, DELETE ON token, session, mfa_authenticator TO app_auth;
CREATE POLICY auth ON mfa_authenticator TO app_auth USING (true);
GRANT EXECUTE ON FUNCTION app.organizations() TO app_ops;
"""

FUNCTIONS = """
-- The account of a person becomes nobody's; what they did keeps its id.
CREATE FUNCTION app.forget_account(p_person uuid, p_name text, p_email text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE person SET name = p_name, email = p_email, password = '!', last_login = NULL, is_active = false
  WHERE id = p_person;
  DELETE FROM token WHERE user_id = p_person;
  DELETE FROM session WHERE user_id = p_person;
  DELETE FROM mfa_authenticator WHERE user_id = p_person;
$$;

-- Whether somebody is or was a member of any other organization.
CREATE FUNCTION app.belongs_elsewhere(p_person uuid, p_org uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM membership WHERE user_id = p_person AND org_id <> p_org)
$$;

-- What an account holds beside the person's row, without its secrets: for the file of own data.
CREATE FUNCTION app.account_of(p_person uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT jsonb_build_object(
    'sessions', (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'since', since, 'seen', seen, 'address', address, 'agent', agent)), '[]') FROM session WHERE user_id = p_person),
    'tokens', (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'name', name, 'organizations', organizations, 'created_at', created_at, 'last_used_at', last_used_at,
      'expires_at', expires_at, 'revoked_at', revoked_at)), '[]') FROM token WHERE user_id = p_person),
    'second_factors', (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'type', type, 'created_at', created_at, 'last_used_at', last_used_at)), '[]')
      FROM mfa_authenticator WHERE user_id = p_person))
$$;
"""

SIGNATURES = {
    "app.forget_account(uuid, text, text)": "app_web, app_worker",
    "app.belongs_elsewhere(uuid, uuid)": "app_web, app_worker",
    "app.account_of(uuid)": "app_worker",
}

HANDED_TO_AUTH = (
    "GRANT CREATE ON SCHEMA app TO app_auth;"
    + "".join(
        f"ALTER FUNCTION {function} OWNER TO app_auth; REVOKE ALL ON FUNCTION {function} FROM PUBLIC;"
        f"GRANT EXECUTE ON FUNCTION {function} TO {who};"
        for function, who in SIGNATURES.items()
    )
    + "REVOKE CREATE ON SCHEMA app FROM app_auth;"
)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounts", "0008_sign_in_walls"), ("core", "0001_functions")]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("person_id", models.UUIDField(primary_key=True, serialize=False)),
                ("asked_by", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
                ("former", models.JSONField(null=True)),
                ("swept_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "erasure"},
        ),
        migrations.CreateModel(
            name="OwnData",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("user_id", models.UUIDField()),
                (
                    "state",
                    models.TextField(
                        choices=[("waiting", "Being put together"), ("ready", "Ready")], default="waiting"
                    ),
                ),
                ("path", models.TextField(default="")),
                ("bytes", models.BigIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "own_data",
                "indexes": [models.Index(fields=["user_id", "-asked_at"], name="own_data_of_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "ready"])), name="own_data_state"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")), fields=("user_id",), name="own_data_one_waiting"
                    ),
                ],
            },
        ),
        migrations.RunSQL(WALLS, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, "".join(f"DROP FUNCTION {function};" for function in SIGNATURES)),
        migrations.RunSQL(HANDED_TO_AUTH, migrations.RunSQL.noop),
    ]
