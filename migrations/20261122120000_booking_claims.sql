-- What a booking or a hold takes. A booking used to be its provider's time and nothing else; now each
-- resource it needs is a claim of its own, all of them in one exclusion constraint.

CREATE TABLE booking.room (
  org_id      uuid    NOT NULL,
  id          uuid    NOT NULL,
  location_id uuid    NOT NULL,
  name        text    NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
  kind        text    NOT NULL CHECK (char_length(kind) BETWEEN 1 AND 60), -- what a service asks for: "treatment", "x-ray"
  active      boolean NOT NULL, -- an inactive room is not given away
  PRIMARY KEY (org_id, id),
  CONSTRAINT room_location_fkey FOREIGN KEY (org_id, location_id) REFERENCES booking.location (org_id, id)
);

-- A slot kept for somebody who has not decided yet.
CREATE TABLE booking.hold (
  org_id      uuid        NOT NULL,
  id          uuid        NOT NULL,
  holder      text        NOT NULL CHECK (char_length(holder) BETWEEN 1 AND 300), -- "user:usr_…", "call:…"
  call_id     text        CHECK (char_length(call_id) BETWEEN 1 AND 128), -- Vapi's id of the call it ends with
  provider_id uuid        NOT NULL,
  service_id  uuid        NOT NULL,
  starts_at   timestamptz NOT NULL,
  ends_at     timestamptz NOT NULL,
  time_zone   text        NOT NULL CHECK (char_length(time_zone) BETWEEN 1 AND 64), -- IANA name
  local_time  timestamp   NOT NULL, -- the civil start as it was promised
  expires_at  timestamptz NOT NULL, -- by the clock of Postgres, which every process shares
  PRIMARY KEY (org_id, id),
  CONSTRAINT hold_provider_fkey FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id),
  CONSTRAINT hold_service_fkey FOREIGN KEY (org_id, service_id) REFERENCES booking.service (org_id, id),
  CHECK (starts_at < ends_at)
);
CREATE INDEX hold_by_expiry ON booking.hold (org_id, expires_at);
CREATE INDEX hold_by_holder ON booking.hold (org_id, holder);
CREATE INDEX hold_by_call ON booking.hold (org_id, call_id) WHERE call_id IS NOT NULL;

-- A claim is there for as long as it keeps others away: it goes when its booking is cancelled or its
-- hold ends.
CREATE TABLE booking.claim (
  org_id      uuid      NOT NULL,
  provider_id uuid,
  room_id     uuid,
  patient_id  uuid,
  resource_id uuid      NOT NULL GENERATED ALWAYS AS (coalesce(provider_id, room_id, patient_id)) STORED,
  booking_id  uuid,
  hold_id     uuid,
  owner_id    uuid      NOT NULL GENERATED ALWAYS AS (coalesce(booking_id, hold_id)) STORED,
  busy_from   timestamptz NOT NULL, -- the visit, and for providers and rooms its buffers
  busy_to     timestamptz NOT NULL,
  busy        tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(busy_from, busy_to, '[)')) STORED,
  exclusive   boolean   NOT NULL, -- false: staff overbooked it, for a reason that the booking's history tells
  PRIMARY KEY (org_id, owner_id, resource_id),
  CONSTRAINT claim_one_resource CHECK (num_nonnulls(provider_id, room_id, patient_id) = 1),
  CONSTRAINT claim_one_owner CHECK (num_nonnulls(booking_id, hold_id) = 1),
  CONSTRAINT claim_provider_fkey FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id),
  CONSTRAINT claim_room_fkey FOREIGN KEY (org_id, room_id) REFERENCES booking.room (org_id, id),
  CONSTRAINT claim_patient_fkey FOREIGN KEY (org_id, patient_id) REFERENCES booking.patient (org_id, id),
  CONSTRAINT claim_booking_fkey FOREIGN KEY (org_id, booking_id) REFERENCES booking.booking (org_id, id),
  CONSTRAINT claim_hold_fkey FOREIGN KEY (org_id, hold_id) REFERENCES booking.hold (org_id, id),
  -- An empty range conflicts with nothing and an infinite one with everything.
  CONSTRAINT claim_range_is_finite CHECK (
    isfinite(busy_from) AND isfinite(busy_to) AND busy_from < busy_to
    AND busy_to - busy_from <= interval '20 hours'
  ),
  -- Nothing is in two places at once.
  CONSTRAINT claim_no_overlap EXCLUDE USING gist (org_id WITH =, resource_id WITH =, busy WITH &&)
    WHERE (exclusive)
);
-- For reading. Under row-level security the operators of ranges cannot use an index, as they are not
-- leakproof; comparisons of times can.
CREATE INDEX claim_by_time ON booking.claim (org_id, resource_id, busy_from);
CREATE INDEX claim_by_hold ON booking.claim (org_id, hold_id) WHERE hold_id IS NOT NULL;

