-- The function that every policy asks names what it calls in full, so that nothing on a search path
-- can take its place. It stays one expression without settings of its own, which Postgres can inline.
CREATE OR REPLACE FUNCTION app.current_org() RETURNS uuid
  LANGUAGE sql STABLE
  AS $$ SELECT pg_catalog.current_setting('app.org_id')::pg_catalog.uuid $$;
