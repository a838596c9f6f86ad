-- Invitations: who was asked to join a clinic, as what, and until when.

-- Deleted when accepted or taken back: a row is an invitation that is open until its end.
CREATE TABLE identity.invitation (
  org_id     uuid        NOT NULL REFERENCES identity.organization (org_id),
  id         uuid        NOT NULL,
  email      text        NOT NULL CHECK (email = lower(email)), -- where the link was sent
  role       text        NOT NULL CHECK (role IN ('owner', 'admin', 'staff', 'provider', 'auditor')),
  hash       bytea       NOT NULL CHECK (octet_length(hash) = 32), -- SHA-256 of the token's random bytes
  invited_by uuid        NOT NULL, -- the user whose right it stands on; it ends when they lose it
  invited_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, email)
);
-- From a token to its invitation. Not unique, as that would say whether another organisation has it.
CREATE INDEX invitation_hash ON identity.invitation (hash);
CREATE INDEX invitation_expires ON identity.invitation (expires_at);

ALTER TABLE identity.invitation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON identity.invitation TO svc_identity USING (org_id = (SELECT app.current_org()));
CREATE POLICY find  ON identity.invitation FOR SELECT TO sys_identity USING (true);
CREATE POLICY prune ON identity.invitation FOR DELETE TO sys_identity USING (true);

GRANT SELECT, INSERT, DELETE ON identity.invitation TO svc_identity;
GRANT SELECT (org_id, id, email, hash, expires_at), DELETE ON identity.invitation TO sys_identity;
