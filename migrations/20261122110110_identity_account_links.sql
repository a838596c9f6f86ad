-- Links that a mail carries to a user, and what a used one has proven.

ALTER TABLE identity.user_account
  ADD COLUMN email_verified_at timestamptz; -- when a link sent there was used; null before
GRANT SELECT (email_verified_at) ON identity.user_account TO svc_identity;

-- A password is set and an address proven by a person, whatever clinics they belong to.
CREATE POLICY own_account ON identity.user_account FOR UPDATE TO sys_identity USING (true);
GRANT UPDATE (password_hash, email_verified_at) ON identity.user_account TO sys_identity;

-- Deleted when used: a row is a link that still works until its end.
CREATE TABLE identity.account_link (
  hash       bytea       NOT NULL PRIMARY KEY CHECK (octet_length(hash) = 32), -- SHA-256 of the token's random bytes
  user_id    uuid        NOT NULL REFERENCES identity.user_account (id) ON DELETE CASCADE,
  purpose    text        NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')), -- good for nothing else
  issued_at  timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX account_link_user ON identity.account_link (user_id, purpose, issued_at);
CREATE INDEX account_link_expires ON identity.account_link (expires_at);

ALTER TABLE identity.account_link ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY issue ON identity.account_link FOR INSERT TO svc_identity WITH CHECK (true);
CREATE POLICY use   ON identity.account_link TO sys_identity USING (true);
GRANT INSERT ON identity.account_link TO svc_identity;
GRANT SELECT, INSERT, DELETE ON identity.account_link TO sys_identity;
