-- Voice agents, their versions, and how far Vapi is from what is saved.

CREATE SCHEMA voice_tooling;
GRANT USAGE ON SCHEMA voice_tooling TO svc_voice_tooling, sys_voice_tooling;

CREATE TABLE voice_tooling.agent (
  org_id            uuid        NOT NULL,
  id                uuid        NOT NULL,
  name              text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 40),
  system_prompt     text        NOT NULL CHECK (char_length(system_prompt) BETWEEN 1 AND 20000),
  first_message     text        NOT NULL CHECK (char_length(first_message) <= 1000),
  voice_provider    text        NOT NULL, -- as Vapi names it
  voice_id          text        NOT NULL,
  model_provider    text        NOT NULL, -- as Vapi names it
  model             text        NOT NULL,
  language          text        NOT NULL, -- BCP 47
  enabled           boolean     NOT NULL, -- false: tool calls are answered with a sentence
  version           bigint      NOT NULL CHECK (version > 0), -- grows by one with every save
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL,
  vapi_assistant_id text, -- null until Vapi has it
  sync_state        text        NOT NULL CHECK (sync_state IN ('pending', 'syncing', 'live', 'drifted', 'failed')),
  sync_cause        text        NOT NULL, -- why the last attempt failed, in words; empty when it did not
  wanted            bigint      NOT NULL, -- grows with every wish to sync; an attempt that began before is not the last
  attempts          integer     NOT NULL, -- failures in a row
  next_attempt_at   timestamptz NOT NULL,
  lease             uuid, -- the attempt at work; null when there is none
  leased_until      timestamptz, -- a lease that ran out was left by a process that died
  checked_at        timestamptz NOT NULL, -- when Vapi's copy was last compared with what is saved
  PRIMARY KEY (org_id, id),
  CONSTRAINT agent_one_per_org UNIQUE (org_id)
);
-- From a webhook's assistant to the organisation.
CREATE INDEX agent_assistant ON voice_tooling.agent (vapi_assistant_id);
CREATE INDEX agent_due ON voice_tooling.agent (next_attempt_at) WHERE sync_state <> 'live';
CREATE INDEX agent_unchecked ON voice_tooling.agent (checked_at) WHERE sync_state IN ('live', 'drifted');

-- Every save, never changed.
CREATE TABLE voice_tooling.agent_version (
  org_id         uuid        NOT NULL,
  agent_id       uuid        NOT NULL,
  version        bigint      NOT NULL,
  name           text        NOT NULL,
  system_prompt  text        NOT NULL,
  first_message  text        NOT NULL,
  voice_provider text        NOT NULL,
  voice_id       text        NOT NULL,
  model_provider text        NOT NULL,
  model          text        NOT NULL,
  language       text        NOT NULL,
  saved_by       text        NOT NULL, -- "user:usr_…"
  saved_at       timestamptz NOT NULL,
  PRIMARY KEY (org_id, agent_id, version),
  FOREIGN KEY (org_id, agent_id) REFERENCES voice_tooling.agent (org_id, id)
);

-- Which of the platform's tools an organisation's assistant is linked to.
CREATE TABLE voice_tooling.org_tools (
  org_id          uuid        NOT NULL,
  tool_name       text        NOT NULL,
  vapi_tool_id    text, -- null until the assistant was linked
  definition_hash text, -- SHA-256 in hex of the definition that was linked
  state           text        NOT NULL CHECK (state IN ('syncing', 'live', 'drifted', 'failed')),
  cause           text        NOT NULL, -- in words; empty unless failed
  updated_at      timestamptz NOT NULL,
  PRIMARY KEY (org_id, tool_name)
);

-- The platform has one account at Vapi, so each tool exists there once, for every organisation.
CREATE TABLE voice_tooling.platform_tool (
  tool_name       text        NOT NULL PRIMARY KEY,
  vapi_tool_id    text        NOT NULL,
  definition_hash text        NOT NULL, -- SHA-256 in hex of the definition Vapi has
  updated_at      timestamptz NOT NULL
);

-- What Vapi proves itself with when it calls the platform.
CREATE TABLE voice_tooling.platform_credential (
  name               text        NOT NULL PRIMARY KEY,
  vapi_credential_id text        NOT NULL,
  definition_hash    text        NOT NULL, -- keyed hash, as the definition holds the secret
  updated_at         timestamptz NOT NULL
);

-- Vapi has no idempotency keys: only the holder of this lease registers tools.
CREATE TABLE voice_tooling.platform_lease (
  singleton boolean     NOT NULL PRIMARY KEY DEFAULT true CHECK (singleton), -- there is one row
  holder    uuid        NOT NULL, -- the attempt that took it last
  until     timestamptz NOT NULL -- free from here on
);
INSERT INTO voice_tooling.platform_lease (holder, until) VALUES (gen_random_uuid(), now());

ALTER TABLE voice_tooling.agent         ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE voice_tooling.agent_version ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE voice_tooling.org_tools     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON voice_tooling.agent         TO svc_voice_tooling USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON voice_tooling.agent_version TO svc_voice_tooling USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON voice_tooling.org_tools     TO svc_voice_tooling USING (org_id = (SELECT app.current_org()));

-- A webhook names an assistant and no organisation; the reconciler looks for agents that are due.
CREATE POLICY every_org ON voice_tooling.agent     FOR SELECT TO sys_voice_tooling USING (true);
CREATE POLICY every_org ON voice_tooling.org_tools FOR SELECT TO sys_voice_tooling USING (true);

GRANT SELECT, INSERT, UPDATE ON voice_tooling.agent, voice_tooling.org_tools TO svc_voice_tooling;
GRANT SELECT, INSERT ON voice_tooling.agent_version TO svc_voice_tooling;
GRANT SELECT (org_id, id, vapi_assistant_id, sync_state, next_attempt_at, leased_until, checked_at)
  ON voice_tooling.agent TO sys_voice_tooling;
GRANT SELECT (org_id, tool_name, vapi_tool_id, definition_hash) ON voice_tooling.org_tools TO sys_voice_tooling;
GRANT SELECT, INSERT, UPDATE ON voice_tooling.platform_tool, voice_tooling.platform_credential TO sys_voice_tooling;
GRANT SELECT, UPDATE (holder, until) ON voice_tooling.platform_lease TO sys_voice_tooling;
