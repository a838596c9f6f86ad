-- Phone calls with the agents, and what their tools did.

CREATE TABLE voice_tooling.call (
  org_id        uuid        NOT NULL,
  id            uuid        NOT NULL,
  vapi_call_id  text        NOT NULL,
  caller_number text        NOT NULL, -- as Vapi says it; may be empty
  status        text        NOT NULL CHECK (status IN ('in_progress', 'ended')),
  ended_reason  text        NOT NULL, -- Vapi's word, an open set; empty until it is known
  started_at    timestamptz NOT NULL,
  ended_at      timestamptz CHECK ((ended_at IS NOT NULL) = (status = 'ended')),
  transcript    text        NOT NULL, -- at most 1 MiB; longer ones are cut with a mark
  summary       text        NOT NULL,
  PRIMARY KEY (org_id, id),
  CONSTRAINT call_vapi_id UNIQUE (org_id, vapi_call_id)
);

-- One row a tool call. Arguments are not kept: they hold more of the patient than anyone needs.
CREATE TABLE voice_tooling.tool_run (
  org_id       uuid        NOT NULL,
  vapi_call_id text        NOT NULL,
  tool_call_id text        NOT NULL, -- Vapi's
  name         text        NOT NULL, -- the tool, as Vapi says it
  outcome      text        CHECK (outcome IN ('result', 'error')), -- null while it runs
  text         text        NOT NULL, -- what the agent was told
  settled      boolean     NOT NULL CHECK (NOT settled OR outcome IS NOT NULL), -- a repetition gets the same text
  booking_id   uuid, -- the booking it made
  milliseconds integer     NOT NULL CHECK (milliseconds >= 0),
  at           timestamptz NOT NULL, -- when it began
  PRIMARY KEY (org_id, vapi_call_id, tool_call_id),
  FOREIGN KEY (org_id, vapi_call_id) REFERENCES voice_tooling.call (org_id, vapi_call_id)
);

ALTER TABLE voice_tooling.call     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE voice_tooling.tool_run ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY org_isolation ON voice_tooling.call     TO svc_voice_tooling USING (org_id = (SELECT app.current_org()));
CREATE POLICY org_isolation ON voice_tooling.tool_run TO svc_voice_tooling USING (org_id = (SELECT app.current_org()));

GRANT SELECT, INSERT, UPDATE ON voice_tooling.call, voice_tooling.tool_run TO svc_voice_tooling;
