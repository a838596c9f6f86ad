-- A person whose time is booked connects a Google account of their own: one credential each.

ALTER TABLE identity.organization_api_credentials
  DROP CONSTRAINT organization_api_credentials_provider_check,
  ADD CONSTRAINT organization_api_credentials_provider_check
    CHECK (provider IN ('twilio', 'google') OR provider ~ '^google:[0-9a-f]{32}$'); -- "google:" and whose calendar it is
