//! Whether the time of a refused sign-in tells which addresses have an account.
//!
//! Wrong passwords for addresses with an account and for addresses without one, in turn, over one
//! connection and one at a time, so that whatever else the machine does meets both. An account is
//! tried less often than the limits allow, so there are many of them.

use std::time::{Duration, Instant};

use anyhow::ensure;
use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

use crate::{fleet::Fleet, latencies::Latencies};

const ACCOUNTS: usize = 40;
/// Of each account; the limit is 10 from one network in a quarter of an hour.
const TRIES: usize = 8;

#[derive(Debug, Default)]
pub(crate) struct SignIns {
    pub(crate) known: Latencies,
    pub(crate) unknown: Latencies,
}

impl SignIns {
    /// By how many thousandths the two medians differ.
    pub(crate) fn apart(&self) -> i64 {
        let (known, unknown) = (self.known.median_micros(), self.unknown.median_micros());
        (known - unknown).abs() * 1000 / unknown.max(1)
    }
}

pub(crate) async fn measure(fleet: &Fleet) -> anyhow::Result<SignIns> {
    let http = Client::builder().pool_max_idle_per_host(1).build()?;
    let url = format!("{}/api/auth/login", fleet.gateway);
    let address = || format!("guess-{}@clinic.example", Uuid::new_v4().simple());
    let mut accounts = Vec::with_capacity(ACCOUNTS);
    for _ in 0..ACCOUNTS {
        let email = address();
        sign_up(fleet, &email).await?;
        accounts.push(email);
    }
    let strangers: Vec<_> = accounts.iter().map(|_| address()).collect();
    let mut sign_ins = SignIns::default();
    for turn in 0..TRIES {
        for (known, unknown) in accounts.iter().zip(&strangers) {
            let known = (known, &mut sign_ins.known);
            let unknown = (unknown, &mut sign_ins.unknown);
            // Neither is always the one that follows the other.
            let pair = match turn % 2 {
                0 => [known, unknown],
                _ => [unknown, known],
            };
            for (email, into) in pair {
                into.add(refused(&http, &url, email).await?);
            }
        }
    }
    Ok(sign_ins)
}

async fn sign_up(fleet: &Fleet, email: &str) -> anyhow::Result<()> {
    let form = json!({
        "email": email,
        "password": Uuid::new_v4().to_string(),
        "clinicName": "Bench",
        "timeZone": "Europe/Berlin",
    });
    fleet
        .send(Method::POST, "/api/auth/signup", "", form)
        .await
        .map(drop)
}

async fn refused(http: &Client, url: &str, email: &str) -> anyhow::Result<Duration> {
    let form = json!({ "email": email, "password": "not the password" });
    let request = http.post(url).json(&form);
    let started = Instant::now();
    let answer = request.send().await?;
    let status = answer.status();
    answer.bytes().await?;
    let took = started.elapsed();
    ensure!(
        status == StatusCode::UNAUTHORIZED,
        "a wrong password is answered {status}"
    );
    Ok(took)
}
