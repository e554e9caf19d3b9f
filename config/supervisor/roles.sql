-- The database roles. Safe to run again. Passwords are set apart (provision.py); rights on tables are granted by the
-- migrations that make them, so a role can do nothing that no migration names.
DO $$
DECLARE wanted record;
BEGIN
  FOR wanted IN SELECT * FROM (VALUES
    ('app_owner',   'NOLOGIN NOBYPASSRLS'),           -- owns the database, its schemas and tables
    ('app_auth',    'NOLOGIN NOBYPASSRLS'),           -- owns the SECURITY DEFINER functions needed before sign-in
    ('app_migrate', 'LOGIN NOINHERIT NOBYPASSRLS'),   -- acts as app_owner
    ('app_web',     'LOGIN NOBYPASSRLS'),             -- rows only, and only those that the policies show
    ('app_worker',  'LOGIN NOBYPASSRLS'),             -- the same, for jobs, gpu, relay and scheduler
    ('app_ops',     'LOGIN BYPASSRLS')                -- backup and the named commands
  ) AS role (name, attributes)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
      EXECUTE format('CREATE ROLE %I %s', wanted.name, wanted.attributes);
    END IF;
  END LOOP;
END $$;

GRANT app_owner TO app_migrate;
GRANT app_auth TO app_owner;

DO $$
BEGIN
  IF NOT pg_has_role('app_ops', 'pg_read_all_data', 'MEMBER') THEN
    GRANT pg_read_all_data TO app_ops;
  END IF;
  -- An administrator who is no superuser must belong to the owner to give it the database.
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT app_owner TO %I', current_user);
  END IF;
END $$;

-- Whoever logs in to migrate makes everything in the owner's name.
ALTER ROLE app_migrate SET role = 'app_owner';
