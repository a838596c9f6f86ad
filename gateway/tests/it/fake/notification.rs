//! Notification: remembers what it is told of messages.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_proto::notification::v1::{RecordStatusRequest, RecordStatusResponse};
use voxanne_tenant::Tenant;
use voxanne_testkit::Running;

use super::Rpcs;

#[derive(Clone, Default)]
pub(crate) struct Notification(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    messages: HashSet<(OrgId, String)>,
    told: Vec<(OrgId, String, RecordStatusRequest)>,
}

impl Notification {
    pub(crate) fn sent(&self, org: OrgId, message: &str) {
        let mut state = self.0.lock().expect("no holder panics");
        state.messages.insert((org, message.to_owned()));
    }

    /// Which organisation was told what, and as whom.
    pub(crate) fn told(&self) -> Vec<(OrgId, String, RecordStatusRequest)> {
        self.0.lock().expect("no holder panics").told.clone()
    }

    pub(crate) async fn serve(&self) -> Running {
        let state = self.0.clone();
        Rpcs::default()
            .unary(
                "/voxanne.notification.v1.NotificationService/RecordStatus",
                move |request: tonic::Request<RecordStatusRequest>| {
                    let answer = Tenant::of(&request)
                        .and_then(|tenant| note(&state, &tenant, request.into_inner()));
                    async { Ok(answer?) }
                },
            )
            .serve("notification")
            .await
    }
}

fn note(
    state: &Mutex<State>,
    tenant: &Tenant,
    news: RecordStatusRequest,
) -> Result<RecordStatusResponse, Problem> {
    let mut state = state.lock().expect("no holder panics");
    let place = (tenant.org(), news.message_id.clone());
    if !state.messages.contains(&place) {
        return Err(Problem::not_found("MESSAGE_NOT_FOUND", "no such message"));
    }
    let caller = tenant.caller().to_string();
    state.told.push((tenant.org(), caller, news));
    Ok(RecordStatusResponse {})
}
