-- One feed tells whatever ended before its proof expires: sessions, also those that another issuer
-- began and no row of ours knows, and API keys.

ALTER TABLE identity.revocation
  DROP CONSTRAINT revocation_org_id_session_id_fkey, -- an external issuer's session has no row, and a removed member's is gone
  DROP CONSTRAINT revocation_pkey,
  ADD PRIMARY KEY (org_id, position),
  ALTER COLUMN session_id DROP NOT NULL, -- the session that ended, if it was one
  ADD COLUMN key_id uuid, -- the API key that was revoked, if it was one
  ADD CONSTRAINT revocation_names_one CHECK (num_nonnulls(session_id, key_id) = 1);
-- What has ended is told once.
CREATE UNIQUE INDEX revocation_session ON identity.revocation (org_id, session_id);
CREATE UNIQUE INDEX revocation_key ON identity.revocation (org_id, key_id);
CREATE INDEX revocation_age ON identity.revocation (revoked_at);

-- A revocation is told for as long as any token of it could live, and then forgotten.
CREATE POLICY prune ON identity.revocation FOR DELETE TO sys_identity USING (true);
GRANT DELETE ON identity.revocation TO sys_identity;

-- From a user to their sessions, in every organisation.
CREATE INDEX session_of_user ON identity.session (user_id);

-- Where a session is used, for the user who looks through their own.
ALTER TABLE identity.session
  ADD COLUMN last_used_at timestamptz, -- when it was last refreshed; null before the first time
  ADD COLUMN address      text CHECK (char_length(address) <= 64),     -- the network it began from, shortened
  ADD COLUMN user_agent   text CHECK (char_length(user_agent) <= 120); -- browser and system it began in, in words
GRANT UPDATE (last_used_at) ON identity.session TO svc_identity;

-- How many exchanges lie between a token and the sign-in. Two tabs that refresh at the same moment
-- get a successor each; both stand in one generation, and the first one used ends the other.
ALTER TABLE identity.refresh_token ADD COLUMN generation integer NOT NULL DEFAULT 0;

-- Roles change and members leave; opening a session holds the membership still (FOR SHARE).
GRANT UPDATE (role), DELETE ON identity.member TO svc_identity;
