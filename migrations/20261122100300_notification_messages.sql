-- Text messages and how far each has come.

CREATE SCHEMA notification;
GRANT USAGE ON SCHEMA notification TO svc_notification, sys_notification;

CREATE TABLE notification.message (
  org_id       uuid        NOT NULL,
  id           uuid        NOT NULL,
  kind         text        NOT NULL CHECK (kind IN ('booking_confirmation', 'direct')),
  dedupe_key   text,                 -- what asked for it, e.g. 'booking.created:evt_…'; null for a direct message
  booking_id   uuid,                 -- the booking it is about
  to_number    text        NOT NULL CHECK (to_number = '' OR to_number ~ '^\+[1-9][0-9]{6,14}$'), -- E.164; empty until the booking was read
  body         text        NOT NULL CHECK (char_length(body) <= 1600), -- empty until written
  state        text        NOT NULL CHECK (state IN
    ('queued', 'sending', 'sent', 'delivered', 'undelivered', 'failed', 'unknown', 'suppressed')),
  cause        text        NOT NULL, -- why it is in that state, in words; empty when all is well
  error_code   integer     NOT NULL, -- Twilio's, 0 when none
  attempt      integer     NOT NULL, -- how often Twilio was called to send it; fences off workers that come back late
  waits        integer     NOT NULL, -- how often it was put back since it was queued; spaces the next try
  looks        integer     NOT NULL, -- how often Twilio's list was read in vain since the last attempt
  sent_again   boolean     NOT NULL, -- it was queued again after an attempt whose outcome stayed unknown
  run_at       timestamptz NOT NULL, -- when it is looked at next; while somebody works on it, the end of the lease
  attempted_at timestamptz,          -- when the last attempt began
  sid          text,                 -- Twilio's id
  former_sids  text[]      NOT NULL, -- Twilio's ids of attempts before a retry; what is said of them is past
  asked_at     timestamptz NOT NULL, -- when the change was made that asks for it
  trace        text,                 -- W3C traceparent of that change; null outside a trace
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  CONSTRAINT message_dedupe UNIQUE (org_id, dedupe_key),
  CHECK (kind = 'direct' OR booking_id IS NOT NULL),
  CHECK (state NOT IN ('sending', 'unknown') OR (to_number <> '' AND attempted_at IS NOT NULL))
);

-- One message in flight per recipient: what Twilio lists for that recipient is then about this one.
CREATE UNIQUE INDEX message_in_flight ON notification.message (org_id, to_number)
  WHERE state IN ('sending', 'unknown');
CREATE UNIQUE INDEX message_sid ON notification.message (org_id, sid) WHERE sid IS NOT NULL;
CREATE INDEX message_due ON notification.message (org_id, run_at)
  WHERE state IN ('queued', 'sending', 'unknown');
-- Texts to one recipient go out in the order in which they were queued.
CREATE INDEX message_waiting ON notification.message (org_id, to_number, id)
  WHERE state = 'queued' AND to_number <> '';
CREATE INDEX message_booking ON notification.message (org_id, booking_id, id)
  WHERE booking_id IS NOT NULL;

ALTER TABLE notification.message ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON notification.message TO svc_notification
  USING (org_id = (SELECT app.current_org()));
-- The sender looks across organisations for those with something due; it sees no number and no text.
CREATE POLICY due ON notification.message FOR SELECT TO sys_notification USING (true);

GRANT SELECT, INSERT, UPDATE ON notification.message TO svc_notification;
GRANT SELECT (org_id, state, run_at) ON notification.message TO sys_notification;
