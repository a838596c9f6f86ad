-- People who wait for time to become free, and visits that come again.

CREATE TABLE booking.waitlist_entry (
  org_id      uuid        NOT NULL,
  id          uuid        NOT NULL,
  patient_id  uuid        NOT NULL,
  service_id  uuid        NOT NULL,
  provider_id uuid,                 -- null: any provider
  from_date   date        NOT NULL, -- civil days at the clinic, both included
  to_date     date        NOT NULL,
  part_of_day text        NOT NULL CHECK (part_of_day IN ('any', 'morning', 'afternoon', 'evening')),
  priority    integer     NOT NULL CHECK (priority BETWEEN 0 AND 9), -- higher comes first
  note        text        NOT NULL CHECK (char_length(note) <= 500),
  state       text        NOT NULL CHECK (state IN ('waiting', 'offered', 'booked', 'declined', 'removed')),
  missed      integer     NOT NULL CHECK (missed >= 0), -- offers that it let run out; fewer come first
  booking_id  uuid,                 -- what became of it
  version     bigint      NOT NULL CHECK (version > 0), -- grows by one with every change
  queued_at   timestamptz NOT NULL, -- since when it waits; anew after an offer that ran out
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  CONSTRAINT waitlist_entry_patient_fkey FOREIGN KEY (org_id, patient_id) REFERENCES booking.patient (org_id, id),
  CONSTRAINT waitlist_entry_service_fkey FOREIGN KEY (org_id, service_id) REFERENCES booking.service (org_id, id),
  CONSTRAINT waitlist_entry_provider_fkey FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id),
  CONSTRAINT waitlist_entry_booking_fkey FOREIGN KEY (org_id, booking_id) REFERENCES booking.booking (org_id, id),
  CHECK (from_date <= to_date),
  CHECK ((state = 'booked') = (booking_id IS NOT NULL))
);
CREATE INDEX waitlist_entry_by_rank ON booking.waitlist_entry (org_id, missed, (-priority), queued_at, id);
CREATE INDEX waitlist_entry_waiting ON booking.waitlist_entry (org_id, missed, (-priority), queued_at, id)
  WHERE state = 'waiting';
CREATE INDEX waitlist_entry_by_patient ON booking.waitlist_entry (org_id, patient_id);

-- What an entry was offered, one after the other. The slot itself is kept by a hold, which is gone
-- once the offer has ended, so this points to none.
CREATE TABLE booking.waitlist_offer (
  org_id      uuid        NOT NULL,
  id          uuid        NOT NULL, -- the hold's
  entry_id    uuid        NOT NULL,
  provider_id uuid        NOT NULL,
  starts_at   timestamptz NOT NULL,
  ends_at     timestamptz NOT NULL,
  time_zone   text        NOT NULL CHECK (char_length(time_zone) BETWEEN 1 AND 64), -- IANA name
  local_time  timestamp   NOT NULL, -- the civil start as it was promised
  expires_at  timestamptz NOT NULL, -- the hold's, by the clock of Postgres
  state       text        NOT NULL CHECK (state IN ('live', 'accepted', 'declined', 'expired', 'withdrawn')),
  PRIMARY KEY (org_id, id),
  CONSTRAINT waitlist_offer_entry_fkey FOREIGN KEY (org_id, entry_id) REFERENCES booking.waitlist_entry (org_id, id),
  CONSTRAINT waitlist_offer_provider_fkey FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id),
  CHECK (starts_at < ends_at)
);
CREATE UNIQUE INDEX waitlist_offer_one_live ON booking.waitlist_offer (org_id, entry_id) WHERE state = 'live';
-- Nobody is asked about the same slot twice.
CREATE UNIQUE INDEX waitlist_offer_once ON booking.waitlist_offer (org_id, entry_id, provider_id, starts_at);
CREATE INDEX waitlist_offer_by_expiry ON booking.waitlist_offer (org_id, expires_at) WHERE state = 'live';

-- Which series a booking belongs to; null: none.
ALTER TABLE booking.booking ADD COLUMN series_id uuid;
CREATE INDEX booking_by_series ON booking.booking (org_id, series_id, starts_at) WHERE series_id IS NOT NULL;

ALTER TABLE booking.waitlist_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.waitlist_offer ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON booking.waitlist_entry TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.waitlist_offer TO svc_booking USING (org_id = (SELECT app.current_org()));
-- Finding the organisations where an offer has run out; the work itself is done in each one's scope.
CREATE POLICY expired ON booking.waitlist_offer FOR SELECT TO sys_booking USING (true);

GRANT USAGE ON SCHEMA booking TO sys_booking;
GRANT SELECT (org_id, state, expires_at) ON booking.waitlist_offer TO sys_booking;
GRANT SELECT, INSERT, UPDATE (state, missed, booking_id, version, queued_at, patient_id, note) ON booking.waitlist_entry TO svc_booking;
GRANT SELECT, INSERT, UPDATE (state) ON booking.waitlist_offer TO svc_booking;
GRANT UPDATE (series_id) ON booking.booking TO svc_booking;
