-- Who did what to which record: one chain of entries for each organisation.
--
-- An entry is written in the transaction whose work it tells of, and no role of a service can change
-- or remove one. Each entry holds the hash of the one before it, so that whoever can write to the
-- database past these rights cannot change, remove or reorder entries without the chain showing it.

CREATE SCHEMA audit;
GRANT USAGE ON SCHEMA audit TO svc_identity, svc_booking, svc_notification, svc_voice_tooling;

-- The newest entry of each organisation; its lock puts the entries in the order of commits.
CREATE TABLE audit.head (
  org_id uuid   NOT NULL PRIMARY KEY,
  seq    bigint NOT NULL CHECK (seq >= 0), -- of the newest entry, 0 before the first
  hash   bytea  NOT NULL CHECK (octet_length(hash) = 32) -- of the newest entry, zeros before the first
);

CREATE TABLE audit.entry (
  org_id     uuid        NOT NULL,
  seq        bigint      NOT NULL, -- 1, 2, 3, … without a gap
  at         timestamptz NOT NULL,
  caller     text        NOT NULL CHECK (caller !~ '[\n\r]'), -- "user:usr_…", "key:key_…", "call:…", "webhook:…", "job:…"
  request_id text        NOT NULL CHECK (request_id !~ '[\n\r]'), -- the request that it happened in, as logs name it
  action     text        NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'), -- "<record>.<what happened>"
  records    uuid[]      NOT NULL CHECK (cardinality(records) <= 1000), -- the records it happened to, or that were shown
  previous   bytea       NOT NULL CHECK (octet_length(previous) = 32), -- hash of the entry before
  hash       bytea       NOT NULL CHECK (octet_length(hash) = 32), -- see audit.append
  PRIMARY KEY (org_id, seq)
);
CREATE INDEX entry_at ON audit.entry (org_id, at);

ALTER TABLE audit.head  ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE audit.entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON audit.head
  TO svc_identity, svc_booking, svc_notification, svc_voice_tooling
  USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON audit.entry
  TO svc_identity, svc_booking, svc_notification, svc_voice_tooling
  USING (org_id = (SELECT app.current_org()));

GRANT SELECT, INSERT, UPDATE (seq, hash) ON audit.head
  TO svc_identity, svc_booking, svc_notification, svc_voice_tooling;
GRANT INSERT ON audit.entry TO svc_identity, svc_booking, svc_notification, svc_voice_tooling;
-- Identity shows the log to those who may read it.
GRANT SELECT ON audit.entry TO svc_identity;

-- Appends one entry to the chain of the transaction's organisation. It takes the lock of the
-- organisation's head, so it has to come last in a transaction.
--
-- The hash is SHA-256 over the hash of the entry before, followed by these lines in UTF-8, joined by
-- line feeds: organisation, number, microseconds since 1970, caller, request id, action, and the
-- records joined by commas; UUIDs in their usual form.
CREATE FUNCTION audit.append(caller text, request_id text, action text, records uuid[]) RETURNS void
  LANGUAGE plpgsql
  SET search_path = ''
  AS $$
  DECLARE
    org      uuid := app.current_org();
    -- Whole microseconds, which is what the column keeps.
    now_at   timestamptz := clock_timestamp();
    next_seq bigint;
    before   bytea;
    own      bytea;
  BEGIN
    INSERT INTO audit.head (org_id, seq, hash) VALUES (org, 0, decode(repeat('00', 32), 'hex'))
      ON CONFLICT (org_id) DO NOTHING;
    SELECT head.seq + 1, head.hash INTO STRICT next_seq, before
      FROM audit.head WHERE head.org_id = org FOR UPDATE;
    own := sha256(before || convert_to(concat_ws(E'\n', org, next_seq,
      (extract(epoch FROM now_at) * 1000000)::bigint, caller, request_id, action,
      array_to_string(records, ',')), 'UTF8'));
    INSERT INTO audit.entry VALUES
      (org, next_seq, now_at, caller, request_id, action, records, before, own);
    UPDATE audit.head SET seq = next_seq, hash = own WHERE head.org_id = org;
  END $$;
