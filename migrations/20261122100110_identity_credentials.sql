-- The credential vault: what organisations entrust to the fleet so that it can act for them.

-- Rises with every change of any credential, also across a deletion, so that whoever holds a copy
-- notices that it is old.
CREATE SEQUENCE identity.credential_version AS bigint;

CREATE TABLE identity.organization_api_credentials (
  org_id           uuid        NOT NULL REFERENCES identity.organization (org_id),
  provider         text        NOT NULL CHECK (provider IN ('twilio', 'google')),
  external_id      text        NOT NULL, -- the provider's public name of the account; webhooks carry it
  settings         jsonb       NOT NULL CHECK (jsonb_typeof(settings) = 'object'), -- nothing secret
  last_four        text        NOT NULL CHECK (char_length(last_four) <= 4), -- of the main secret, to recognise it by
  status           text        NOT NULL CHECK (status IN ('unverified', 'ok', 'rejected')), -- what the provider said to it
  last_verified_at timestamptz, -- null until the provider was asked
  version          bigint      NOT NULL, -- from identity.credential_version
  updated_at       timestamptz NOT NULL,
  PRIMARY KEY (org_id, provider)
);
-- From a webhook's account to the organisations that use it.
CREATE INDEX organization_api_credentials_account
  ON identity.organization_api_credentials (provider, external_id);

CREATE TABLE identity.organization_api_secret (
  org_id   uuid  NOT NULL,
  provider text  NOT NULL,
  field    text  NOT NULL, -- "authToken" and the like
  sealed   bytea NOT NULL, -- opens with the keys in VAULT_KEYS, and only for this row's key
  PRIMARY KEY (org_id, provider, field),
  FOREIGN KEY (org_id, provider)
    REFERENCES identity.organization_api_credentials (org_id, provider) ON DELETE CASCADE
);

ALTER TABLE identity.organization_api_credentials ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.organization_api_secret      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON identity.organization_api_credentials TO svc_identity
  USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON identity.organization_api_secret TO svc_identity
  USING (org_id = (SELECT app.current_org()));
-- A webhook names an account and no organisation; its signature decides which one sent it.
CREATE POLICY webhooks ON identity.organization_api_credentials FOR SELECT TO sys_identity USING (true);
CREATE POLICY webhooks ON identity.organization_api_secret      FOR SELECT TO sys_identity USING (true);

GRANT USAGE ON SEQUENCE identity.credential_version TO svc_identity;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.organization_api_credentials TO svc_identity;
GRANT SELECT, INSERT, UPDATE (sealed), DELETE ON identity.organization_api_secret TO svc_identity;
GRANT SELECT ON identity.organization_api_credentials, identity.organization_api_secret TO sys_identity;
