-- What a clinic is made of: locations, providers, services, weekly hours and patients.

CREATE SCHEMA booking;
GRANT USAGE ON SCHEMA booking TO svc_booking;

CREATE TABLE booking.location (
  org_id    uuid NOT NULL,
  id        uuid NOT NULL, -- UUIDv7; the smallest is the clinic's first location
  name      text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
  time_zone text NOT NULL CHECK (char_length(time_zone) BETWEEN 1 AND 64), -- IANA name
  PRIMARY KEY (org_id, id)
);

CREATE TABLE booking.provider (
  org_id      uuid    NOT NULL,
  id          uuid    NOT NULL,
  location_id uuid    NOT NULL, -- whose zone the hours are in
  name        text    NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
  active      boolean NOT NULL, -- an inactive provider is not offered
  PRIMARY KEY (org_id, id),
  CONSTRAINT provider_location_fkey FOREIGN KEY (org_id, location_id) REFERENCES booking.location (org_id, id)
);

CREATE TABLE booking.service (
  org_id                uuid    NOT NULL,
  id                    uuid    NOT NULL, -- UUIDv7; the smallest is the clinic's first service
  name                  text    NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
  duration_minutes      integer NOT NULL CHECK (duration_minutes BETWEEN 5 AND 720),
  buffer_before_minutes integer NOT NULL CHECK (buffer_before_minutes BETWEEN 0 AND 240), -- kept free, not shown to patients
  buffer_after_minutes  integer NOT NULL CHECK (buffer_after_minutes BETWEEN 0 AND 240),
  active                boolean NOT NULL, -- an inactive service is not offered
  PRIMARY KEY (org_id, id)
);

-- A week that was set, for one provider or as the clinic's default. A row without hours is a week
-- that is never open, which a provider without a row of its own is not.
CREATE TABLE booking.schedule (
  org_id      uuid NOT NULL,
  id          uuid NOT NULL,
  provider_id uuid, -- null: the clinic's default week
  revision    bigint NOT NULL DEFAULT 1 CHECK (revision > 0), -- grows when the week is replaced
  PRIMARY KEY (org_id, id),
  CONSTRAINT schedule_of_provider UNIQUE NULLS NOT DISTINCT (org_id, provider_id),
  CONSTRAINT schedule_provider_fkey FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id)
);

CREATE TABLE booking.weekly_hours (
  org_id      uuid     NOT NULL,
  schedule_id uuid     NOT NULL,
  weekday     smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- ISO 8601: 1 is Monday
  opens       smallint NOT NULL CHECK (opens >= 0), -- civil minute of the day
  closes      smallint NOT NULL CHECK (closes <= 1440), -- 1440 is the end of the day
  PRIMARY KEY (org_id, schedule_id, weekday, opens),
  FOREIGN KEY (org_id, schedule_id) REFERENCES booking.schedule (org_id, id),
  CHECK (opens < closes),
  EXCLUDE USING gist (org_id WITH =, schedule_id WITH =, weekday WITH =, int4range(opens, closes) WITH &&)
);

CREATE TABLE booking.patient (
  org_id uuid NOT NULL,
  id     uuid NOT NULL,
  name   text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
  phone  text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{3,14}$'), -- E.164
  email  text CHECK (char_length(email) BETWEEN 3 AND 254),
  PRIMARY KEY (org_id, id)
);
-- A family may share a number, so the name tells its members apart.
CREATE UNIQUE INDEX patient_same_person ON booking.patient (org_id, phone, lower(name));

ALTER TABLE booking.location     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.provider     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.service      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.schedule     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.weekly_hours ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.patient      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON booking.location     TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.provider     TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.service      TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.schedule     TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.weekly_hours TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.patient      TO svc_booking USING (org_id = (SELECT app.current_org()));

GRANT SELECT, INSERT, UPDATE (name, time_zone) ON booking.location TO svc_booking;
GRANT SELECT, INSERT, UPDATE (name, location_id, active) ON booking.provider TO svc_booking;
GRANT SELECT, INSERT,
  UPDATE (name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active)
  ON booking.service TO svc_booking;
GRANT SELECT, INSERT, UPDATE (revision) ON booking.schedule TO svc_booking;
GRANT SELECT, INSERT, DELETE ON booking.weekly_hours TO svc_booking;
GRANT SELECT, INSERT, UPDATE (name, phone, email) ON booking.patient TO svc_booking;
