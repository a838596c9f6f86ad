-- Calls of patients who are erased are emptied, and what Vapi says of them later is not kept.
ALTER TABLE voice_tooling.call ADD COLUMN erased_at timestamptz; -- null: it is not

-- The service hears of it as other consumers do.
ALTER POLICY org_isolation ON events.progress TO svc_booking, svc_notification, svc_voice_tooling;
ALTER POLICY every_org ON events.counter TO sys_booking, sys_notification, sys_realtime, sys_voice_tooling;
ALTER POLICY every_org ON events.progress TO sys_booking, sys_notification, sys_voice_tooling;
GRANT SELECT, INSERT, UPDATE ON events.progress TO svc_voice_tooling;
GRANT USAGE ON SCHEMA events TO sys_voice_tooling;
GRANT SELECT ON events.counter, events.progress TO sys_voice_tooling;
