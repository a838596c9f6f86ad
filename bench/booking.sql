-- What one booking with an idempotency key is to Postgres, statement by statement, for pgbench. It is
-- what services/booking sends for `POST …/bookings` with a named provider; the first statement only
-- chooses a slot that nobody has.
SELECT place.org, place.provider, place.service,
       gen_random_uuid() AS booking, gen_random_uuid() AS patient, gen_random_uuid() AS event,
       gen_random_uuid() AS key, taken.number AS number,
       to_char(timestamptz '2027-01-04 00:00Z' + (taken.number / places.count) * interval '15 minutes',
               'YYYY-MM-DD HH24:MI:SSOF') AS starts
FROM (SELECT nextval('bench.slot') AS number) taken,
     (SELECT count(*) AS count FROM bench.place) places, bench.place
WHERE place.number = taken.number % places.count \gset
BEGIN; SET LOCAL app.org_id = :'org'; SET LOCAL statement_timeout = 10000;
SELECT set_config('lock_timeout', '3s', true);
INSERT INTO idempotency.record AS old (org_id, operation, key, fingerprint, outcome)
  VALUES (:'org', 'booking.create', :'key', sha256('x'), '')
  ON CONFLICT (org_id, operation, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, outcome = '', created_at = now()
    WHERE old.created_at < now() - interval '7 days';
SELECT set_config('lock_timeout', '0', true);
DELETE FROM idempotency.record WHERE org_id = :'org' AND (operation, key) IN (
  SELECT operation, key FROM idempotency.record
  WHERE org_id = :'org' AND created_at < now() - interval '7 days'
  ORDER BY created_at LIMIT 10 FOR UPDATE SKIP LOCKED);
WITH expired AS (
  SELECT id FROM booking.hold WHERE org_id = :'org' AND expires_at <= now()
  ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED
), freed AS (
  DELETE FROM booking.claim WHERE org_id = :'org' AND owner_id IN (SELECT id FROM expired)
)
DELETE FROM booking.hold WHERE org_id = :'org' AND id IN (SELECT id FROM expired);
SAVEPOINT before_booking;
SELECT id, name, duration_minutes, buffer_before_minutes, buffer_after_minutes, active
  FROM booking.service WHERE org_id = :'org' AND active AND id = :'service' ORDER BY id LIMIT 1;
SELECT provider.id, provider.name, location.time_zone FROM booking.provider
  JOIN booking.location ON location.org_id = provider.org_id AND location.id = provider.location_id
  WHERE provider.org_id = :'org' AND provider.active AND provider.id = :'provider'
  ORDER BY provider.name, provider.id LIMIT 1;
SELECT provider.id AS provider_id, hours.weekday, hours.opens, hours.closes FROM booking.provider
  LEFT JOIN booking.schedule own ON own.org_id = provider.org_id AND own.provider_id = provider.id
  LEFT JOIN booking.schedule usual ON usual.org_id = provider.org_id AND usual.provider_id IS NULL
  JOIN booking.weekly_hours hours
    ON hours.org_id = provider.org_id AND hours.schedule_id = coalesce(own.id, usual.id)
  WHERE provider.org_id = :'org' AND provider.id = ANY(ARRAY[:'provider'::uuid])
  ORDER BY provider.id, hours.weekday, hours.opens;
SELECT claim.provider_id, claim.busy_from, claim.busy_to FROM booking.claim
  LEFT JOIN booking.hold ON hold.org_id = claim.org_id AND hold.id = claim.hold_id
  WHERE claim.org_id = :'org' AND claim.resource_id = ANY(ARRAY[:'provider'::uuid])
    AND claim.busy_from > :'starts'::timestamptz - interval '44 hours'
    AND claim.busy_from < :'starts'::timestamptz + interval '24 hours'
    AND claim.busy_to > :'starts'::timestamptz - interval '24 hours'
    AND (claim.hold_id IS NULL OR hold.expires_at > now())
  ORDER BY claim.provider_id, claim.busy_from;
INSERT INTO booking.patient AS known (org_id, id, name, phone, email)
  VALUES (:'org', :'patient', 'Ada Lovelace ' || :number, '+14155550123', NULL)
  ON CONFLICT (org_id, phone, lower(name)) DO UPDATE SET email = coalesce(excluded.email, known.email)
  RETURNING id, name, phone, email;
SAVEPOINT before_place;
INSERT INTO booking.booking
    (org_id, id, status, provider_id, service_id, patient_id, starts_at, ends_at, time_zone,
     local_time, source, call_id, notes, overbooked, version, created_at)
  VALUES (:'org', :'booking', 'booked', :'provider', :'service', :'patient', :'starts'::timestamptz,
          :'starts'::timestamptz + interval '15 minutes', 'Europe/Berlin', :'starts'::timestamp,
          'dashboard', NULL, '', false, 1, now());
INSERT INTO booking.claim
    (org_id, provider_id, patient_id, booking_id, hold_id, busy_from, busy_to, exclusive)
  SELECT :'org', provider_id, patient_id, :'booking', NULL, :'starts'::timestamptz,
         :'starts'::timestamptz + interval '15 minutes', true
  FROM (VALUES (:'provider'::uuid, NULL::uuid), (NULL, :'patient')) wanted (provider_id, patient_id)
  ORDER BY coalesce(provider_id, patient_id)
  ON CONFLICT ON CONSTRAINT claim_no_overlap DO NOTHING RETURNING resource_id;
INSERT INTO booking.booking_change
    (org_id, booking_id, version, status, actor, reason, at, moved_from)
  VALUES (:'org', :'booking', 1, 'booked', 'user:usr_00000000000000000000000000000000', '', now(), NULL);
SELECT booking.id, booking.status, booking.starts_at, booking.ends_at, provider.name, service.name,
       patient.name, patient.phone, patient.email
  FROM booking.booking
  JOIN booking.provider ON provider.org_id = booking.org_id AND provider.id = booking.provider_id
  JOIN booking.service ON service.org_id = booking.org_id AND service.id = booking.service_id
  JOIN booking.patient ON patient.org_id = booking.org_id AND patient.id = booking.patient_id
  WHERE booking.org_id = :'org' AND booking.id = :'booking';
SELECT status, actor, reason, at, moved_from FROM booking.booking_change
  WHERE org_id = :'org' AND booking_id = :'booking' ORDER BY version;
UPDATE idempotency.record SET outcome = convert_to(repeat('o', 400), 'UTF8')
  WHERE org_id = :'org' AND operation = 'booking.create' AND key = :'key';
SELECT audit.append('user:usr_00000000000000000000000000000000', 'req_bench', 'booking.created',
                    ARRAY[:'booking'::uuid, :'patient'::uuid]);
WITH next AS (
  INSERT INTO events.counter AS counter (org_id, seq) VALUES (:'org', 1)
  ON CONFLICT (org_id) DO UPDATE SET seq = counter.seq + 1 RETURNING seq
)
INSERT INTO events.event (org_id, seq, id, type, at, data, trace)
  SELECT :'org', next.seq, :'event', 'booking.created', now(),
         jsonb_build_object('bookingId', :'booking', 'status', 'booked', 'version', 1), NULL
  FROM next;
COMMIT;
