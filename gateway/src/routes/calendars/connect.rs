//! Connecting a calendar: to Google's page, and back from it.

#![expect(
    unused_qualifications,
    reason = "the macro of a route writes the name of its parameters out in full"
)]

use axum::{
    Json,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::cookie::CookieJar;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use voxanne_problem::Problem;
use voxanne_proto::booking::v1 as proto;

use crate::{App, auth::Member, body::Parameters, reply::Refusal, request_id};

/// Where the dashboard shows calendars.
const PAGE: &str = "/settings/calendars";
const PATH: &str = "/api/google/oauth";
const NAME: &str = "voxanne_oauth";
/// Browsers let nobody set this one but a page that came over https.
const SECURE_NAME: &str = "__Secure-voxanne_oauth";
/// As long as the question itself is open.
const LASTS: u32 = 600;
/// Longer than anything that Google brings.
const LONGEST: usize = 4096;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Whose {
    /// The provider whose calendar it is.
    #[param(format = "provider-id")]
    provider_id: Option<String>,
}

/// Where to send the browser.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Question {
    /// Google's page. The cookie of this answer has to be in the browser that comes back from it.
    url: String,
}

/// Asks for a provider's calendar: send the browser to `url`. Only this browser, in the next ten
/// minutes, and once, can finish.
#[utoipa::path(get, path = "/api/google/oauth/start", tag = "calendars", params(Whose), responses(
    (status = 200, description = "Where to send the browser", body = Question),
    (status = 403, description = "ROLE_INSUFFICIENT, SCOPE_INSUFFICIENT, NOT_SIGNED_IN"),
    (status = 404, description = "PROVIDER_NOT_FOUND"),
    (status = 409, description = "NOT_CONFIGURED")))]
pub(crate) async fn start(
    State(app): State<App>,
    Member(tenant): Member,
    Parameters(whose): Parameters<Whose>,
) -> Result<Response, Refusal> {
    let calendars = &app.clients.calendars;
    let message = proto::StartConnectRequest {
        provider_id: whose.provider_id.unwrap_or_default(),
    };
    let request = calendars.request(&tenant, message);
    let started = calendars
        .client()
        .start_connect(request)
        .await?
        .into_inner();
    let cookie = cookie(&app, &started.browser, LASTS)?;
    Ok(([cookie], Json(Question { url: started.url })).into_response())
}

/// Where Google sends the browser back to. The page that follows has no code in its address.
#[utoipa::path(get, path = "/api/google/oauth/callback", tag = "calendars", params(
    ("state" = Option<String>, Query, description = "As it was given to Google"),
    ("code" = Option<String>, Query, description = "Good once"),
    ("error" = Option<String>, Query, description = "Instead of a code")), responses(
    (status = 303, description = "The calendar is connected"),
    (status = 400, description = "OAUTH_STATE_INVALID"),
    (status = 409, description = "NOT_CONFIGURED"),
    (status = 422, description = "CONSENT_REFUSED, CONSENT_INCOMPLETE"),
    (status = 503, description = "GOOGLE_UNAVAILABLE")))]
pub(crate) async fn callback(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    // Google adds what it likes, so what is not known here is passed over.
    let query = query.unwrap_or_default();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&query).unwrap_or_default();
    let given = |wanted: &str| {
        let found = pairs.iter().find(|(name, _)| name == wanted);
        let found = found.map(|(_, value)| value.clone());
        found
            .filter(|value| value.len() <= LONGEST)
            .unwrap_or_default()
    };
    let jar = CookieJar::from_headers(&headers);
    let browser = jar
        .get(name(&app).0)
        .map(|cookie| cookie.value().to_owned());
    let message = proto::FinishConnectRequest {
        state: given("state"),
        code: given("code"),
        error: given("error"),
        browser: browser.unwrap_or_default(),
    };
    let calendars = &app.clients.calendars;
    let request = calendars.system_request(request_id::current(), message);
    let finished = calendars
        .client()
        .finish_connect(request)
        .await?
        .into_inner();
    let page = format!("{PAGE}?connected={}", finished.provider_id);
    let page = HeaderValue::try_from(page)
        .map_err(|_| Problem::internal("a provider's id is no part of an address"))?;
    let headers = [cookie(&app, "", 0)?, (header::LOCATION, page)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// The cookie's name, and the attribute that keeps it from being sent over plain http.
fn name(app: &App) -> (&'static str, &'static str) {
    match app.config.public_url.scheme() {
        "https" => (SECURE_NAME, "; Secure"),
        _ => (NAME, ""),
    }
}

/// `Lax`, because it is Google's page that leads back here.
fn cookie(app: &App, value: &str, age: u32) -> Result<(HeaderName, HeaderValue), Problem> {
    let (name, secure) = name(app);
    let text =
        format!("{name}={value}; HttpOnly; SameSite=Lax; Path={PATH}; Max-Age={age}{secure}");
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| Problem::internal("a secret of ours is no cookie value"))?;
    value.set_sensitive(true);
    Ok((header::SET_COOKIE, value))
}
