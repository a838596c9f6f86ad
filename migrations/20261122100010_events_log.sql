-- The event log: every committed fact, numbered without gaps within its organisation.

CREATE SCHEMA events;
GRANT USAGE ON SCHEMA events TO
  svc_identity, svc_booking, svc_notification, svc_voice_tooling, svc_realtime,
  sys_booking, sys_notification, sys_realtime;

-- One row an organisation. Its lock is taken as the last statement of a transaction, so numbers are
-- given in the order of commits and none is left out by a rollback.
CREATE TABLE events.counter (
  org_id uuid PRIMARY KEY,
  seq    bigint NOT NULL CHECK (seq >= 0) -- number of the newest event
);

CREATE TABLE events.event (
  org_id uuid        NOT NULL,
  seq    bigint      NOT NULL CHECK (seq > 0),
  id     uuid        NOT NULL,
  type   text        NOT NULL, -- "booking.created" and the like
  at     timestamptz NOT NULL, -- when the change was made, by the service's clock
  data   jsonb       NOT NULL, -- ids, states and times; never a name, a number or a text
  trace  text,                 -- W3C traceparent of the change
  PRIMARY KEY (org_id, seq),
  UNIQUE (org_id, id)
);

-- How far each consumer has come in each organisation.
CREATE TABLE events.progress (
  org_id   uuid   NOT NULL,
  consumer text   NOT NULL,
  seq      bigint NOT NULL, -- number of the last event that was worked through
  PRIMARY KEY (org_id, consumer)
);

ALTER TABLE events.counter  ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE events.event    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE events.progress ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON events.counter
  TO svc_identity, svc_booking, svc_notification, svc_voice_tooling, svc_realtime
  USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON events.event
  TO svc_identity, svc_booking, svc_notification, svc_voice_tooling, svc_realtime
  USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON events.progress
  TO svc_booking, svc_notification
  USING (org_id = (SELECT app.current_org()));

-- Consumers look across organisations for those that have news; they see numbers only.
CREATE POLICY every_org ON events.counter FOR SELECT
  TO sys_booking, sys_notification, sys_realtime USING (true);
CREATE POLICY every_org ON events.progress FOR SELECT
  TO sys_booking, sys_notification USING (true);

GRANT SELECT, INSERT, UPDATE ON events.counter TO svc_identity, svc_booking, svc_notification, svc_voice_tooling;
GRANT SELECT, INSERT ON events.event TO svc_identity, svc_booking, svc_notification, svc_voice_tooling;
GRANT SELECT ON events.counter, events.event TO svc_realtime;
GRANT SELECT, INSERT, UPDATE ON events.progress TO svc_booking, svc_notification;
GRANT SELECT ON events.counter TO sys_booking, sys_notification, sys_realtime;
GRANT SELECT ON events.progress TO sys_booking, sys_notification;
