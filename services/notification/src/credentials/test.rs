//! Asking the provider whether it accepts what is stored.

use voxanne_problem::{Kind, Problem, Violations};
use voxanne_proto::identity::v1::{OpenCredentialRequest, RecordTestRequest};
use voxanne_tenant::Tenant;

use super::{Credentials, PATIENCE, TO_NOTE};
use crate::{
    rights,
    twilio::{
        account::Account,
        verify::{Claimed, Verdict},
    },
};

const TWILIO: &str = "twilio";
const GOOGLE: &str = "google";

impl Credentials {
    /// Asks the provider, and notes its answer for the version that was tested. No answer changes
    /// nothing.
    #[tracing::instrument(name = "credential.test", skip_all, fields(org.id = %tenant.org()))]
    pub(crate) async fn test(&self, tenant: &Tenant, provider: &str) -> Result<Verdict, Problem> {
        rights::tests_credentials(tenant)?;
        check(provider)?;
        let tenant = &tenant.clone().within(PATIENCE);
        let left = tenant.time_left(PATIENCE);
        let job = Tenant::for_job(tenant.org(), "credential-test").within(left);
        let request = OpenCredentialRequest {
            provider: provider.to_owned(),
        };
        let request = self.outbound.request(&job, request);
        let opened = self.vault.clone().open_credential(request).await?;
        let opened = opened.into_inner();
        let version = opened.version;
        let auth_token = opened.secrets.get("authToken").cloned();
        let verdict = match (Account::read(opened), auth_token) {
            (Ok(account), Some(token)) => {
                let claimed = Claimed {
                    account,
                    auth_token: token.into(),
                };
                let patience = job.time_left(PATIENCE).saturating_sub(TO_NOTE);
                let asked = tokio::time::timeout(patience, self.twilio.verify(&claimed));
                asked.await.unwrap_or(Verdict::NO_ANSWER)
            }
            (Err(words), _) => Verdict::Rejected(words),
            (_, None) => Verdict::Rejected("the Twilio account has no auth token"),
        };
        self.note(tenant, version, &verdict).await?;
        Ok(verdict)
    }

    /// In the name of the member, who will be looked for in the audit log.
    async fn note(&self, tenant: &Tenant, version: i64, verdict: &Verdict) -> Result<(), Problem> {
        let accepted = match verdict {
            Verdict::Accepted(_) => true,
            Verdict::Rejected(_) => false,
            Verdict::Unavailable(_) => return Ok(()),
        };
        let note = RecordTestRequest {
            provider: TWILIO.to_owned(),
            version,
            accepted,
        };
        let request = self.outbound.request(tenant, note);
        self.notes.clone().record_test(request).await?;
        // Texts that wait for the account need not wait for a cache too.
        self.clinics.forget(tenant.org()).await;
        Ok(())
    }
}

fn check(provider: &str) -> Result<(), Problem> {
    match provider {
        TWILIO => Ok(()),
        // Google answers only to an OAuth client, and there is none yet.
        GOOGLE => Err(Problem::new(
            Kind::Unprocessable,
            "TEST_NOT_SUPPORTED",
            "a Google account cannot be tested before its calendar is connected",
        )),
        _ => {
            let mut wrong = Violations::default();
            wrong.add("provider", "PROVIDER", "must be twilio or google");
            wrong.finish(None)
        }
    }
}
