-- Users, the organisations they belong to, and their sessions.
--
-- A person may one day work for two clinics, so users stand outside the organisations and a
-- membership ties the two together. Signing in and pruning look across organisations; they run
-- as sys_identity, whose rights are the grants at the end of this file.

CREATE SCHEMA identity;
GRANT USAGE ON SCHEMA identity TO svc_identity, sys_identity;

CREATE TABLE identity.organization (
  org_id     uuid        NOT NULL PRIMARY KEY,
  name       text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120), -- the clinic's name as it signs its texts
  time_zone  text        NOT NULL, -- IANA name
  created_at timestamptz NOT NULL
);

CREATE TABLE identity.user_account (
  id            uuid        NOT NULL PRIMARY KEY,
  email         text        NOT NULL CONSTRAINT user_account_email_key UNIQUE CHECK (email = lower(email)), -- what the user signs in with
  password_hash text        NOT NULL, -- argon2id in PHC form
  created_at    timestamptz NOT NULL
);

CREATE TABLE identity.member (
  org_id     uuid        NOT NULL REFERENCES identity.organization (org_id),
  user_id    uuid        NOT NULL REFERENCES identity.user_account (id),
  role       text        NOT NULL CHECK (role IN ('owner', 'admin', 'staff', 'provider', 'auditor')),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, user_id)
);
-- From a user to their organisations, at sign-in.
CREATE INDEX member_user ON identity.member (user_id);

CREATE TABLE identity.session (
  org_id     uuid        NOT NULL,
  id         uuid        NOT NULL,
  user_id    uuid        NOT NULL,
  started_at timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL, -- however often it is refreshed
  revoked_at timestamptz,          -- null while the session may be refreshed
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, user_id) REFERENCES identity.member (org_id, user_id) ON DELETE CASCADE
);
CREATE INDEX session_ends ON identity.session (ends_at);

-- Every refresh token of a session, used ones included: one that comes back was stolen or copied.
CREATE TABLE identity.refresh_token (
  org_id     uuid        NOT NULL,
  session_id uuid        NOT NULL,
  hash       bytea       NOT NULL CHECK (octet_length(hash) = 32), -- SHA-256 of the token's random part
  issued_at  timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz, -- null for the newest token only
  PRIMARY KEY (org_id, session_id, hash),
  FOREIGN KEY (org_id, session_id) REFERENCES identity.session (org_id, id) ON DELETE CASCADE
);

-- Sessions that ended early, in an order that readers can follow by position.
CREATE TABLE identity.revocation (
  org_id     uuid        NOT NULL,
  session_id uuid        NOT NULL,
  position   bigint      NOT NULL, -- given under the lock of the counter, so in the order of commits
  revoked_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, session_id),
  FOREIGN KEY (org_id, session_id) REFERENCES identity.session (org_id, id) ON DELETE CASCADE
);
CREATE INDEX revocation_position ON identity.revocation (position);

-- A sequence would give numbers before commits, and a reader would pass by those that commit late.
CREATE TABLE identity.revocation_counter (
  singleton boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (singleton), -- there is one row
  position  bigint  NOT NULL -- of the newest revocation
);
INSERT INTO identity.revocation_counter (position) VALUES (0);

ALTER TABLE identity.organization       ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.user_account       ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.member             ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.session            ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.refresh_token      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.revocation         ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON identity.organization  TO svc_identity USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON identity.member        TO svc_identity USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON identity.session       TO svc_identity USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON identity.refresh_token TO svc_identity USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON identity.revocation    TO svc_identity USING (org_id = (SELECT app.current_org()));
-- An organisation sees its members' accounts; an account that is being made belongs to nobody yet.
CREATE POLICY members ON identity.user_account FOR SELECT TO svc_identity
  USING (EXISTS (
    SELECT FROM identity.member
    WHERE member.org_id = (SELECT app.current_org()) AND member.user_id = user_account.id
  ));
CREATE POLICY sign_up ON identity.user_account FOR INSERT TO svc_identity WITH CHECK (true);

CREATE POLICY sign_in  ON identity.organization FOR SELECT TO sys_identity USING (true);
CREATE POLICY sign_in  ON identity.user_account FOR SELECT TO sys_identity USING (true);
CREATE POLICY sign_in  ON identity.member       FOR SELECT TO sys_identity USING (true);
CREATE POLICY feed     ON identity.revocation   FOR SELECT TO sys_identity USING (true);
CREATE POLICY find_old ON identity.session      FOR SELECT TO sys_identity USING (true);
CREATE POLICY prune    ON identity.session      FOR DELETE TO sys_identity USING (true);

GRANT SELECT, INSERT ON identity.organization, identity.member TO svc_identity;
-- No statement within an organisation reads a password hash.
GRANT SELECT (id, email, created_at), INSERT ON identity.user_account TO svc_identity;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON identity.session TO svc_identity;
GRANT SELECT, INSERT, UPDATE (used_at) ON identity.refresh_token TO svc_identity;
GRANT SELECT, INSERT ON identity.revocation TO svc_identity;
GRANT SELECT, UPDATE (position) ON identity.revocation_counter TO svc_identity;

GRANT SELECT ON identity.organization, identity.user_account, identity.member, identity.revocation,
  identity.revocation_counter TO sys_identity;
GRANT SELECT, DELETE ON identity.session TO sys_identity;
