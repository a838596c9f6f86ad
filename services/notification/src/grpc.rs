//! The rpcs: each reads its request, does one thing and writes its answer.

mod credentials;

use std::sync::Arc;

use tonic::{Request, Response, Status};
use voxanne_idempotency::KeyedRequest;
use voxanne_ids::MessageId;
use voxanne_problem::{Problem, Violations};
use voxanne_proto::notification::v1::{
    ListMessagesRequest, ListMessagesResponse, RecordStatusRequest, RecordStatusResponse,
    RetryMessageRequest, RetryMessageResponse, SendMessageRequest, SendMessageResponse,
    notification_service_server::NotificationService,
};
use voxanne_tenant::Tenant;

use crate::{
    Notification,
    messages::{record_status::Report, wire},
};

pub(crate) use self::credentials::CredentialsGrpc;

/// Twilio's ids have 34 characters.
const LONGEST_SID: usize = 64;

/// The service as gRPC sees it.
#[derive(Clone)]
pub(crate) struct Grpc(pub(crate) Arc<Notification>);

#[tonic::async_trait]
impl NotificationService for Grpc {
    async fn send_message(
        &self,
        request: Request<SendMessageRequest>,
    ) -> Result<Response<SendMessageResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let keyed = KeyedRequest::of(&request)?;
        let draft = wire::draft(request.into_inner())?;
        let queued = self.0.queue(&tenant, keyed, draft).await?;
        Ok(Response::new(SendMessageResponse {
            message: Some(queued.message),
            replayed: queued.replayed,
        }))
    }

    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let page = wire::page(request.get_ref())?;
        let (messages, next) = self.0.list(&tenant, page).await?;
        Ok(Response::new(ListMessagesResponse {
            messages: messages.into_iter().map(Into::into).collect(),
            next_cursor: next.map(wire::write_cursor).unwrap_or_default(),
        }))
    }

    async fn retry_message(
        &self,
        request: Request<RetryMessageRequest>,
    ) -> Result<Response<RetryMessageResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let mut violations = Violations::default();
        let id = violations.take("id", "INVALID", request.get_ref().id.parse());
        let message = self.0.retry(&tenant, violations.finish(id)?).await?;
        Ok(Response::new(RetryMessageResponse {
            message: Some(message.into()),
        }))
    }

    async fn record_status(
        &self,
        request: Request<RecordStatusRequest>,
    ) -> Result<Response<RecordStatusResponse>, Status> {
        let tenant = Tenant::of(&request)?;
        let report = report(request.into_inner())?;
        self.0.record_status(&tenant, report).await?;
        Ok(Response::new(RecordStatusResponse {}))
    }
}

fn report(request: RecordStatusRequest) -> Result<Report, Problem> {
    let mut violations = Violations::default();
    let message = Some(request.message_id.as_str())
        .filter(|id| !id.is_empty())
        .map(str::parse::<MessageId>)
        .transpose();
    let message = violations.take("messageId", "INVALID", message);
    if !(1..=LONGEST_SID).contains(&request.sid.len()) {
        violations.add("sid", "INVALID", "is not an id of Twilio's");
    }
    violations.finish(message.map(|message| Report {
        message,
        sid: request.sid,
        status: request.status,
        error_code: request.error_code,
    }))
}