-- The owner sees no row of a table whose row-level security is forced, and has to move them.
ALTER TABLE booking.booking NO FORCE ROW LEVEL SECURITY;
INSERT INTO booking.claim (org_id, provider_id, booking_id, busy_from, busy_to, exclusive)
  SELECT org_id, provider_id, id, lower(busy), upper(busy), true FROM booking.booking WHERE status IN ('booked', 'confirmed');
-- Nobody promised until now that a patient has one visit at a time.
INSERT INTO booking.claim (org_id, patient_id, booking_id, busy_from, busy_to, exclusive)
  SELECT org_id, patient_id, id, starts_at, ends_at, false
  FROM booking.booking WHERE status IN ('booked', 'confirmed');
ALTER TABLE booking.booking FORCE ROW LEVEL SECURITY;

ALTER TABLE booking.booking
  DROP CONSTRAINT booking_no_overlap,
  DROP CONSTRAINT booking_busy_holds_visit,
  DROP COLUMN busy,
  ADD COLUMN room_id uuid, -- null: the service needs none
  ADD COLUMN overbooked boolean NOT NULL DEFAULT false, -- staff booked over what was taken
  ADD CONSTRAINT booking_room_fkey FOREIGN KEY (org_id, room_id) REFERENCES booking.room (org_id, id),
  ADD CONSTRAINT booking_visit_is_a_visit CHECK (ends_at - starts_at <= interval '12 hours'),
  DROP CONSTRAINT booking_status_check,
  ADD CONSTRAINT booking_status_check CHECK (
    status IN ('requested', 'booked', 'confirmed', 'arrived', 'completed', 'no_show', 'cancelled'));
CREATE INDEX booking_by_patient ON booking.booking (org_id, patient_id, starts_at);

ALTER TABLE booking.booking_change
  ADD COLUMN moved_from timestamptz, -- the start it had before it was moved; null when it was not
  DROP CONSTRAINT booking_change_status_check,
  ADD CONSTRAINT booking_change_status_check CHECK (
    status IN ('requested', 'booked', 'confirmed', 'arrived', 'completed', 'no_show', 'cancelled'));

-- How late a patient may still cancel or move by phone; staff always may.
ALTER TABLE booking.service
  ADD COLUMN change_notice_minutes integer NOT NULL DEFAULT 0 CHECK (change_notice_minutes BETWEEN 0 AND 20160);

ALTER TABLE booking.room  ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.hold  ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.claim ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON booking.room  TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.hold  TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.claim TO svc_booking USING (org_id = (SELECT app.current_org()));

GRANT SELECT, INSERT, UPDATE (name, location_id, kind, active) ON booking.room TO svc_booking;
GRANT SELECT, INSERT, DELETE ON booking.hold TO svc_booking;
-- Rows are locked before they are deleted, which takes the right to change something.
GRANT UPDATE (expires_at) ON booking.hold TO svc_booking;
GRANT SELECT, INSERT, DELETE ON booking.claim TO svc_booking;
GRANT UPDATE (provider_id, service_id, room_id, starts_at, ends_at, time_zone, local_time, overbooked)
  ON booking.booking TO svc_booking;
GRANT UPDATE (change_notice_minutes) ON booking.service TO svc_booking;
