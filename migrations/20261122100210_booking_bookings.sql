-- Appointments and their history.

CREATE TABLE booking.booking (
  org_id      uuid        NOT NULL,
  id          uuid        NOT NULL,
  status      text        NOT NULL CHECK (status IN ('booked', 'confirmed', 'cancelled')),
  provider_id uuid        NOT NULL,
  service_id  uuid        NOT NULL,
  patient_id  uuid        NOT NULL,
  starts_at   timestamptz NOT NULL,
  ends_at     timestamptz NOT NULL,
  busy        tstzrange   NOT NULL, -- the visit and its buffers: what the provider cannot give away
  time_zone   text        NOT NULL CHECK (char_length(time_zone) BETWEEN 1 AND 64), -- IANA name at booking
  local_time  timestamp   NOT NULL, -- the civil start as it was promised to the patient
  source      text        NOT NULL CHECK (source IN ('api', 'voice', 'dashboard')),
  call_id     text        CHECK (char_length(call_id) BETWEEN 1 AND 128), -- Vapi's id of the call it was made in
  notes       text        NOT NULL CHECK (char_length(notes) <= 2000),
  version     bigint      NOT NULL CHECK (version > 0), -- grows by one with every change
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id),
  FOREIGN KEY (org_id, service_id) REFERENCES booking.service (org_id, id),
  FOREIGN KEY (org_id, patient_id) REFERENCES booking.patient (org_id, id),
  CONSTRAINT booking_visit_is_finite CHECK (isfinite(starts_at) AND isfinite(ends_at) AND starts_at < ends_at),
  -- An empty range conflicts with nothing and an infinite one with everything. A comparison with
  -- NULL, which is what the bounds of an empty range are, would let it pass.
  CONSTRAINT booking_busy_holds_visit CHECK (
    NOT isempty(busy) AND lower_inc(busy) AND NOT upper_inc(busy)
    AND NOT lower_inf(busy) AND NOT upper_inf(busy)
    AND isfinite(lower(busy)) AND isfinite(upper(busy))
    AND lower(busy) <= starts_at AND ends_at <= upper(busy)
    AND upper(busy) - lower(busy) <= interval '20 hours'
  ),
  -- No two bookings that block a provider ever overlap.
  CONSTRAINT booking_no_overlap EXCLUDE USING gist (org_id WITH =, provider_id WITH =, busy WITH &&)
    WHERE (status IN ('booked', 'confirmed'))
);
CREATE INDEX booking_by_start ON booking.booking (org_id, starts_at, id);
CREATE INDEX booking_by_call ON booking.booking (org_id, call_id) WHERE call_id IS NOT NULL;

-- Append-only: the service may read and add, nothing else.
CREATE TABLE booking.booking_change (
  org_id     uuid        NOT NULL,
  booking_id uuid        NOT NULL,
  version    bigint      NOT NULL CHECK (version > 0), -- of the booking after this change
  status     text        NOT NULL CHECK (status IN ('booked', 'confirmed', 'cancelled')),
  actor      text        NOT NULL CHECK (char_length(actor) BETWEEN 1 AND 300), -- "user:usr_…", "call:…", "job:…"
  reason     text        NOT NULL CHECK (char_length(reason) <= 500),
  at         timestamptz NOT NULL,
  PRIMARY KEY (org_id, booking_id, version),
  FOREIGN KEY (org_id, booking_id) REFERENCES booking.booking (org_id, id)
);

ALTER TABLE booking.booking        ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.booking_change ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON booking.booking        TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.booking_change TO svc_booking USING (org_id = (SELECT app.current_org()));

GRANT SELECT, INSERT, UPDATE (status, version) ON booking.booking TO svc_booking;
GRANT SELECT, INSERT ON booking.booking_change TO svc_booking;
