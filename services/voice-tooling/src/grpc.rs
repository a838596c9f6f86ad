//! The rpcs, each translated to what it asks for.

use tonic::{Request, Response, Status};
use voxanne_idempotency::KeyedRequest;
use voxanne_ids::CallId;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::voice_tooling::v1::{
    FindAssistantRequest, FindAssistantResponse, GetAgentRequest, GetAgentResponse, GetCallRequest,
    GetCallResponse, GetSyncRequest, GetSyncResponse, ListAgentVersionsRequest,
    ListAgentVersionsResponse, ListCallsRequest, ListCallsResponse, RecordCallRequest,
    RecordCallResponse, RunToolRequest, RunToolResponse, SaveAgentRequest, SaveAgentResponse,
    SetEnabledRequest, SetEnabledResponse, StartSyncRequest, StartSyncResponse,
    voice_tooling_service_server::VoiceToolingService,
};
use voxanne_tenant::{System, Tenant};

use crate::{
    VoiceTooling,
    agents::Draft,
    calls::{Report, wire::shown},
    page::Page,
    rights, runs,
};

#[tonic::async_trait]
impl VoiceToolingService for VoiceTooling {
    async fn save_agent(
        &self,
        request: Request<SaveAgentRequest>,
    ) -> Result<Response<SaveAgentResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        rights::changes_agent(&tenant)?;
        let keyed = KeyedRequest::of(&request)?;
        let draft = Draft::try_from(request.into_inner())?;
        let saved = self.save(&tenant, &draft, keyed.as_ref()).await?;
        Ok(Response::new(saved))
    }

    async fn get_agent(
        &self,
        request: Request<GetAgentRequest>,
    ) -> Result<Response<GetAgentResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        Ok(Response::new(self.agent(&tenant).await?))
    }

    async fn list_agent_versions(
        &self,
        request: Request<ListAgentVersionsRequest>,
    ) -> Result<Response<ListAgentVersionsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.into_inner();
        let page = Page::read(request.limit, &request.cursor)?;
        let (versions, next_cursor) = self.versions(&tenant, page).await?;
        Ok(Response::new(ListAgentVersionsResponse {
            versions: versions.into_iter().map(Into::into).collect(),
            next_cursor,
        }))
    }

    async fn get_sync(
        &self,
        request: Request<GetSyncRequest>,
    ) -> Result<Response<GetSyncResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        Ok(Response::new(self.sync(&tenant).await?))
    }

    async fn start_sync(
        &self,
        request: Request<StartSyncRequest>,
    ) -> Result<Response<StartSyncResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        rights::changes_agent(&tenant)?;
        Ok(Response::new(self.start_sync(&tenant).await?))
    }

    async fn set_enabled(
        &self,
        request: Request<SetEnabledRequest>,
    ) -> Result<Response<SetEnabledResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        rights::changes_agent(&tenant)?;
        let enabled = request.into_inner().enabled;
        let agent = Some(self.set_enabled(&tenant, enabled).await?.into());
        Ok(Response::new(SetEnabledResponse { agent }))
    }

    async fn find_assistant(
        &self,
        request: Request<FindAssistantRequest>,
    ) -> Result<Response<FindAssistantResponse>, Status> {
        System::of(&request)?;
        let id = request.into_inner().vapi_assistant_id;
        let (org, agent) = self.find_assistant(&id).await?;
        Ok(Response::new(FindAssistantResponse {
            org_id: org.to_string(),
            agent_id: agent.to_string(),
        }))
    }

    async fn run_tool(
        &self,
        request: Request<RunToolRequest>,
    ) -> Result<Response<RunToolResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = runs::Request::try_from(request.into_inner())?;
        let said = self.run_tool(&tenant, &request).await?;
        Ok(Response::new(said.into()))
    }

    async fn record_call(
        &self,
        request: Request<RecordCallRequest>,
    ) -> Result<Response<RecordCallResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let report = Report::read(request.into_inner(), self.clock.now())?;
        self.record_call(&tenant, &report).await?;
        Ok(Response::new(RecordCallResponse {}))
    }

    async fn list_calls(
        &self,
        request: Request<ListCallsRequest>,
    ) -> Result<Response<ListCallsResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let request = request.into_inner();
        let page = Page::read(request.limit, &request.cursor)?;
        let (calls, next_cursor) = self.calls(&tenant, page).await?;
        Ok(Response::new(ListCallsResponse {
            calls: calls.into_iter().map(shown).collect(),
            next_cursor,
        }))
    }

    async fn get_call(
        &self,
        request: Request<GetCallRequest>,
    ) -> Result<Response<GetCallResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let id = call_id(&request.into_inner().id)?;
        let call = Some(shown(self.call(&tenant, id).await?));
        Ok(Response::new(GetCallResponse { call }))
    }
}

fn call_id(text: &str) -> Result<CallId, Problem> {
    let mut violations = Violations::default();
    let id = violations.take("id", "ID", text.parse());
    violations.finish(id)
}
