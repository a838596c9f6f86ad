-- Patients with a date of birth and several numbers, and what becomes of them: merged or erased.

ALTER TABLE booking.patient
  ADD COLUMN name_key      text NOT NULL DEFAULT '' CHECK (char_length(name_key) <= 400), -- the name without case, accents and blanks, to find it by; empty when erased
  ADD COLUMN date_of_birth date, -- null: not known
  ADD COLUMN merged_into   uuid, -- who the patient is now; the row is a tombstone then
  ADD COLUMN erased_at     timestamptz; -- when what says who the patient was was replaced

-- The owner sees no row of a table whose row-level security is forced, and has to fill the column.
ALTER TABLE booking.patient NO FORCE ROW LEVEL SECURITY;
UPDATE booking.patient
  SET name_key = left(lower(regexp_replace(normalize(name, NFKD), '[^[:alnum:]]', '', 'g')), 400);
ALTER TABLE booking.patient FORCE ROW LEVEL SECURITY;

ALTER TABLE booking.patient
  DROP CONSTRAINT patient_phone_check,
  -- Who is merged has given the number away, and who is erased has none.
  ADD CONSTRAINT patient_phone_check CHECK (
    phone ~ '^\+[1-9][0-9]{3,14}$' OR (phone = '' AND (merged_into IS NOT NULL OR erased_at IS NOT NULL))),
  ADD CONSTRAINT patient_merged_into_fkey FOREIGN KEY (org_id, merged_into) REFERENCES booking.patient (org_id, id),
  ADD CONSTRAINT patient_merged_into_another CHECK (merged_into <> id);

-- Father and son may share number and name; the date of birth tells them apart. That one person is
-- added once is a matter of a lock on the number.
DROP INDEX booking.patient_same_person;
CREATE INDEX patient_by_phone ON booking.patient (org_id, phone, name_key) WHERE phone <> '';
CREATE INDEX patient_tombstones ON booking.patient (org_id, merged_into) WHERE merged_into IS NOT NULL;

-- Numbers beside the one in booking.patient. A family may share one.
CREATE TABLE booking.patient_phone (
  org_id     uuid NOT NULL,
  patient_id uuid NOT NULL,
  phone      text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{3,14}$'), -- E.164
  PRIMARY KEY (org_id, patient_id, phone),
  CONSTRAINT patient_phone_patient_fkey FOREIGN KEY (org_id, patient_id) REFERENCES booking.patient (org_id, id)
);
CREATE INDEX patient_phone_by_phone ON booking.patient_phone (org_id, phone);

ALTER TABLE booking.patient_phone ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON booking.patient_phone TO svc_booking USING (org_id = (SELECT app.current_org()));

GRANT SELECT, INSERT, DELETE ON booking.patient_phone TO svc_booking;
GRANT UPDATE (name_key, date_of_birth, merged_into, erased_at) ON booking.patient TO svc_booking;
-- A merge moves bookings to the patient who stays; erasing a patient blanks what was noted.
GRANT UPDATE (patient_id, notes) ON booking.booking TO svc_booking;
GRANT UPDATE (patient_id, exclusive) ON booking.claim TO svc_booking;
CREATE INDEX claim_by_patient ON booking.claim (org_id, patient_id) WHERE patient_id IS NOT NULL;

-- History is only added to. The one exception is a text about somebody who has been erased.
CREATE FUNCTION booking.forget_only() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = ''
  AS $$
  BEGIN
    IF NEW.reason = '' AND EXISTS (
      SELECT FROM booking.booking
      JOIN booking.patient
        ON patient.org_id = booking.org_id AND patient.id = booking.patient_id
      WHERE booking.org_id = NEW.org_id AND booking.id = NEW.booking_id
        AND patient.erased_at IS NOT NULL
    ) THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'history is only added to' USING ERRCODE = 'insufficient_privilege';
  END $$;
CREATE TRIGGER forget_only BEFORE UPDATE ON booking.booking_change
  FOR EACH ROW EXECUTE FUNCTION booking.forget_only();
GRANT UPDATE (reason) ON booking.booking_change TO svc_booking;
