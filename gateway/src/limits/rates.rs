//! How often somebody may ask: an organisation, a member, an address, a number, a tool.

use std::{net::IpAddr, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use voxanne_ids::OrgId;
use voxanne_limits::{Demand, Rate, Standing};
use voxanne_problem::{Kind, Problem};
use voxanne_telemetry::names;
use voxanne_tenant::{Caller, Tenant};

use super::{Limits, address, counted};
use crate::{App, reply::Refusal};

pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
pub(crate) const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Counts requests of people who have proved nothing, by their address.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    // Whoever asks whether the process turns is always told.
    if matches!(request.uri().path(), "/healthz" | "/readyz") {
        return next.run(request).await;
    }
    let from = address::of(&request);
    match app.limits.stranger(from).await {
        Ok(standing) => show(standing, next.run(request).await),
        Err(refusal) => refusal.into_response(),
    }
}

/// Writes into an answer how much is left, unless a narrower limit has.
pub(crate) fn show(standing: Standing, mut response: Response) -> Response {
    write(&standing, response.headers_mut());
    response
}

pub(crate) fn write(standing: &Standing, headers: &mut HeaderMap) {
    if headers.contains_key(LIMIT) {
        return;
    }
    headers.insert(LIMIT, HeaderValue::from(standing.limit));
    headers.insert(REMAINING, HeaderValue::from(standing.remaining));
    headers.insert(RESET, HeaderValue::from(seconds(standing.reset)));
}

/// Rounded up: whoever comes back too early is refused again.
pub(crate) fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

impl Limits {
    /// Counts a request of somebody who has proved nothing.
    pub(crate) async fn stranger(&self, from: IpAddr) -> Result<Standing, Refusal> {
        self.take(&[("address", self.of_address(from))]).await
    }

    /// Counts a request from `from` of somebody who has proved who they are.
    pub(crate) async fn member(&self, from: IpAddr, tenant: &Tenant) -> Result<Standing, Refusal> {
        let settings = &self.settings;
        let org = format!("org:{}", tenant.org());
        self.take(&[
            ("org", demand(org, settings.org)),
            ("user", demand(caller(tenant.caller()), settings.user)),
            ("address", self.of_address(from)),
        ])
        .await
    }

    /// Counts a tool call for the caller with `number`, which may be unknown.
    pub(crate) async fn tool(&self, org: OrgId, tool: &str, number: &str) -> Result<(), Refusal> {
        let settings = &self.settings;
        let tool = self.hidden("tool", tool.as_bytes());
        let mut demands = vec![("tool", demand(format!("tool:{org}:{tool}"), settings.tool))];
        if !number.is_empty() {
            demands.push((
                "caller",
                self.of_number("caller", org, number, settings.caller),
            ));
        }
        self.take(&demands).await.map(drop)
    }

    /// Counts a text to `number`.
    pub(crate) async fn text(&self, org: OrgId, number: &str) -> Result<Standing, Refusal> {
        let demand = self.of_number("recipient", org, number, self.settings.recipient);
        self.take(&[("recipient", demand)]).await
    }

    /// Counts a webhook of the Twilio account `sid`.
    pub(crate) async fn callback(&self, sid: &str) -> Result<(), Refusal> {
        let key = format!("callbacks:{}", self.hidden("account", sid.as_bytes()));
        let demands = [("callbacks", demand(key, self.settings.callbacks))];
        self.take(&demands).await.map(drop)
    }

    /// Counts a socket that a member opens.
    pub(crate) async fn socket(&self, tenant: &Tenant) -> Result<(), Refusal> {
        let key = format!("sockets:{}", caller(tenant.caller()));
        let demands = [("sockets", demand(key, self.settings.sockets))];
        self.take(&demands).await.map(drop)
    }

    fn of_address(&self, address: IpAddr) -> Demand {
        let mark = self.hidden("address", &counted(address));
        demand(format!("address:{mark}"), self.settings.address)
    }

    /// A number counts for itself in each organisation, however it is written.
    fn of_number(&self, kind: &str, org: OrgId, number: &str, rate: Rate) -> Demand {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let mark = self.hidden("number", digits.as_bytes());
        demand(format!("{kind}:{org}:{mark}"), rate)
    }

    async fn take(&self, named: &[(&'static str, Demand)]) -> Result<Standing, Refusal> {
        let demands: Vec<_> = named.iter().map(|(_, demand)| demand.clone()).collect();
        self.limiter.take(&demands).await.map_err(|refused| {
            let limit = named[refused.place].0;
            metrics::counter!(names::LIMITED, "limit" => limit).increment(1);
            let problem = rate_limited().retry_after(refused.wait);
            Refusal::from(problem).with_standing(refused.standing)
        })
    }
}

/// Who is counted as one.
fn caller(caller: &Caller) -> String {
    match caller {
        // All sessions of a member together: another sign-in is no fresh start.
        Caller::User { id, .. } => format!("user:{id}"),
        Caller::Key { id, .. } => format!("key:{id}"),
        other => other.to_string(),
    }
}

fn demand(key: String, rate: Rate) -> Demand {
    Demand { key, rate }
}

fn rate_limited() -> Problem {
    Problem::new(
        Kind::RateLimited,
        "RATE_LIMITED",
        "too many requests, come again after the time that is told",
    )
}
