"""An engagement's scope of stages holds for tasks: in the policy, and in the claim, which looks at no closed stage.

The functions of the hot path learn what is closed from the engagements themselves, in the transaction of the claim or
submission. A custom role may leave out reviews, so a claim names the kinds of stages. The policy is of SELECT alone:
who hands a task on writes the next one at a stage that may be closed to them.
"""

from importlib import import_module

from django.db import migrations

POLICY = """
CREATE POLICY scope ON task AS RESTRICTIVE FOR SELECT
  USING (org_id = (SELECT app.org()) OR stage_id <> ALL((SELECT app.closed())::uuid[]));
"""

ACT_FOR = """
CREATE OR REPLACE FUNCTION app.act_for(p_org uuid, p_projects uuid[], p_user uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.org', p_org::text, true), set_config('app.projects', p_projects::text, true),
          set_config('app.user', p_user::text, true);
  PERFORM set_config('app.closed', CASE WHEN p_projects = '{}' THEN '{}' ELSE app.closed_stages(p_org)::text END, true);
END $$;
"""

ONCE = import_module("apps.distribution.migrations.0006_once_in_a_claim")
CLAIM: str = ONCE.REPLACED.replace(ONCE.QUEUE, ONCE.ONCE)
REPLACEMENTS = {
    "p_request text)": "p_request text,\n                          p_kinds text[] DEFAULT '{label,review}')",
    "free integer;": "free integer;\n  closed uuid[];",
    "PERFORM app.act_for(p_org, p_projects, p_user);": (
        "PERFORM app.act_for(p_org, p_projects, p_user);\n  closed := app.closed();"
    ),
    "id = p_stage AND project_id = p_project": "id = p_stage AND project_id = p_project AND id <> ALL(closed)",
    "AND app.stage_takes(st, p_role)": (
        "AND app.stage_takes(st, p_role)\n        AND st.id <> ALL(closed) AND st.kind = ANY(p_kinds)"
    ),
}
for old, new in REPLACEMENTS.items():
    CLAIM = CLAIM.replace(old, new)
BEFORE = "app.claim(uuid, uuid[], uuid, text, text[], uuid, uuid, uuid, integer, integer, text)"


class Migration(migrations.Migration):
    dependencies = [("distribution", "0009_claims_at_their_moment"), ("accounts", "0006_people_walls")]
    operations = [
        migrations.RunSQL(POLICY, "DROP POLICY scope ON task"),
        migrations.RunSQL(ACT_FOR, migrations.RunSQL.noop),
        migrations.RunSQL(f"DROP FUNCTION {BEFORE};{CLAIM}", migrations.RunSQL.noop),
    ]
