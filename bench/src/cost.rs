//! What it costs the gateway to know who asks.
//!
//! A request that a member sends is compared with two that nobody has to sign in for, one after the
//! other in one loop over one connection, so that whatever else the machine does meets all three.
//! None of them reaches a service. The member's request is `GET …/providers?limit=0`: its token is
//! hashed, looked up in the cache and among the revocations, its organisation and permission are
//! compared, the limits counted, the query checked and refused (400). Its twins are the same request
//! without a token (401 before any of that) and `GET /config.json`, which anybody is served.

use std::time::{Duration, Instant};

use anyhow::ensure;
use reqwest::{Client, StatusCode};
use tokio::time::MissedTickBehavior;

use crate::{
    fleet::{Clinic, Fleet},
    latencies::Latencies,
};

/// Rounds that are not counted: connections, caches and branches warm up.
const WARM_UP: usize = 300;
const ROUNDS: usize = 3000;
/// A member may ask 150 times a second, and the limits are part of what is measured.
const ROUND: Duration = Duration::from_millis(8);

#[derive(Debug, Default)]
pub(crate) struct Cost {
    /// With a member's token.
    pub(crate) member: Latencies,
    /// The same request without one.
    pub(crate) nobody: Latencies,
    /// A page that anybody is served.
    pub(crate) open: Latencies,
}

pub(crate) async fn measure(fleet: &Fleet, clinic: &Clinic) -> anyhow::Result<Cost> {
    // One connection, which the requests use in turn.
    let http = Client::builder().pool_max_idle_per_host(1).build()?;
    let route = format!("{}/api/org/{}/providers?limit=0", fleet.gateway, clinic.org);
    let open = format!("{}/config.json", fleet.gateway);
    let mut cost = Cost::default();
    let mut ticks = tokio::time::interval(ROUND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0..WARM_UP + ROUNDS {
        ticks.tick().await;
        // Whichever comes first in a round finds the machine asleep, so each has its turn.
        for turn in 0..3 {
            let member = || http.get(&route).bearer_auth(&clinic.token);
            let (request, expected, into) = match (round + turn) % 3 {
                0 => (member(), StatusCode::BAD_REQUEST, &mut cost.member),
                1 => (http.get(&route), StatusCode::UNAUTHORIZED, &mut cost.nobody),
                _ => (http.get(&open), StatusCode::OK, &mut cost.open),
            };
            let took = timed(request, expected).await?;
            if round >= WARM_UP {
                into.add(took);
            }
        }
    }
    Ok(cost)
}

async fn timed(request: reqwest::RequestBuilder, expected: StatusCode) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let answer = request.send().await?;
    let status = answer.status();
    answer.bytes().await?;
    let took = started.elapsed();
    ensure!(status == expected, "expected {expected}, got {status}");
    Ok(took)
}
