-- Envelope encryption: each organisation has data keys of its own, wrapped by a key in VAULT_KEYS.

CREATE TABLE identity.organization_data_key (
  org_id       uuid        NOT NULL REFERENCES identity.organization (org_id),
  version      integer     NOT NULL CHECK (version > 0), -- the highest seals; an older one goes when nothing is sealed with it
  wrapped      bytea       NOT NULL, -- opens with the key `key_id`, and only for this organisation and version
  key_id       text        NOT NULL, -- which of VAULT_KEYS wrapped it
  created_at   timestamptz NOT NULL,
  rewrapped_at timestamptz, -- when another key took over last; null while it is the first
  PRIMARY KEY (org_id, version)
);
-- What rotate-keys still has to do.
CREATE INDEX organization_data_key_wrapped_by ON identity.organization_data_key (key_id, org_id, version);

ALTER TABLE identity.organization_data_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON identity.organization_data_key TO svc_identity
  USING (org_id = (SELECT app.current_org()));
-- A webhook names an account and no organisation, and a new key in VAULT_KEYS concerns them all.
CREATE POLICY every_org ON identity.organization_data_key FOR SELECT TO sys_identity USING (true);
CREATE POLICY rewrapping ON identity.organization_data_key FOR UPDATE TO sys_identity USING (true);
GRANT SELECT, INSERT, DELETE ON identity.organization_data_key TO svc_identity;
GRANT SELECT, UPDATE (wrapped, key_id, rewrapped_at) ON identity.organization_data_key TO sys_identity;

ALTER TABLE identity.organization_api_secret
  ADD COLUMN data_key_version integer,     -- which data key sealed it; null: sealed by VAULT_KEYS itself, before data keys
  ADD COLUMN valid_until      timestamptz, -- null: in use; else a replaced secret, with which a provider may sign till then
  ADD FOREIGN KEY (org_id, data_key_version)
    REFERENCES identity.organization_data_key (org_id, version);
CREATE INDEX organization_api_secret_data_key
  ON identity.organization_api_secret (org_id, data_key_version);
CREATE INDEX organization_api_secret_replaced
  ON identity.organization_api_secret (valid_until) WHERE valid_until IS NOT NULL;
GRANT UPDATE (data_key_version) ON identity.organization_api_secret TO svc_identity;
CREATE POLICY pruning ON identity.organization_api_secret FOR DELETE TO sys_identity
  USING (valid_until IS NOT NULL);
GRANT DELETE ON identity.organization_api_secret TO sys_identity;

ALTER TABLE identity.organization_api_credentials
  ADD COLUMN proven_at timestamptz; -- when the provider first confirmed that the account is theirs; null: never, or another account since
