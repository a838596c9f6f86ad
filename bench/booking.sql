-- What one booking with an idempotency key is to Postgres, statement by statement, for pgbench. It is
-- what services/booking sends for `POST …/bookings` with a named provider and a patient who is new, as
-- Postgres logs it with `log_statement = all`; the first statement only chooses a slot that nobody has.
SELECT place.org, place.provider, place.service,
       gen_random_uuid() AS booking, gen_random_uuid() AS patient, gen_random_uuid() AS event,
       gen_random_uuid() AS key, 'adalovelace' || taken.number AS name_key,
       '+1415' || (2000000 + taken.number % 7999999) AS phone,
       make_timestamptz(2027, 1, 4, 0, 0, 0, 'UTC')
         + (taken.number / places.count) * interval '15 minutes' AS starts
FROM (SELECT nextval('bench.slot') AS number) taken,
     (SELECT count(*) AS count FROM bench.place) places, bench.place
WHERE place.number = taken.number % places.count \gset
BEGIN;
SELECT set_config('app.org_id', :org, true), set_config('statement_timeout', '10000', true),
       set_config('lock_timeout', '3000', true);
INSERT INTO idempotency.record AS old (org_id, operation, key, fingerprint, outcome)
  VALUES (:org, 'booking.create', :key, sha256('x'), '')
  ON CONFLICT (org_id, operation, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, outcome = '', created_at = now()
    WHERE old.created_at < now() - interval '7 days';
SAVEPOINT before_booking;
SELECT id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active, price_minor,
       price_currency, location_id, room_kind, approval, minimum_notice_minutes, horizon_days,
       daily_limit, patients, step_minutes, change_notice_minutes,
       ARRAY(SELECT provider_id FROM booking.service_provider offers
             WHERE offers.org_id = service.org_id AND offers.service_id = service.id
             ORDER BY provider_id) AS providers
  FROM booking.service WHERE org_id = :org AND active AND id = :service
  ORDER BY id LIMIT 1;
SELECT provider.id AS found, location.time_zone AS zone, coalesce(own.id, usual.id) AS schedule
  FROM booking.provider
  JOIN booking.location ON location.org_id = provider.org_id AND location.id = provider.location_id
  LEFT JOIN booking.schedule own ON own.org_id = provider.org_id AND own.provider_id = provider.id
  LEFT JOIN booking.schedule usual ON usual.org_id = provider.org_id AND usual.provider_id IS NULL
  WHERE provider.org_id = :org AND provider.active AND location.active AND provider.id = :provider
  ORDER BY provider.name, provider.id LIMIT 1 \gset
SELECT claim.resource_id, array_agg(claim.busy_from), array_agg(claim.busy_to) FROM booking.claim
  LEFT JOIN booking.hold ON hold.org_id = claim.org_id AND hold.id = claim.hold_id
  WHERE claim.org_id = :org AND claim.resource_id = ANY((SELECT ARRAY[:provider])::uuid[])
    AND claim.busy_from > (SELECT :starts::timestamptz - interval '20 hours 15 minutes')
    AND claim.busy_from < (SELECT :starts::timestamptz + interval '15 minutes')
    AND claim.busy_to > (SELECT :starts::timestamptz - interval '15 minutes')
    AND (claim.hold_id IS NULL OR hold.expires_at > now())
  GROUP BY claim.resource_id;
SELECT resource_id, starts_at, ends_at FROM booking.block
  WHERE org_id = :org AND resource_id = ANY(ARRAY[:provider]::uuid[])
    AND ends_at > :starts::timestamptz - interval '15 minutes'
    AND starts_at < :starts::timestamptz + interval '15 minutes';
SELECT special.id, special.provider_id, special.on_date, special.kind, special.name, hours.opens,
       hours.closes
  FROM booking.day_exception special
  LEFT JOIN booking.exception_hours hours
    ON hours.org_id = special.org_id AND hours.exception_id = special.id
  WHERE special.org_id = :org
    AND special.on_date BETWEEN (:starts::timestamptz AT TIME ZONE 'UTC')::date - 3
                            AND (:starts::timestamptz AT TIME ZONE 'UTC')::date + 3
    AND (special.provider_id IS NULL OR special.provider_id = ANY(ARRAY[:provider]::uuid[]))
  ORDER BY special.id, hours.opens;
SELECT schedule_id, weekday, opens, closes, false AS is_break FROM booking.weekly_hours
  WHERE org_id = :org AND schedule_id = ANY((SELECT ARRAY[:schedule])::uuid[])
UNION ALL
SELECT schedule_id, weekday, starts, ends, true FROM booking.weekly_break
  WHERE org_id = :org AND schedule_id = ANY((SELECT ARRAY[:schedule])::uuid[]);
SELECT provider_id, state, when_unknown, synced_at FROM booking.calendar
  WHERE org_id = :org AND provider_id = ANY(ARRAY[:provider]::uuid[]);
WITH RECURSIVE known (id, person) AS (
  (SELECT id, id FROM booking.patient WHERE org_id = :org AND phone = (SELECT :phone) AND phone <> ''
   UNION
   SELECT patient_id, patient_id FROM booking.patient_phone WHERE org_id = :org AND phone = (SELECT :phone))
  UNION
  SELECT tombstone.id, known.person FROM booking.patient AS tombstone
  JOIN known ON tombstone.org_id = :org AND tombstone.merged_into = known.id
)
SELECT person.id, named.name_key, person.date_of_birth FROM booking.patient AS person
  JOIN known ON known.person = person.id
  JOIN booking.patient AS named ON named.org_id = :org AND named.id = known.id
  WHERE person.org_id = :org AND person.merged_into IS NULL AND person.erased_at IS NULL
    AND named.name_key = :name_key
  ORDER BY person.id LIMIT 1000 FOR KEY SHARE OF person;
SELECT pg_advisory_xact_lock(hashtextextended('booking.phone:' || :org::text || ':' || :phone, 0));
WITH RECURSIVE known (id, person) AS (
  (SELECT id, id FROM booking.patient WHERE org_id = :org AND phone = (SELECT :phone) AND phone <> ''
   UNION
   SELECT patient_id, patient_id FROM booking.patient_phone WHERE org_id = :org AND phone = (SELECT :phone))
  UNION
  SELECT tombstone.id, known.person FROM booking.patient AS tombstone
  JOIN known ON tombstone.org_id = :org AND tombstone.merged_into = known.id
)
SELECT person.id, named.name_key, person.date_of_birth FROM booking.patient AS person
  JOIN known ON known.person = person.id
  JOIN booking.patient AS named ON named.org_id = :org AND named.id = known.id
  WHERE person.org_id = :org AND person.merged_into IS NULL AND person.erased_at IS NULL
    AND named.name_key = :name_key
  ORDER BY person.id LIMIT 1000 FOR KEY SHARE OF person;
INSERT INTO booking.patient (org_id, id, name, name_key, phone, email, date_of_birth)
  VALUES (:org, :patient, :name_key, :name_key, :phone, NULL, NULL) RETURNING id, name, phone, email;
SAVEPOINT before_place;
INSERT INTO booking.booking
    (org_id, id, status, provider_id, service_id, patient_id, starts_at, ends_at, time_zone,
     local_time, source, call_id, notes, overbooked, version, created_at, room_id)
  VALUES (:org, :booking, 'booked', :provider, :service, :patient, :starts::timestamptz,
          :starts::timestamptz + interval '15 minutes', :zone, :starts::timestamp,
          'dashboard', NULL, '', false, 1, now(), NULL);
INSERT INTO booking.claim
    (org_id, provider_id, room_id, patient_id, booking_id, hold_id, busy_from, busy_to, exclusive)
  SELECT :org::uuid, provider_id, NULL, patient_id, :booking::uuid, NULL, :starts::timestamptz,
         :starts::timestamptz + interval '15 minutes', true
  FROM unnest(ARRAY[:provider, NULL]::uuid[], ARRAY[NULL, :patient]::uuid[])
    AS wanted (provider_id, patient_id)
  ORDER BY coalesce(provider_id, patient_id)
  ON CONFLICT ON CONSTRAINT claim_no_overlap DO NOTHING RETURNING resource_id;
INSERT INTO booking.booking_change
    (org_id, booking_id, version, status, actor, reason, at, moved_from)
  VALUES (:org, :booking, 1, 'booked', 'usr_00000000000000000000000000000000', '', now(), NULL);
SELECT booking.id, booking.status, booking.starts_at, booking.ends_at, booking.time_zone,
       booking.local_time, booking.source, booking.call_id, booking.notes, booking.version,
       booking.created_at, booking.overbooked, booking.room_id, booking.series_id,
       provider.id AS provider_id, provider.name AS provider_name,
       service.id AS service_id, service.name AS service_name,
       patient.id AS patient_id, patient.name AS patient_name,
       patient.phone AS patient_phone, patient.email AS patient_email
  FROM booking.booking
  JOIN booking.provider ON provider.org_id = booking.org_id AND provider.id = booking.provider_id
  JOIN booking.service ON service.org_id = booking.org_id AND service.id = booking.service_id
  JOIN booking.patient ON patient.org_id = booking.org_id AND patient.id = booking.patient_id
  WHERE booking.org_id = :org AND booking.id = :booking;
SELECT status, actor, reason, at, moved_from FROM booking.booking_change
  WHERE org_id = :org AND booking_id = :booking ORDER BY version;
UPDATE idempotency.record SET outcome = convert_to(repeat('o', 400), 'UTF8')
  WHERE org_id = :org AND operation = 'booking.create' AND key = :key;
WITH last AS (
  INSERT INTO events.counter AS counter (org_id, seq) VALUES (:org, 1)
  ON CONFLICT (org_id) DO UPDATE SET seq = counter.seq + 1 RETURNING seq
)
INSERT INTO events.event (org_id, seq, id, type, at, data, trace)
  SELECT :org::uuid, last.seq - 1 + new.place, new.id, new.type, new.at, new.data, NULL
  FROM last, unnest(ARRAY[:event]::uuid[], ARRAY['booking.created'], ARRAY[now()],
                    ARRAY[jsonb_build_object('bookingId', :booking::text, 'status', 'booked',
                                             'version', 1)])
    WITH ORDINALITY AS new (id, type, at, data, place);
SELECT audit.append_all('usr_00000000000000000000000000000000', 'req_bench',
                        ARRAY['booking.created'], ARRAY[2], ARRAY[:booking, :patient]::uuid[]);
COMMIT;
