-- By itself, so that calls that go on are read while it is made.
CREATE INDEX tool_run_by_booking ON voice_tooling.tool_run (org_id, booking_id) WHERE booking_id IS NOT NULL;
