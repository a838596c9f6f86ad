//! Identity: revoked sessions and webhook secrets.

use std::sync::{Arc, Mutex};

use voxanne_ids::OrgId;
use voxanne_proto::identity::v1::{
    FindWebhookSecretsRequest, FindWebhookSecretsResponse, WebhookSecret,
};
use voxanne_tenant::System;
use voxanne_testkit::Running;

use super::{Rpcs, sessions::Sessions};

#[derive(Clone, Default)]
pub(crate) struct Identity {
    pub(crate) sessions: Sessions,
    secrets: Arc<Mutex<Vec<(String, OrgId, String)>>>,
}

impl Identity {
    pub(crate) fn knows(&self, sid: &str, org: OrgId, secret: &str) {
        let mut secrets = self.secrets.lock().expect("no holder panics");
        secrets.push((sid.to_owned(), org, secret.to_owned()));
    }

    pub(crate) async fn serve(&self) -> Running {
        let secrets = self.secrets.clone();
        self.sessions
            .rpcs(Rpcs::default())
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
