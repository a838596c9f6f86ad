-- Mails that identity owes people, queued in the transaction of what they tell.
--
-- A mail goes to a user or to an address without an account, so no organisation owns it. Requests
-- only add to the queue; the sender reads and settles it as sys_identity.

CREATE TABLE identity.mail (
  id         uuid        NOT NULL PRIMARY KEY,
  kind       text        NOT NULL CHECK (kind IN ('verify_email', 'reset_password', 'password_changed', 'invitation')), -- what it is about
  state      text        NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dropped', 'failed', 'expired')), -- what became of it
  sealed     bytea, -- address, text and link, opens with VAULT_KEYS for this row only; null as soon as it is not needed any more
  attempts   integer     NOT NULL DEFAULT 0, -- how often it was handed over or tried to be
  queued_at  timestamptz NOT NULL,
  due_at     timestamptz NOT NULL, -- not sent before; the end of the lease while somebody sends it
  expires_at timestamptz NOT NULL, -- not sent after
  settled_at timestamptz,          -- null while queued
  CHECK ((state = 'queued') = (sealed IS NOT NULL)),
  CHECK ((state = 'queued') = (settled_at IS NULL))
);
CREATE INDEX mail_due ON identity.mail (due_at) WHERE state = 'queued';
CREATE INDEX mail_settled ON identity.mail (settled_at) WHERE state <> 'queued';

ALTER TABLE identity.mail ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY queue ON identity.mail FOR INSERT TO svc_identity WITH CHECK (true);
CREATE POLICY send  ON identity.mail TO sys_identity USING (true);

GRANT INSERT (id, kind, sealed, queued_at, due_at, expires_at) ON identity.mail TO svc_identity, sys_identity;
GRANT SELECT, DELETE ON identity.mail TO sys_identity;
GRANT UPDATE (state, sealed, attempts, due_at, settled_at) ON identity.mail TO sys_identity;
