//! Agents and their calls.

use voxanne_proto::voice_tooling::v1::{
    GetAgentRequest, GetCallRequest, GetSyncRequest, ListAgentVersionsRequest, ListCallsRequest,
    Model, RecordCallRequest, RunToolRequest, SaveAgentRequest, SetEnabledRequest,
    StartSyncRequest, Voice,
};

use super::{Case, Of, Who};

pub(super) fn cases() -> Vec<Case> {
    let of = Of("voice_tooling.v1.VoiceToolingService", Who::Owner);
    vec![
        of.system("FindAssistant"),
        of.nothing("GetAgent", GetAgentRequest {}),
        of.nothing("ListAgentVersions", ListAgentVersionsRequest::default()),
        of.nothing("GetSync", GetSyncRequest {}),
        of.nothing("StartSync", StartSyncRequest {}),
        of.nothing("SetEnabled", SetEnabledRequest { enabled: true }),
        of.nothing("SaveAgent", agent()),
        of.nothing("ListCalls", ListCallsRequest::default()),
        of.id(
            "GetCall",
            |it| &it.call,
            |_, id| GetCallRequest { id: id.into() },
        ),
        of.by(Who::Call).any_id(
            "RunTool",
            |it| &it.vapi_call,
            |_, id| tool(id, "a-tool-call"),
        ),
        // Its own is repeated, so it is told apart from one that never ran.
        of.by(Who::Call).id(
            "RunTool",
            |it| &it.tool_run,
            |_, id| {
                let (call, tool_call) = id.split_once(' ').expect("two ids");
                tool(call, tool_call)
            },
        ),
        of.by(Who::Webhook).any_id(
            "RecordCall",
            |it| &it.vapi_call,
            |_, id| RecordCallRequest {
                vapi_call_id: id.into(),
                caller_number: "+12125550122".into(),
                status: "ended".into(),
                ended_reason: "customer-ended-call".into(),
                summary: "Somebody else's call.".into(),
                ..Default::default()
            },
        ),
    ]
}

fn agent() -> SaveAgentRequest {
    SaveAgentRequest {
        name: "Front desk".into(),
        system_prompt: "You answer the phone of a clinic.".into(),
        first_message: "Hello?".into(),
        voice: Some(Voice {
            provider: "vapi".into(),
            voice_id: "Elliot".into(),
        }),
        model: Some(Model {
            provider: "openai".into(),
            model: "gpt-4o".into(),
        }),
        language: "en-US".into(),
    }
}

/// Books a slot that nobody was offered.
fn tool(call: &str, tool_call: &str) -> RunToolRequest {
    RunToolRequest {
        vapi_call_id: call.to_owned(),
        tool_call_id: tool_call.to_owned(),
        name: "bookClinicAppointment".into(),
        arguments_json: r#"{"slotId":"slt_none","patientName":"Ann Other"}"#.into(),
        caller_number: "+12125550122".into(),
    }
}
