//! Asking a provider whether it accepts a clinic's account.

use std::time::Duration;

use axum::{Json, extract::State};
use voxanne_problem::{Kind, Problem};
use voxanne_proto::notification::v1::{TestCredentialRequest, TestOutcome};
use voxanne_tenant::Tenant;

use super::{Credential, GOOGLE, TWILIO, show};
use crate::{App, auth::Member, reply::Refusal};

/// When a provider that gave no answer may be asked again.
const ASK_AGAIN: Duration = Duration::from_secs(10);

/// Asks Twilio whether it accepts the account and its sender.
///
/// The answer is the account as it is shown, with `verdict` in words; `status` is then `ok` or
/// `rejected`. When Twilio gives no clear answer, nothing changes.
#[utoipa::path(post, path = "/credentials/twilio/test", tag = "credentials",
    responses(
    (status = 200, description = "What Twilio said", body = Credential),
    (status = 404, description = "CREDENTIAL_NOT_FOUND"),
    (status = 409, description = "CREDENTIAL_CHANGED"),
    (status = 503, description = "PROVIDER_UNAVAILABLE")))]
pub(crate) async fn twilio(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<Credential>, Refusal> {
    test(&app, &tenant, TWILIO).await
}

/// Refuses: Google is asked in the name of each provider who connected a calendar, with
/// `POST …/calendars/{id}/test`. Nothing of the clinic's own account is used.
#[utoipa::path(post, path = "/credentials/google/test", tag = "credentials",
    responses(
    (status = 200, description = "What Google said", body = Credential),
    (status = 422, description = "TEST_NOT_SUPPORTED")))]
pub(crate) async fn google(
    State(app): State<App>,
    Member(tenant): Member,
) -> Result<Json<Credential>, Refusal> {
    test(&app, &tenant, GOOGLE).await
}

async fn test(app: &App, tenant: &Tenant, provider: &str) -> Result<Json<Credential>, Refusal> {
    let tests = &app.clients.credential_tests;
    let message = TestCredentialRequest {
        provider: provider.to_owned(),
    };
    let request = tests.request(tenant, message);
    let said = tests.client().test_credential(request).await?.into_inner();
    match said.outcome() {
        TestOutcome::Accepted | TestOutcome::Rejected => {}
        TestOutcome::Unavailable => {
            let away = Problem::new(Kind::Unavailable, "PROVIDER_UNAVAILABLE", said.words);
            return Err(away.retry_after(ASK_AGAIN).into());
        }
        TestOutcome::Unspecified => return Err(Problem::internal("a test has an outcome").into()),
    }
    let Json(mut credential) = show(app, tenant, provider).await?;
    credential.verdict = Some(said.words);
    Ok(Json(credential))
}
