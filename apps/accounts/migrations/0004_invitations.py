"""Invitations, and the two questions that are asked before anybody is known: what a link is for, and whether any
organization was founded yet."""

import django.db.models.manager
from django.conf import settings
from django.db import migrations, models

import apps.core.ids
import apps.core.models
from apps.core.operations import SecureTable

FUNCTIONS = """
GRANT SELECT ON invitation TO app_auth;
CREATE POLICY auth ON invitation TO app_auth USING (true);

CREATE FUNCTION app.invitation_of(p_digest bytea)
RETURNS TABLE (id uuid, org_id uuid, org_name text, email text, name text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.id, o.id, o.name::text, i.email::text, i.name::text, i.role
  FROM invitation i JOIN organization o ON o.id = i.org_id
  WHERE i.digest = p_digest AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
$$;

CREATE FUNCTION app.is_founded() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM organization)
$$;
"""

SIGNATURES = ["app.invitation_of(bytea)", "app.is_founded()"]

HANDED_TO_AUTH = (
    "GRANT CREATE ON SCHEMA app TO app_auth;"
    + "".join(
        f"ALTER FUNCTION {function} OWNER TO app_auth; REVOKE ALL ON FUNCTION {function} FROM PUBLIC;"
        f"GRANT EXECUTE ON FUNCTION {function} TO app_web, app_worker, app_auth;"
        for function in SIGNATURES
    )
    + "REVOKE CREATE ON SCHEMA app FROM app_auth;"
)

ROLES = [
    ("owner", "Owner"),
    ("manager", "Manager"),
    ("engineer", "Engineer"),
    ("reviewer", "Reviewer"),
    ("annotator", "Annotator"),
    ("auditor", "Auditor"),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_names")]
    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=apps.core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("org_id", models.UUIDField(editable=False)),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("role", models.TextField(choices=ROLES)),
                ("digest", models.BinaryField(unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "invited_by",
                    apps.core.models.TenantKey(
                        db_constraint=False,
                        null=True,
                        on_delete=models.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "invitation",
                "abstract": False,
                "base_manager_name": "across_tenants",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                        fields=("org_id", "email"),
                        name="invitation_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", [name for name, _ in ROLES])), name="invitation_role"
                    ),
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_tenants", django.db.models.manager.Manager()),
            ],
        ),
        SecureTable("Invitation", "private"),
        migrations.RunSQL(FUNCTIONS, "".join(f"DROP FUNCTION {function};" for function in SIGNATURES)),
        migrations.RunSQL(HANDED_TO_AUTH, migrations.RunSQL.noop),
    ]
