-- Google calendars of the people whose time is booked: what is written there, what is read, and the
-- private feed of each. Tokens are not here: identity keeps them.

-- A consent that was asked for and has not come back. Its rows are looked for by the hash alone, as
-- the answer comes from a browser that has no token.
CREATE TABLE booking.calendar_consent (
  org_id       uuid        NOT NULL,
  id           uuid        NOT NULL,
  state_hash   bytea       NOT NULL CHECK (length(state_hash) = 32),   -- SHA-256 of the state that Google brings back
  browser_hash bytea       NOT NULL CHECK (length(browser_hash) = 32), -- SHA-256 of what the browser holds in a cookie
  verifier     text        NOT NULL CHECK (char_length(verifier) BETWEEN 43 AND 128), -- PKCE; of no use without the code
  provider_id  uuid        NOT NULL, -- whose calendar it is to be
  user_id      uuid        NOT NULL, -- the member who asked
  session_id   uuid        NOT NULL, -- and the session they asked in
  expires_at   timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, state_hash),
  FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id)
);
CREATE INDEX calendar_consent_by_state ON booking.calendar_consent (state_hash);
CREATE INDEX calendar_consent_expiry ON booking.calendar_consent (expires_at);

CREATE TABLE booking.calendar (
  org_id           uuid        NOT NULL,
  provider_id      uuid        NOT NULL, -- whose calendar it is
  connection       uuid        NOT NULL, -- made anew with each consent; what an earlier one began is not finished
  state            text        NOT NULL CHECK (state IN ('connected', 'reconnect')), -- reconnect: Google takes the consent back
  cause            text        NOT NULL CHECK (char_length(cause) <= 200), -- why it is not well, in words; empty when it is
  when_unknown     text        NOT NULL CHECK (when_unknown IN ('block', 'allow_and_flag')), -- what to do while Google cannot say who is busy
  shows_patients   boolean     NOT NULL, -- whether the patient's name is written into events
  connected_at     timestamptz NOT NULL,
  connected_by     uuid        NOT NULL, -- the member who connected it
  sync_token       text        CHECK (char_length(sync_token) <= 4096), -- where Google's changes go on; null: read everything
  page_token       text        CHECK (char_length(page_token) <= 4096), -- where an interrupted reading of everything goes on
  sweep            bigint      NOT NULL DEFAULT 0 CHECK (sweep >= 0), -- numbers readings of everything; what the last one did not meet is gone
  swept_at         timestamptz, -- when everything was read last
  sweeping_since   timestamptz, -- when the reading under way began; it looks from there
  synced_at        timestamptz, -- up to when Google's changes are known; null: never read
  run_at           timestamptz NOT NULL, -- when it is read next
  leased_until     timestamptz, -- a worker reads it until then, or has died
  rung             boolean     NOT NULL DEFAULT false, -- Google rang since the worker began
  failures         integer     NOT NULL DEFAULT 0 CHECK (failures >= 0), -- in a row
  channel_id       uuid,        -- Google rings with it when something changes
  channel_hash     bytea       CHECK (length(channel_hash) = 32), -- SHA-256 of the token that a ring has to bring
  channel_resource text        CHECK (char_length(channel_resource) <= 300), -- Google's name of what is watched
  channel_until    timestamptz, -- when Google stops ringing
  PRIMARY KEY (org_id, provider_id),
  FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id)
);
CREATE INDEX calendar_due ON booking.calendar (run_at) WHERE state = 'connected';
CREATE INDEX calendar_channel ON booking.calendar (channel_id) WHERE channel_id IS NOT NULL;

-- What somebody has in their own calendar: when, and nothing else.
CREATE TABLE booking.calendar_busy (
  org_id      uuid      NOT NULL,
  provider_id uuid      NOT NULL,
  event_id    text      NOT NULL CHECK (char_length(event_id) BETWEEN 1 AND 1024), -- Google's
  busy        tstzrange NOT NULL CHECK (NOT isempty(busy) AND isfinite(lower(busy)) AND isfinite(upper(busy))),
  sweep       bigint    NOT NULL CHECK (sweep >= 0), -- the reading of everything that met it last
  PRIMARY KEY (org_id, provider_id, event_id),
  FOREIGN KEY (org_id, provider_id) REFERENCES booking.calendar (org_id, provider_id) ON DELETE CASCADE
);
CREATE INDEX calendar_busy_when ON booking.calendar_busy USING gist (org_id, provider_id, busy);

