//! `POST /api/founders/save-agent`

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voxanne_proto::voice_tooling::v1 as proto;

use super::{Agent, Sync};
use crate::{
    App,
    auth::Member,
    body::{Body, Form},
    idempotency::{Keyed, mark_replayed},
    reply::Refusal,
    routes::part::promised,
};

/// The agent to save.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AgentDraft {
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    #[schema(min_length = 1, max_length = 20_000)]
    system_prompt: String,
    #[schema(max_length = 1000)]
    first_message: String,
    voice: VoiceChoice,
    model: ModelChoice,
    /// BCP 47, e.g. `en-US`.
    #[schema(pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length = 35)]
    language: String,
}

impl Form for AgentDraft {}

/// Who speaks: a voice of the provider `vapi` by its name alone, or provider and voice.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum VoiceChoice {
    Named(String),
    Chosen(ChosenVoice),
}

/// A provider's voice.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChosenVoice {
    #[schema(min_length = 1, max_length = 40)]
    provider: String,
    #[schema(min_length = 1, max_length = 100)]
    voice_id: String,
}

/// Who thinks: a model of the provider `openai` by its name alone, or provider and model.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ModelChoice {
    Named(String),
    Chosen(ChosenModel),
}

/// A provider's model.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChosenModel {
    #[schema(min_length = 1, max_length = 40)]
    provider: String,
    #[schema(min_length = 1, max_length = 100)]
    model: String,
}

impl From<VoiceChoice> for proto::Voice {
    fn from(choice: VoiceChoice) -> Self {
        match choice {
            VoiceChoice::Named(voice_id) => Self {
                provider: "vapi".to_owned(),
                voice_id,
            },
            VoiceChoice::Chosen(voice) => Self {
                provider: voice.provider,
                voice_id: voice.voice_id,
            },
        }
    }
}

impl From<ModelChoice> for proto::Model {
    fn from(choice: ModelChoice) -> Self {
        match choice {
            ModelChoice::Named(model) => Self {
                provider: "openai".to_owned(),
                model,
            },
            ModelChoice::Chosen(chosen) => Self {
                provider: chosen.provider,
                model: chosen.model,
            },
        }
    }
}

/// The agent as it was saved, and how far the provider has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedAgent {
    agent: Agent,
    sync: Sync,
}

/// Saves the agent without waiting for the provider; the organisation is the token's.
#[utoipa::path(post, path = "/api/founders/save-agent", tag = "agent", request_body = AgentDraft,
    responses(
    (status = 200, description = "Saved; the provider follows", body = SavedAgent),
    (status = 403, description = "ROLE_INSUFFICIENT")))]
pub(crate) async fn save(
    State(app): State<App>,
    Member(tenant): Member,
    keyed: Keyed,
    Body(draft): Body<AgentDraft>,
) -> Result<Response, Refusal> {
    let voice_tooling = &app.clients.voice_tooling;
    let message = proto::SaveAgentRequest {
        name: draft.name,
        system_prompt: draft.system_prompt,
        first_message: draft.first_message,
        voice: Some(draft.voice.into()),
        model: Some(draft.model.into()),
        language: draft.language,
    };
    let request = keyed.attach(voice_tooling.request(&tenant, message));
    let answer = voice_tooling
        .client()
        .save_agent(request)
        .await?
        .into_inner();
    let saved = SavedAgent {
        agent: promised(answer.agent)?.into(),
        sync: promised(answer.sync)?.into(),
    };
    let mut response = Json(saved).into_response();
    if answer.replayed {
        mark_replayed(&mut response);
    }
    Ok(response)
}
