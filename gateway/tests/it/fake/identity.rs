//! Identity: revoked sessions and webhook secrets.

use std::sync::{Arc, Mutex};

use voxanne_ids::{OrgId, SessionId};
use voxanne_proto::identity::v1::{
    FindWebhookSecretsRequest, FindWebhookSecretsResponse, ListRevocationsRequest,
    ListRevocationsResponse, WebhookSecret,
};
use voxanne_tenant::System;
use voxanne_testkit::Running;

use super::Rpcs;

#[derive(Clone, Default)]
pub(crate) struct Identity(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    revoked: Vec<SessionId>,
    secrets: Vec<(String, OrgId, String)>,
}

impl Identity {
    pub(crate) fn revoke(&self, session: SessionId) {
        self.0
            .lock()
            .expect("no holder panics")
            .revoked
            .push(session);
    }

    pub(crate) fn knows(&self, sid: &str, org: OrgId, secret: &str) {
        let mut state = self.0.lock().expect("no holder panics");
        state.secrets.push((sid.to_owned(), org, secret.to_owned()));
    }

    pub(crate) async fn serve(&self) -> Running {
        let (revoked, secrets) = (self.0.clone(), self.0.clone());
        Rpcs::default()
            .unary(
                "/voxanne.identity.v1.IdentityService/ListRevocations",
                move |request: tonic::Request<ListRevocationsRequest>| {
                    let answer = System::of(&request).map(|_| {
                        let after = usize::try_from(request.get_ref().after).unwrap_or(0);
                        let state = revoked.lock().expect("no holder panics");
                        let new = state.revoked.iter().skip(after);
                        ListRevocationsResponse {
                            session_ids: new.map(ToString::to_string).collect(),
                            position: i64::try_from(state.revoked.len()).unwrap_or(0),
                        }
                    });
                    async { Ok(answer?) }
                },
            )
            .unary(
                "/voxanne.identity.v1.IdentityService/FindWebhookSecrets",
                move |request: tonic::Request<FindWebhookSecretsRequest>| {
                    let answer = System::of(&request).map(|_| find(&secrets, request.get_ref()));
                    async { Ok(answer?) }
                },
            )
            .serve("identity")
            .await
    }
}

fn find(state: &Mutex<State>, wanted: &FindWebhookSecretsRequest) -> FindWebhookSecretsResponse {
    let state = state.lock().expect("no holder panics");
    let known = state
        .secrets
        .iter()
        .filter(|(sid, _, _)| wanted.provider == "twilio" && *sid == wanted.external_id);
    FindWebhookSecretsResponse {
        secrets: known
            .map(|(_, org, secret)| WebhookSecret {
                org_id: org.to_string(),
                secret: secret.clone(),
            })
            .collect(),
    }
}
