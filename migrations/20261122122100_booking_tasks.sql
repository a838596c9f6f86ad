-- What needs somebody's attention.

CREATE TABLE booking.task (
  org_id      uuid        NOT NULL,
  id          uuid        NOT NULL, -- UUIDv7, so the oldest comes first
  kind        text        NOT NULL CHECK (char_length(kind) BETWEEN 1 AND 40), -- the list is in the service
  subject     text        NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 60), -- the id that it is about; its own when there is none
  booking_id  uuid,
  patient_id  uuid, -- null where the booking says who
  message_id  uuid, -- notification's
  provider_id uuid,
  location_id uuid,
  note        text        NOT NULL CHECK (char_length(note) <= 2000), -- of whoever opened it; a patient's words, so erased with the patient
  owner_id    uuid, -- the user who looks after it; null: nobody
  due_at      timestamptz,
  opened_at   timestamptz NOT NULL,
  opened_by   text        NOT NULL CHECK (char_length(opened_by) BETWEEN 1 AND 300), -- "rule:failed_message", "user:usr_…", "call:…"
  state       text        NOT NULL CHECK (state IN ('open', 'resolved')),
  outcome     text        NOT NULL CHECK (char_length(outcome) <= 500), -- what came of it; empty while open
  resolved_at timestamptz,
  resolved_by text        CHECK (char_length(resolved_by) BETWEEN 1 AND 300),
  version     bigint      NOT NULL CHECK (version > 0), -- grows by one with every change
  PRIMARY KEY (org_id, id),
  CONSTRAINT task_booking_fkey FOREIGN KEY (org_id, booking_id) REFERENCES booking.booking (org_id, id),
  CONSTRAINT task_patient_fkey FOREIGN KEY (org_id, patient_id) REFERENCES booking.patient (org_id, id),
  CONSTRAINT task_provider_fkey FOREIGN KEY (org_id, provider_id) REFERENCES booking.provider (org_id, id),
  CONSTRAINT task_location_fkey FOREIGN KEY (org_id, location_id) REFERENCES booking.location (org_id, id),
  CHECK ((state = 'resolved') = (resolved_at IS NOT NULL) AND (state = 'resolved') = (resolved_by IS NOT NULL))
);
-- A cause that comes again while its task is open is the same task.
CREATE UNIQUE INDEX task_open_once ON booking.task (org_id, kind, subject) WHERE state = 'open';
CREATE INDEX task_open ON booking.task (org_id, id) WHERE state = 'open';
CREATE INDEX task_by_booking ON booking.task (org_id, booking_id) WHERE booking_id IS NOT NULL;
CREATE INDEX task_by_patient ON booking.task (org_id, patient_id) WHERE patient_id IS NOT NULL;

ALTER TABLE booking.task ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON booking.task TO svc_booking USING (org_id = (SELECT app.current_org()));

GRANT SELECT, INSERT,
  UPDATE (patient_id, note, owner_id, state, outcome, resolved_at, resolved_by, version)
  ON booking.task TO svc_booking;
