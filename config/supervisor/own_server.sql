-- For an administrator who sets up PostgreSQL for Tessera and hands out no more than Tessera needs. Safe to run again.
--
--   psql -h HOST -U postgres -v database=tessera -v app_migrate=… -v app_web=… -v app_worker=… -v app_ops=… \
--        -f config/supervisor/own_server.sql
--
-- The four passwords are new ones of your choice. pgvector must be installed on the server.
\set ON_ERROR_STOP on
SET password_encryption = 'scram-sha-256';
\ir roles.sql
ALTER ROLE app_migrate PASSWORD :'app_migrate';
ALTER ROLE app_web PASSWORD :'app_web';
ALTER ROLE app_worker PASSWORD :'app_worker';
ALTER ROLE app_ops PASSWORD :'app_ops';

SELECT format('CREATE DATABASE %I OWNER app_owner', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

\connect :"database"
CREATE EXTENSION IF NOT EXISTS vector;
-- Nobody else on this server signs in here, and the roles of the product make nothing.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'database') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO app_migrate, app_web, app_worker, app_ops', :'database') \gexec
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
