//! The clinic's voice agent: what the clinic decides about it.

pub(crate) mod enable;
pub(crate) mod find;
pub(crate) mod save;
pub(crate) mod show;
pub(crate) mod store;
pub(crate) mod versions;
pub(crate) mod wire;

use jiff::Timestamp;
use serde_json::json;
use voxanne_events::New;
use voxanne_ids::AgentId;
use voxanne_problem::Problem;

/// What a save says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) system_prompt: String,
    pub(crate) first_message: String,
    pub(crate) voice: Voice,
    pub(crate) model: Model,
    /// BCP 47.
    pub(crate) language: String,
}

/// Who speaks, in Vapi's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Voice {
    pub(crate) provider: String,
    pub(crate) id: String,
}

/// Who thinks, in Vapi's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Model {
    pub(crate) provider: String,
    pub(crate) name: String,
}

/// An agent as it was saved last, or as one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    pub(crate) draft: Draft,
    pub(crate) enabled: bool,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// `None` until Vapi has it.
    pub(crate) vapi_assistant_id: Option<String>,
}

impl Agent {
    /// The announcement that what is saved of the agent has changed.
    pub(crate) fn saved(&self, at: Timestamp) -> New {
        New {
            kind: "agent.saved",
            at,
            data: json!({"agentId": self.id, "version": self.version, "enabled": self.enabled}),
        }
    }
}

pub(crate) fn not_found() -> Problem {
    Problem::not_found("AGENT_NOT_FOUND", "no agent was saved yet")
}
