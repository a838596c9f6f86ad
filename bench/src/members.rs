//! Members and programs of each clinic at work beside the phone calls: what a dashboard asks for.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::MissedTickBehavior};

use crate::{
    fleet::{Clinic, Fleet},
    latencies::Latencies,
};

/// What one dashboard asks for, in turn.
const PAGES: [&str; 5] = ["/providers", "/services", "/messages", "/calls", "/agent"];
/// Requests a second of each clinic's members, and of its program with an API key.
const RATE: u32 = 10;

/// The gateway's cache of what it verified, since its start.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Verified {
    hits: u64,
    misses: u64,
}

impl Verified {
    pub(crate) async fn read(fleet: &Fleet) -> anyhow::Result<Self> {
        let url = format!("{}/api/internal/auth-cache-stats", fleet.gateway);
        let request = fleet.http.get(url).bearer_auth(&fleet.operator_token);
        let answer = request.send().await?.error_for_status()?;
        answer
            .json()
            .await
            .context("the gateway's figures have another form")
    }

    pub(crate) const fn since(self, before: Self) -> Self {
        Self {
            hits: self.hits - before.hits,
            misses: self.misses - before.misses,
        }
    }

    pub(crate) const fn count(self) -> u64 {
        self.hits + self.misses
    }

    /// Per cent with two digits, in whole numbers.
    pub(crate) fn rate(self) -> String {
        let share = self.hits * 10_000 / self.count().max(1);
        format!("{}.{:02}", share / 100, share % 100)
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(crate) reads: Latencies,
    pub(crate) failed: usize,
}

/// Reads at a constant rate for `seconds`: half with members' tokens, half with API keys.
pub(crate) async fn work(fleet: &Fleet, clinics: &[Clinic], seconds: u32) -> anyhow::Result<Work> {
    let mut running = JoinSet::new();
    for clinic in clinics {
        let key = make_key(fleet, clinic).await?;
        for token in [clinic.token.clone(), key] {
            let base = format!("{}/api/org/{}", fleet.gateway, clinic.org);
            running.spawn(read(fleet.http.clone(), base, token, seconds * RATE));
        }
    }
    let mut all = Work::default();
    while let Some(one) = running.join_next().await {
        let one = one.context("a reader panicked")?;
        all.reads.extend(one.reads);
        all.failed += one.failed;
    }
    Ok(all)
}

async fn make_key(fleet: &Fleet, clinic: &Clinic) -> anyhow::Result<String> {
    let scopes = ["clinic:read", "messages:read", "calls:read", "agent:read"];
    let body = json!({ "name": "Benchmark", "scopes": scopes });
    let made: Value = fleet.org(Method::POST, clinic, "/api-keys", body).await?;
    let secret = made["secret"].as_str().context("a key has a secret")?;
    Ok(secret.to_owned())
}

async fn read(http: reqwest::Client, base: String, token: String, count: u32) -> Work {
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / RATE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut work = Work::default();
    for (_, page) in (0..count).zip(PAGES.iter().cycle()) {
        ticks.tick().await;
        let started = Instant::now();
        let answer = http
            .get(format!("{base}{page}"))
            .bearer_auth(&token)
            .send()
            .await;
        let read = match answer {
            Ok(answer) if answer.status().is_success() => answer.bytes().await.is_ok(),
            _ => false,
        };
        work.reads.add(started.elapsed());
        work.failed += usize::from(!read);
    }
    work
}
