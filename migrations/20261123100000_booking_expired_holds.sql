-- Holds that have run out are looked for in all organisations at once.
CREATE POLICY expired ON booking.hold FOR SELECT TO sys_booking USING (true);
GRANT SELECT (org_id, expires_at) ON booking.hold TO sys_booking;
