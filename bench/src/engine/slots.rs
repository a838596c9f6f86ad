//! A month of a large clinic's slots.

use std::time::Instant;

use anyhow::ensure;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::bookings::{self, Clinic};
use crate::{fleet::Fleet, latencies::Latencies};

const PROVIDERS: usize = 20;
const BOOKINGS: i32 = 5_000;
const WARM_UP: usize = 20;
const ROUNDS: usize = 200;
const FROM: &str = "2027-01-04T00:00:00Z";

/// Makes `clinic` one with twenty providers, whose month has 5 000 bookings.
pub(super) async fn enlarge(
    fleet: &Fleet,
    clinic: crate::fleet::Clinic,
    owner: &mut PgConnection,
) -> anyhow::Result<Clinic> {
    let hours: Vec<_> = (1..=5)
        .map(|weekday| json!({ "weekday": weekday, "opens": "08:00", "closes": "18:00" }))
        .collect();
    let week = json!({ "hours": hours });
    fleet.org(Method::PUT, &clinic, "/schedules", week).await?;
    for number in 4..PROVIDERS {
        let provider = json!({ "name": format!("Dr. {number}") });
        fleet
            .org(Method::POST, &clinic, "/providers", provider)
            .await?;
    }
    let clinic = bookings::read(fleet, clinic).await?;
    super::fill::month(owner, &clinic, FROM.parse()?, BOOKINGS).await?;
    Ok(clinic)
}

/// The whole month, as the dashboard asks for it.
pub(super) async fn read(fleet: &Fleet, clinic: &Clinic) -> anyhow::Result<Latencies> {
    let from: Timestamp = FROM.parse()?;
    let to = from + SignedDuration::from_hours(30 * 24);
    let path = format!("/slots?serviceId={}&from={from}&to={to}", clinic.service);
    let mut took = Latencies::default();
    for round in 0..WARM_UP + ROUNDS {
        let asked = Instant::now();
        let found = fleet
            .org(Method::GET, &clinic.fleet, &path, Value::Null)
            .await?;
        if round >= WARM_UP {
            took.add(asked.elapsed());
        }
        let items = found["items"].as_array().map_or(0, Vec::len);
        ensure!(items > 0, "the month has free slots");
    }
    Ok(took)
}
