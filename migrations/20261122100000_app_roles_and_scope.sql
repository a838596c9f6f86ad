-- Who may connect, and how a transaction says which organisation it is for.
--
-- Tables belong to the role that runs the migrations. Each service connects as `svc_<service>`,
-- which owns nothing and cannot pass by row-level security. The few reads across organisations run
-- under `sys_<service>`, a role a service takes on for one transaction only (SET LOCAL ROLE); NOINHERIT
-- keeps its rights out of ordinary transactions.

CREATE EXTENSION IF NOT EXISTS btree_gist;

DO $$
DECLARE
  service text;
BEGIN
  FOREACH service IN ARRAY ARRAY['identity', 'booking', 'notification', 'voice_tooling', 'realtime'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'svc_' || service) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', 'svc_' || service);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sys_' || service) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', 'sys_' || service);
    END IF;
    EXECUTE format('GRANT %I TO %I', 'sys_' || service, 'svc_' || service);
  END LOOP;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO PUBLIC;

-- The organisation of this transaction. Without one this raises an error: a forgotten scope must be
-- loud, and `missing_ok` would turn it into an empty answer.
CREATE FUNCTION app.current_org() RETURNS uuid
  LANGUAGE sql STABLE
  AS $$ SELECT current_setting('app.org_id')::uuid $$;
