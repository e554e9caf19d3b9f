"""Names over the wall between customer and vendor, where their engagement shows them.

Memberships are private, so the question is asked of `app_auth`: it gives names of the other side of the acting
organization's live engagement in this project, and of nobody else.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION app.names_shown(p_project uuid, p_people uuid[]) RETURNS TABLE (user_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT p.id, p.name::text FROM engagement e
  JOIN membership m ON m.org_id = CASE WHEN e.org_id = app.org() THEN e.vendor_id ELSE e.org_id END
  JOIN person p ON p.id = m.user_id
  WHERE e.project_id = p_project AND e.names_shown AND e.state = 'active' AND app.org() IN (e.org_id, e.vendor_id)
    AND coalesce(e.starts_at, '-infinity') <= now() AND coalesce(e.ends_at, 'infinity') > now()
    AND p.id = ANY (p_people)
$$;
GRANT CREATE ON SCHEMA app TO app_auth;
ALTER FUNCTION app.names_shown(uuid, uuid[]) OWNER TO app_auth;
REVOKE ALL ON FUNCTION app.names_shown(uuid, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.names_shown(uuid, uuid[]) TO app_web, app_worker, app_auth;
REVOKE CREATE ON SCHEMA app FROM app_auth;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_walls")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION app.names_shown(uuid, uuid[])")]
