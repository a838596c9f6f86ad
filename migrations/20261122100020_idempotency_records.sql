-- The first answer to each idempotency key, committed with the work it answers for.

CREATE SCHEMA idempotency;
GRANT USAGE ON SCHEMA idempotency TO svc_booking, svc_notification, svc_voice_tooling;

CREATE TABLE idempotency.record (
  org_id      uuid        NOT NULL,
  operation   text        NOT NULL, -- "booking.create" and the like; a key means one thing in each
  key         text        NOT NULL, -- as the client sent it
  fingerprint bytea       NOT NULL, -- SHA-256 of the request, to notice a key used for another one
  outcome     bytea       NOT NULL, -- the encoded answer or problem
  created_at  timestamptz NOT NULL DEFAULT now(), -- kept for 7 days
  PRIMARY KEY (org_id, operation, key)
);

ALTER TABLE idempotency.record ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON idempotency.record
  TO svc_booking, svc_notification, svc_voice_tooling
  USING (org_id = (SELECT app.current_org()));
-- Records that are past their time are found by age.
CREATE INDEX record_age ON idempotency.record (org_id, created_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency.record TO svc_booking, svc_notification, svc_voice_tooling;
