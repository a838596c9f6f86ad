//! Whose assistant it is: our own table says, and nothing that a model or a caller said.

use voxanne_ids::OrgId;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::voice_tooling::v1::FindAssistantRequest;

use crate::{App, request_id, webhooks::fading::Fading};

/// Vapi's ids are UUIDs; anything much longer is none.
const LONGEST_ID: usize = 128;

/// The organisations of assistants that were asked for a moment ago.
#[derive(Default)]
pub(in crate::webhooks) struct Assistants(Fading<OrgId>);

/// The organisation that owns the assistant.
pub(super) async fn find(app: &App, assistant: Option<&str>) -> Result<Option<OrgId>, Problem> {
    let Some(assistant) = assistant.filter(|id| id.len() <= LONGEST_ID) else {
        return Ok(None);
    };
    let known = &app.senders.assistants.0;
    known.get(assistant, ask(app, assistant)).await
}

async fn ask(app: &App, assistant: &str) -> Result<Option<OrgId>, Problem> {
    let voice = &app.clients.voice_tooling;
    let wanted = FindAssistantRequest {
        vapi_assistant_id: assistant.to_owned(),
    };
    let request = voice.system_request(request_id::current(), wanted);
    match voice.client().find_assistant(request).await {
        Ok(found) => {
            let org = found.into_inner().org_id.parse();
            org.map(Some).map_err(Problem::internal)
        }
        Err(status) => match Problem::from(status) {
            problem if problem.kind == Kind::NotFound => Ok(None),
            problem => Err(problem),
        },
    }
}
