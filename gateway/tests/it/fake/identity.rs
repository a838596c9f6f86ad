//! Identity: revoked sessions, API keys and webhook secrets.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use voxanne_ids::OrgId;
use voxanne_proto::identity::v1::{
    FindWebhookSecretsRequest, FindWebhookSecretsResponse, WebhookSecret,
};
use voxanne_tenant::System;
use voxanne_testkit::Running;

use super::{Rpcs, api_keys::KnownKeys, sessions::Sessions};

#[derive(Clone, Default)]
pub(crate) struct Identity {
    pub(crate) sessions: Sessions,
    pub(crate) api_keys: KnownKeys,
    secrets: Arc<Mutex<Vec<(String, OrgId, String)>>>,
    asked: Arc<AtomicUsize>,
}

impl Identity {
    pub(crate) fn knows(&self, sid: &str, org: OrgId, secret: &str) {
        let mut secrets = self.secrets.lock().expect("no holder panics");
        secrets.push((sid.to_owned(), org, secret.to_owned()));
    }

    /// Has the account no other secret than this one.
    pub(crate) fn rotates(&self, sid: &str, org: OrgId, secret: &str) {
        let mut secrets = self.secrets.lock().expect("no holder panics");
        secrets.retain(|(known, ..)| known != sid);
        secrets.push((sid.to_owned(), org, secret.to_owned()));
    }

    /// How often it was asked for the secrets of an account.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) async fn serve(&self) -> Running {
        let (secrets, asked) = (self.secrets.clone(), self.asked.clone());
        self.api_keys
            .serve(self.sessions.rpcs(Rpcs::default()))
            .unary(
                "/voxanne.identity.v1.IdentityService/FindWebhookSecrets",
                move |request: tonic::Request<FindWebhookSecretsRequest>| {
                    asked.fetch_add(1, Ordering::SeqCst);
                    let answer = System::of(&request).map(|_| find(&secrets, request.get_ref()));
                    async { Ok(answer?) }
                },
            )
            .serve("identity")
            .await
    }
}

fn find(
    secrets: &Mutex<Vec<(String, OrgId, String)>>,
    wanted: &FindWebhookSecretsRequest,
) -> FindWebhookSecretsResponse {
    let secrets = secrets.lock().expect("no holder panics");
    let known = secrets
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
