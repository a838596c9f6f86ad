//! Voice tooling: assistants, tools that do as their names say, and what it is told of calls.

use std::{
    collections::HashMap,
    future::pending,
    sync::{Arc, Mutex},
};

use voxanne_ids::OrgId;
use voxanne_problem::{Kind, Problem};
use voxanne_proto::voice_tooling::v1::{
    FindAssistantRequest, FindAssistantResponse, RecordCallRequest, RecordCallResponse,
    RunToolRequest, RunToolResponse, run_tool_response::Outcome,
};
use voxanne_tenant::{System, Tenant};
use voxanne_testkit::Running;

use super::Rpcs;

#[derive(Clone, Default)]
pub(crate) struct Voice(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    assistants: HashMap<String, OrgId>,
    ran: Vec<(OrgId, String, RunToolRequest)>,
    told: Vec<(OrgId, RecordCallRequest)>,
    asked: usize,
}

impl Voice {
    pub(crate) fn owns(&self, org: OrgId, assistant: &str) {
        let mut state = self.0.lock().expect("no holder panics");
        state.assistants.insert(assistant.to_owned(), org);
    }

    /// Which organisation's tools ran, and as whom.
    pub(crate) fn ran(&self) -> Vec<(OrgId, String, RunToolRequest)> {
        self.0.lock().expect("no holder panics").ran.clone()
    }

    pub(crate) fn told(&self) -> Vec<(OrgId, RecordCallRequest)> {
        self.0.lock().expect("no holder panics").told.clone()
    }

    /// How often it was asked whose an assistant is.
    pub(crate) fn asked(&self) -> usize {
        self.0.lock().expect("no holder panics").asked
    }

    pub(crate) async fn serve(&self) -> Running {
        let (find, run, record) = (self.clone(), self.clone(), self.clone());
        Rpcs::default()
            .unary(
                "/voxanne.voice_tooling.v1.VoiceToolingService/FindAssistant",
                move |request: tonic::Request<FindAssistantRequest>| {
                    let answer = System::of(&request)
                        .and_then(|_| find.find(&request.get_ref().vapi_assistant_id));
                    async { Ok(answer?) }
                },
            )
            .unary(
                "/voxanne.voice_tooling.v1.VoiceToolingService/RunTool",
                move |request: tonic::Request<RunToolRequest>| {
                    let voice = run.clone();
                    async move {
                        let tenant = Tenant::of(&request)?;
                        Ok(voice.run(&tenant, request.into_inner()).await?)
                    }
                },
            )
            .unary(
                "/voxanne.voice_tooling.v1.VoiceToolingService/RecordCall",
                move |request: tonic::Request<RecordCallRequest>| {
                    let answer = Tenant::of(&request).map(|tenant| {
                        let told = (tenant.org(), request.into_inner());
                        record.0.lock().expect("no holder panics").told.push(told);
                        RecordCallResponse {}
                    });
                    async { Ok(answer?) }
                },
            )
            .serve("voice-tooling")
            .await
    }

    fn find(&self, assistant: &str) -> Result<FindAssistantResponse, Problem> {
        let mut state = self.0.lock().expect("no holder panics");
        state.asked += 1;
        let org = state.assistants.get(assistant).ok_or_else(|| {
            Problem::not_found("ASSISTANT_NOT_FOUND", "nobody has this assistant")
        })?;
        Ok(FindAssistantResponse {
            org_id: org.to_string(),
            agent_id: String::new(),
        })
    }

    async fn run(
        &self,
        tenant: &Tenant,
        wanted: RunToolRequest,
    ) -> Result<RunToolResponse, Problem> {
        let name = wanted.name.clone();
        let caller = tenant.caller().to_string();
        let ran = (tenant.org(), caller, wanted);
        self.0.lock().expect("no holder panics").ran.push(ran);
        let outcome = match name.as_str() {
            "neverEnds" => pending().await,
            "breaks" => return Err(Problem::internal("broken")),
            "busy" => return Err(Problem::new(Kind::RateLimited, "BUSY", "busy")),
            "refuses" => Outcome::Error("That time was just taken.".to_owned()),
            "manyLines" => Outcome::Result("{\n  \"say\": \"one\"\n}\n".to_owned()),
            other => Outcome::Result(format!(r#"{{"say":"{other}","data":{{}}}}"#)),
        };
        Ok(RunToolResponse {
            outcome: Some(outcome),
        })
    }
}
