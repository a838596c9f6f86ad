-- Keys with which a clinic's own programs call.
--
-- A key belongs to the clinic and outlives the membership of whoever made it, so `created_by` is a
-- name and no reference. A gateway that is shown a key does not know its organisation yet: it is
-- found by its hash, as sys_identity.

CREATE TABLE identity.api_key (
  org_id       uuid        NOT NULL REFERENCES identity.organization (org_id),
  id           uuid        NOT NULL,
  name         text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120), -- what the clinic calls it
  hash         bytea       NOT NULL CHECK (octet_length(hash) = 32), -- SHA-256 of the secret's random part
  last_four    text        NOT NULL CHECK (char_length(last_four) = 4), -- the end of the secret, to recognise it by
  scopes       text[]      NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 32), -- permissions such as "bookings:write"
  created_by   uuid        NOT NULL, -- the user who made it, who may have left
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz, -- null when it lasts until it is revoked
  last_used_at timestamptz, -- to the minute; null before the first time
  revoked_at   timestamptz, -- null while it may be used
  PRIMARY KEY (org_id, id)
);
-- From a secret to its key. Not unique, as that would say whether another organisation has it.
CREATE INDEX api_key_hash ON identity.api_key (hash);

ALTER TABLE identity.api_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON identity.api_key TO svc_identity USING (org_id = (SELECT app.current_org()));
CREATE POLICY find ON identity.api_key FOR SELECT TO sys_identity USING (true);
CREATE POLICY used ON identity.api_key FOR UPDATE TO sys_identity USING (true);

GRANT SELECT, INSERT, UPDATE (revoked_at) ON identity.api_key TO svc_identity;
GRANT SELECT (org_id, id, hash, scopes, expires_at, revoked_at, last_used_at), UPDATE (last_used_at)
  ON identity.api_key TO sys_identity;