-- Each booking in each calendar that it is, was or is to be in.
CREATE TABLE booking.calendar_event (
  org_id      uuid        NOT NULL,
  provider_id uuid        NOT NULL,
  booking_id  uuid        NOT NULL,
  written     text        NOT NULL CHECK (written IN ('nothing', 'event', 'deleted')), -- what Google is known to have
  etag        text        CHECK (char_length(etag) <= 200), -- of what we wrote
  google_updated timestamptz, -- Google's time of what we wrote: what it tells from before is old
  starts_at   timestamptz, -- what was written, to tell our own echo from a change by somebody else
  ends_at     timestamptz,
  conflict    text        CHECK (conflict IN ('moved', 'deleted')), -- what somebody did to our event in Google
  conflict_etag text      CHECK (char_length(conflict_etag) <= 200), -- of that change, which is told once
  is_due      boolean     NOT NULL, -- whether the booking may differ from what was written
  run_at      timestamptz NOT NULL, -- when it is looked at next
  leased_until timestamptz, -- a worker writes it until then, or has died
  asked       bigint      NOT NULL, -- grows with every change of the booking
  failures    integer     NOT NULL DEFAULT 0 CHECK (failures >= 0), -- in a row
  sweep       bigint      NOT NULL DEFAULT 0 CHECK (sweep >= 0), -- the reading of everything that met it last
  PRIMARY KEY (org_id, provider_id, booking_id),
  FOREIGN KEY (org_id, provider_id) REFERENCES booking.calendar (org_id, provider_id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, booking_id) REFERENCES booking.booking (org_id, id)
);
CREATE INDEX calendar_event_due ON booking.calendar_event (run_at) WHERE is_due;
CREATE INDEX calendar_event_of_booking ON booking.calendar_event (org_id, booking_id);

-- A calendar program reads somebody's appointments with a key of its own.
CREATE TABLE booking.calendar_feed (
  org_id      uuid        NOT NULL,
  provider_id uuid        NOT NULL,
  key_hash    bytea       NOT NULL CHECK (length(key_hash) = 32), -- SHA-256 of the key
  made_at     timestamptz NOT NULL,
  PRIMARY KEY (org_id, provider_id),
  UNIQUE (org_id, key_hash),
  FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id)
);
CREATE INDEX calendar_feed_by_key ON booking.calendar_feed (key_hash);

ALTER TABLE booking.calendar_consent ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.calendar         ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.calendar_busy    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.calendar_event   ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.calendar_feed    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON booking.calendar_consent TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.calendar         TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.calendar_busy    TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.calendar_event   TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.calendar_feed    TO svc_booking USING (org_id = (SELECT app.current_org()));

GRANT SELECT, INSERT, DELETE ON booking.calendar_consent TO svc_booking;
GRANT SELECT, INSERT, UPDATE, DELETE ON booking.calendar, booking.calendar_busy, booking.calendar_event TO svc_booking;
GRANT SELECT, INSERT, UPDATE (key_hash, made_at) ON booking.calendar_feed TO svc_booking;

-- A state, a channel and a key name their organisation before anybody is known; and work that is due
-- is looked for in every organisation.
GRANT USAGE ON SCHEMA booking TO sys_booking;
CREATE POLICY every_org ON booking.calendar_consent FOR SELECT TO sys_booking USING (true);
CREATE POLICY every_org ON booking.calendar         FOR SELECT TO sys_booking USING (true);
CREATE POLICY every_org ON booking.calendar_event   FOR SELECT TO sys_booking USING (true);
CREATE POLICY every_org ON booking.calendar_feed    FOR SELECT TO sys_booking USING (true);
GRANT SELECT (org_id, id, state_hash, expires_at) ON booking.calendar_consent TO sys_booking;
GRANT SELECT (org_id, provider_id, state, run_at, leased_until, channel_id) ON booking.calendar TO sys_booking;
GRANT SELECT (org_id, provider_id, is_due, run_at, leased_until) ON booking.calendar_event TO sys_booking;
GRANT SELECT (org_id, provider_id, key_hash) ON booking.calendar_feed TO sys_booking;
