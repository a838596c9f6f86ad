//! The same statements without any of us in between.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};
use sqlx::PgConnection;

use super::bookings::{CLIENTS, Clinic, SECONDS};

/// What pgbench chooses its slots from.
pub(super) async fn prepare(owner: &mut PgConnection, clinics: &[Clinic]) -> anyhow::Result<()> {
    for statement in [
        "CREATE SCHEMA IF NOT EXISTS bench",
        "CREATE TABLE bench.place (number bigint PRIMARY KEY, org uuid, provider uuid, service uuid)",
        "CREATE SEQUENCE bench.slot MINVALUE 0",
        "GRANT USAGE ON SCHEMA bench TO svc_booking",
        "GRANT SELECT ON bench.place TO svc_booking",
        "GRANT USAGE ON SEQUENCE bench.slot TO svc_booking",
    ] {
        sqlx::query(statement).execute(&mut *owner).await?;
    }
    let mut number = 0_i64;
    for provider in 0..clinics.first().map_or(0, |clinic| clinic.providers.len()) {
        for clinic in clinics {
            sqlx::query("INSERT INTO bench.place VALUES ($1, $2::uuid, $3::uuid, $4::uuid)")
                .bind(number)
                .bind(bare(&clinic.fleet.org))
                .bind(bare(&clinic.providers[provider]))
                .bind(bare(&clinic.service))
                .execute(&mut *owner)
                .await?;
            number += 1;
        }
    }
    Ok(())
}

/// An id without what it says it names.
pub(super) fn bare(id: &str) -> &str {
    id.split_once('_').map_or(id, |(_, bare)| bare)
}

/// `pgbench` on the path, or where Debian has it.
pub(super) fn find() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    places.extend(
        (15..20)
            .rev()
            .map(|version| format!("/usr/lib/postgresql/{version}/bin").into()),
    );
    let mut found = places.into_iter().map(|place| place.join("pgbench"));
    found
        .find(|file| file.exists())
        .context("pgbench is not installed; it comes with the Postgres server")
}

/// Transactions a second of one turn.
pub(super) fn run(pgbench: &Path, database_url: &str) -> anyhow::Result<f64> {
    let done = Command::new(pgbench)
        .args(["-n", "-M", "prepared", "-j", "2"])
        .args(["-c", &CLIENTS.to_string(), "-T", &SECONDS.to_string(), "-f"])
        .arg(super::script())
        .arg(database_url)
        .env("PGOPTIONS", "-c role=svc_booking")
        .stdin(Stdio::null())
        .output()?;
    let said = String::from_utf8_lossy(&done.stdout);
    let failures = String::from_utf8_lossy(&done.stderr);
    let rate = said
        .lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    match rate {
        Some(rate) if done.status.success() => Ok(rate),
        _ => bail!("pgbench failed: {said}{failures}"),
    }
}
