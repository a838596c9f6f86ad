-- The clinic's day: what a service asks for, breaks, days that differ from the week, and times that
-- nobody can book.

ALTER TABLE booking.location
  ADD COLUMN active boolean NOT NULL DEFAULT true; -- nobody is booked at an inactive location
GRANT UPDATE (active) ON booking.location TO svc_booking;

ALTER TABLE booking.service
  ADD COLUMN price_minor    bigint, -- in the smallest unit of the currency; null: no price is told
  ADD COLUMN price_currency text,   -- ISO 4217
  ADD COLUMN location_id    uuid,   -- null: wherever its providers are
  ADD COLUMN room_kind      text CHECK (char_length(room_kind) BETWEEN 1 AND 60), -- null: it needs no room
  ADD COLUMN approval       text NOT NULL DEFAULT 'instant' CHECK (approval IN ('instant', 'approval')),
  ADD COLUMN minimum_notice_minutes integer NOT NULL DEFAULT 0
    CHECK (minimum_notice_minutes BETWEEN 0 AND 86400), -- between a request and its visit
  ADD COLUMN horizon_days   integer NOT NULL DEFAULT 400 CHECK (horizon_days BETWEEN 1 AND 400), -- civil days ahead
  ADD COLUMN daily_limit    integer CHECK (daily_limit BETWEEN 1 AND 500), -- per provider and civil day; null: none
  ADD COLUMN patients       text NOT NULL DEFAULT 'anyone' CHECK (patients IN ('anyone', 'new', 'returning')),
  ADD COLUMN step_minutes   integer CHECK (step_minutes BETWEEN 5 AND 720), -- null: the length of the visit
  ADD CONSTRAINT service_price_is_whole CHECK (
    (price_minor IS NULL) = (price_currency IS NULL)
    AND price_minor BETWEEN 0 AND 100000000000 AND price_currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT service_location_fkey FOREIGN KEY (org_id, location_id) REFERENCES booking.location (org_id, id);
GRANT UPDATE (price_minor, price_currency, location_id, room_kind, approval, minimum_notice_minutes,
              horizon_days, daily_limit, patients, step_minutes) ON booking.service TO svc_booking;

-- Who offers a service; a service without a row here is offered by everybody.
CREATE TABLE booking.service_provider (
  org_id      uuid NOT NULL,
  service_id  uuid NOT NULL,
  provider_id uuid NOT NULL,
  PRIMARY KEY (org_id, service_id, provider_id),
  CONSTRAINT service_provider_service_fkey FOREIGN KEY (org_id, service_id) REFERENCES booking.service (org_id, id),
  CONSTRAINT service_provider_provider_fkey FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id)
);

-- Breaks of a week that was set; they lie within its hours.
CREATE TABLE booking.weekly_break (
  org_id      uuid     NOT NULL,
  schedule_id uuid     NOT NULL,
  weekday     smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- ISO 8601: 1 is Monday
  starts      smallint NOT NULL CHECK (starts >= 0), -- civil minute of the day
  ends        smallint NOT NULL CHECK (ends <= 1440), -- 1440 is the end of the day
  PRIMARY KEY (org_id, schedule_id, weekday, starts),
  FOREIGN KEY (org_id, schedule_id) REFERENCES booking.schedule (org_id, id),
  CHECK (starts < ends),
  EXCLUDE USING gist (org_id WITH =, schedule_id WITH =, weekday WITH =, int4range(starts, ends) WITH &&)
);

-- A civil day that differs from the week: its own hours, or closed.
CREATE TABLE booking.day_exception (
  org_id      uuid NOT NULL,
  id          uuid NOT NULL,
  provider_id uuid, -- null: the whole clinic
  on_date     date NOT NULL, -- in the civil time of the location
  kind        text NOT NULL CHECK (kind IN ('hours', 'closed', 'holiday')),
  name        text NOT NULL CHECK (char_length(name) <= 120), -- what a caller may be told, such as a holiday's
  PRIMARY KEY (org_id, id),
  CONSTRAINT day_exception_once UNIQUE NULLS NOT DISTINCT (org_id, provider_id, on_date),
  CONSTRAINT day_exception_provider_fkey FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id),
  CONSTRAINT day_exception_holiday CHECK (kind <> 'holiday' OR (provider_id IS NULL AND name <> ''))
);

CREATE TABLE booking.exception_hours (
  org_id       uuid     NOT NULL,
  exception_id uuid     NOT NULL,
  opens        smallint NOT NULL CHECK (opens >= 0), -- civil minute of the day
  closes       smallint NOT NULL CHECK (closes <= 1440), -- 1440 is the end of the day
  PRIMARY KEY (org_id, exception_id, opens),
  FOREIGN KEY (org_id, exception_id) REFERENCES booking.day_exception (org_id, id) ON DELETE CASCADE,
  CHECK (opens < closes),
  EXCLUDE USING gist (org_id WITH =, exception_id WITH =, int4range(opens, closes) WITH &&)
);

-- A time at which a provider or a room cannot be booked; what is booked already stays.
CREATE TABLE booking.block (
  org_id      uuid        NOT NULL,
  id          uuid        NOT NULL,
  provider_id uuid,
  room_id     uuid,
  resource_id uuid        NOT NULL GENERATED ALWAYS AS (coalesce(provider_id, room_id)) STORED,
  starts_at   timestamptz NOT NULL,
  ends_at     timestamptz NOT NULL,
  reason      text        NOT NULL CHECK (char_length(reason) <= 200), -- for staff; nobody else is told
  PRIMARY KEY (org_id, id),
  CONSTRAINT block_one_resource CHECK (num_nonnulls(provider_id, room_id) = 1),
  CONSTRAINT block_is_finite CHECK (
    isfinite(starts_at) AND isfinite(ends_at) AND starts_at < ends_at
    AND ends_at - starts_at <= interval '366 days'),
  CONSTRAINT block_provider_fkey FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id),
  CONSTRAINT block_room_fkey FOREIGN KEY (org_id, room_id) REFERENCES booking.room (org_id, id)
);
-- Comparisons of times can use an index under row-level security, the operators of ranges cannot.
CREATE INDEX block_by_end ON booking.block (org_id, resource_id, ends_at);

ALTER TABLE booking.service_provider ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.weekly_break     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.day_exception    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.exception_hours  ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE booking.block            ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON booking.service_provider TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.weekly_break     TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.day_exception    TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.exception_hours  TO svc_booking USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON booking.block            TO svc_booking USING (org_id = (SELECT app.current_org()));

GRANT SELECT, INSERT, DELETE ON booking.service_provider TO svc_booking;
GRANT SELECT, INSERT, DELETE ON booking.weekly_break TO svc_booking;
GRANT SELECT, INSERT, DELETE ON booking.day_exception TO svc_booking;
GRANT SELECT, INSERT ON booking.exception_hours TO svc_booking;
GRANT SELECT, INSERT, DELETE ON booking.block TO svc_booking;
-- A provider that goes back to the clinic's week, and a room that nothing was ever booked in.
GRANT DELETE ON booking.schedule, booking.room TO svc_booking;
