"""The schema `app` and the functions that policies and hot paths call."""

from django.db import migrations

FORWARD = """
CREATE SCHEMA IF NOT EXISTS app;
GRANT USAGE ON SCHEMA app TO app_web, app_worker, app_auth;

-- Raising, not null: an unset tenant must be an error, never an empty answer.
CREATE FUNCTION app.org() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE setting text := current_setting('app.org', true);
BEGIN
  IF setting IS NULL OR setting = '' THEN
    RAISE EXCEPTION 'tenant context not set' USING ERRCODE = '42501';
  END IF;
  RETURN setting::uuid;
END $$;

CREATE FUNCTION app.projects() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT coalesce(nullif(current_setting('app.projects', true), ''), '{}')::uuid[]
$$;

CREATE FUNCTION app.person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT nullif(current_setting('app.user', true), '')::uuid
$$;

-- The twin of core.ids.new_id (PostgreSQL before 18 has no uuidv7): rows made in one statement keep their order too.
CREATE FUNCTION app.new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT encode(
    substring(int8send(now.micros / 1000) FROM 3)
    || substring(int4send(28672 | ((now.micros % 1000) * 4096 / 1000)::int) FROM 3)
    || substring(uuid_send(gen_random_uuid()) FROM 9), 'hex')::uuid
  FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros) AS now
$$;
"""

BACKWARD = "DROP SCHEMA app CASCADE;"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
