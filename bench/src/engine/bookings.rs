//! Bookings through the gateway, each client's next one as soon as it has the answer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgConnection;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    fleet::{self, Fleet},
    latencies::Latencies,
};

pub(super) const CLIENTS: usize = 16;
pub(super) const SECONDS: u64 = 10;
/// A member may ask 150 times a second.
const CLINICS: usize = 16;

/// A clinic that never closes, with an hour's worth of quarters for each booking.
#[derive(Clone)]
pub(super) struct Clinic {
    pub(super) fleet: fleet::Clinic,
    pub(super) providers: Vec<String>,
    pub(super) service: String,
}

/// What a few turns came to.
#[derive(Default)]
pub(super) struct Turn {
    took: Latencies,
    rates: Vec<f64>,
}

impl Turn {
    pub(super) fn add(&mut self, other: Self) {
        self.took.extend(other.took);
        self.rates.extend(other.rates);
    }

    pub(super) fn rate(&self) -> f64 {
        super::median(self.rates.clone())
    }

    /// `p50 | p99 |`
    pub(super) fn quantiles(self) -> String {
        let row = self.took.row();
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        format!("{} | {} |", cells[1], cells[3])
    }
}

/// Those that bookings are made at, and one more.
pub(super) async fn open_clinics(fleet: &Fleet) -> anyhow::Result<(Vec<Clinic>, fleet::Clinic)> {
    let mut opened = fleet.open_clinics(CLINICS + 1).await?;
    let more = opened.pop().context("one more was opened")?;
    let mut clinics = Vec::with_capacity(CLINICS);
    for clinic in opened {
        clinics.push(read(fleet, clinic).await?);
    }
    Ok((clinics, more))
}

/// Reads what was opened.
pub(super) async fn read(fleet: &Fleet, clinic: fleet::Clinic) -> anyhow::Result<Clinic> {
    let list = async |path| fleet.org(Method::GET, &clinic, path, Value::Null).await;
    let (providers, services) = (list("/providers").await?, list("/services").await?);
    let ids = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().into_iter().flatten();
        items
            .filter_map(|one| Some(one["id"].as_str()?.to_owned()))
            .collect()
    };
    Ok(Clinic {
        providers: ids(&providers),
        service: ids(&services).pop().context("the clinic has a service")?,
        fleet: clinic,
    })
}

/// One turn: no two ask for the same slot, and all of them are booked.
pub(super) async fn run(
    fleet: &Fleet,
    clinics: &[Clinic],
    owner: &mut PgConnection,
) -> anyhow::Result<Turn> {
    let began = Instant::now();
    let end = began + Duration::from_secs(SECONDS);
    // The numbers pgbench takes its slots from; a turn takes at most this many.
    let first: i64 =
        sqlx::query_scalar("SELECT setval('bench.slot', nextval('bench.slot') + 200000)")
            .fetch_one(owner)
            .await?;
    let next = Arc::new(std::sync::atomic::AtomicI64::new(first - 200_000));
    let mut running = JoinSet::new();
    for _ in 0..CLIENTS {
        let (http, base) = (fleet.http.clone(), fleet.gateway.clone());
        let (clinics, next) = (clinics.to_vec(), Arc::clone(&next));
        running.spawn(async move {
            let mut took = Latencies::default();
            while Instant::now() < end {
                let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let asked = Instant::now();
                book(&http, &base, &clinics, number).await?;
                took.add(asked.elapsed());
            }
            anyhow::Ok(took)
        });
    }
    let mut turn = Turn::default();
    while let Some(one) = running.join_next().await {
        turn.took.extend(one??);
    }
    let count = u32::try_from(turn.took.len())?;
    turn.rates
        .push(f64::from(count) / began.elapsed().as_secs_f64());
    Ok(turn)
}

/// A number that nobody has had lately: those who share one are booked one after the other.
fn phone(number: usize) -> String {
    format!("+1415{}", 2_000_000 + number % 7_999_999)
}

async fn book(
    http: &reqwest::Client,
    base: &str,
    clinics: &[Clinic],
    number: i64,
) -> anyhow::Result<()> {
    let number = usize::try_from(number)?;
    let (clinic, rest) = (&clinics[number % clinics.len()], number / clinics.len());
    let (provider, quarter) = (rest % clinic.providers.len(), rest / clinic.providers.len());
    let monday: Timestamp = "2027-01-04T00:00:00Z".parse()?;
    let starts_at = monday + SignedDuration::from_mins(15) * i32::try_from(quarter)?;
    let body = json!({
        "serviceId": clinic.service, "providerId": clinic.providers[provider],
        "startsAt": starts_at,
        "patient": { "name": format!("Ada Lovelace {number}"), "phone": phone(number) },
    });
    let answer = http
        .post(format!("{base}/api/org/{}/bookings", clinic.fleet.org))
        .bearer_auth(&clinic.fleet.token)
        .header("x-idempotency-key", Uuid::new_v4().to_string())
        .json(&body)
        .send()
        .await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(
        status == StatusCode::CREATED,
        "a booking answered {status}: {text}"
    );
    Ok(())
}
