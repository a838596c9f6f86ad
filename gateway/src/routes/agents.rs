//! The clinic's voice agent.

pub(crate) mod save;
pub(crate) mod show;
pub(crate) mod switch;
pub(crate) mod sync;

use serde::Serialize;
use utoipa::ToSchema;
use voxanne_proto::voice_tooling::v1 as proto;

use super::{moment, part::told};

/// The voice agent as it was saved last, or as one of its versions.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Agent {
    id: String,
    name: String,
    system_prompt: String,
    first_message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    voice: Option<Voice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<Model>,
    /// BCP 47, e.g. `en-US`.
    language: String,
    /// An agent that is off answers with a sentence and books nothing.
    enabled: bool,
    /// Grows by one with every save.
    version: i64,
    /// Absent until the provider has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    vapi_assistant_id: Option<String>,
    updated_at: String,
}

/// Who speaks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Voice {
    provider: String,
    voice_id: String,
}

/// Who thinks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Model {
    provider: String,
    model: String,
}

/// How far the provider is from what is saved.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sync {
    /// pending, syncing, live, drifted or failed.
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    tools: Vec<ToolSync>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<String>,
}

/// How far the provider is with one tool.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolSync {
    name: String,
    /// live, syncing, drifted or failed.
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vapi_tool_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition_hash: Option<String>,
}

impl From<proto::Agent> for Agent {
    fn from(agent: proto::Agent) -> Self {
        Self {
            id: agent.id,
            name: agent.name,
            system_prompt: agent.system_prompt,
            first_message: agent.first_message,
            voice: agent.voice.map(|voice| Voice {
                provider: voice.provider,
                voice_id: voice.voice_id,
            }),
            model: agent.model.map(|model| Model {
                provider: model.provider,
                model: model.model,
            }),
            language: agent.language,
            enabled: agent.enabled,
            version: agent.version,
            vapi_assistant_id: told(agent.vapi_assistant_id),
            updated_at: moment::written(agent.updated_at),
        }
    }
}

impl From<proto::Sync> for Sync {
    fn from(sync: proto::Sync) -> Self {
        let tools = sync.tools.into_iter().map(|tool| ToolSync {
            name: tool.name,
            state: tool.state,
            cause: told(tool.cause),
            vapi_tool_id: told(tool.vapi_tool_id),
            definition_hash: told(tool.definition_hash),
        });
        Self {
            state: sync.state,
            cause: told(sync.cause),
            tools: tools.collect(),
            next_attempt_at: moment::text(sync.next_attempt_at),
        }
    }
}
