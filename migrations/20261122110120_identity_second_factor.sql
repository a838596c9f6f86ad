-- A second factor that its user carries along: codes of RFC 6238, and codes for the day it is lost.

ALTER TABLE identity.user_account
  ADD COLUMN second_factor_at timestamptz; -- when sign-in began to ask for a code; null while it does not
GRANT SELECT (second_factor_at) ON identity.user_account TO svc_identity;
GRANT UPDATE (second_factor_at) ON identity.user_account TO sys_identity;

CREATE TABLE identity.second_factor (
  user_id    uuid        NOT NULL PRIMARY KEY REFERENCES identity.user_account (id) ON DELETE CASCADE,
  sealed     bytea       NOT NULL, -- the secret shared with the user's app; opens with VAULT_KEYS for this row only
  started_at timestamptz NOT NULL, -- when the user was shown the secret
  last_step  bigint      NOT NULL DEFAULT 0, -- of the newest code accepted; only later ones are
  failures   integer     NOT NULL DEFAULT 0, -- wrong codes since failing_since
  failing_since timestamptz -- null before the first wrong code
);

-- Deleted when used.
CREATE TABLE identity.recovery_code (
  user_id uuid  NOT NULL REFERENCES identity.second_factor (user_id) ON DELETE CASCADE,
  hash    bytea NOT NULL CHECK (octet_length(hash) = 32), -- SHA-256 of user and code
  PRIMARY KEY (user_id, hash)
);

-- Somebody who gave the right password and not yet a code.
CREATE TABLE identity.login_challenge (
  hash       bytea       NOT NULL PRIMARY KEY CHECK (octet_length(hash) = 32), -- SHA-256 of the token's random bytes
  user_id    uuid        NOT NULL REFERENCES identity.user_account (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  failures   integer     NOT NULL DEFAULT 0 -- wrong codes given with it
);
CREATE INDEX login_challenge_user ON identity.login_challenge (user_id);
CREATE INDEX login_challenge_expires ON identity.login_challenge (expires_at);

ALTER TABLE identity.second_factor   ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.recovery_code   ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.login_challenge ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_account ON identity.second_factor   TO sys_identity USING (true);
CREATE POLICY own_account ON identity.recovery_code   TO sys_identity USING (true);
CREATE POLICY sign_in     ON identity.login_challenge TO sys_identity USING (true);
GRANT SELECT, INSERT, DELETE, UPDATE (sealed, started_at, last_step, failures, failing_since)
  ON identity.second_factor TO sys_identity;
GRANT SELECT, INSERT, DELETE ON identity.recovery_code TO sys_identity;
GRANT SELECT, INSERT, DELETE, UPDATE (failures) ON identity.login_challenge TO sys_identity;
