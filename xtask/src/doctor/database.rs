//! `cargo xtask doctor isolation`: runs the doctor of deployments on the fleet that `up` started.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::checkout::{Checkout, variable};
use crate::process::wait;

#[derive(clap::Subcommand)]
pub(crate) enum Examination {
    /// Whether Postgres keeps organisations apart
    Isolation(Rest),
    /// Whether the audit log is whole
    Audit(Rest),
    /// What each role of a service may do
    Access(Rest),
}

#[derive(clap::Args)]
pub(crate) struct Rest {
    /// Passed on to the doctor
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Examines the database in `DATABASE_URL`, or else the one of the fleet that runs.
pub(crate) fn examine(checkout: &Checkout, examination: &Examination) -> Result<bool> {
    let (what, rest) = match examination {
        Examination::Isolation(rest) => ("isolation", rest),
        Examination::Audit(rest) => ("audit", rest),
        Examination::Access(rest) => ("access", rest),
    };
    let url = match variable("DATABASE_URL") {
        Some(url) => url,
        None => of_the_fleet(checkout)?,
    };
    let mut doctor = checkout.cargo(&["run", "--quiet", "--package", "voxanne-doctor", "--", what]);
    doctor.args(&rest.args).env("DATABASE_URL", url);
    Ok(wait(&mut doctor, "the doctor")?.success())
}

fn of_the_fleet(checkout: &Checkout) -> Result<String> {
    let path = checkout.state().join("dev.json");
    let text = fs::read_to_string(&path).context(
        "no fleet of this checkout runs: start it with `cargo xtask up`, or set DATABASE_URL",
    )?;
    let dev: Value = serde_json::from_str(&text).context("dev.json is no JSON")?;
    let url = dev["databaseUrl"].as_str();
    Ok(url.context("dev.json names no database")?.to_owned())
}
