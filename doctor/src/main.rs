//! `doctor`: examines a live deployment and says what to do. It changes nothing.
#![expect(
    clippy::print_stdout,
    reason = "a command for people and for a Kubernetes job"
)]

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use sqlx::{Connection as _, PgConnection};
use voxanne_doctor::{Report, isolation};

#[derive(Parser)]
#[command(
    name = "doctor",
    about = "Examines a live deployment and says what to do"
)]
struct Arguments {
    #[command(subcommand)]
    examination: Examination,
}

#[derive(Subcommand)]
enum Examination {
    /// Whether Postgres keeps organisations apart: rules about the catalogue, and attempts that are
    /// rolled back
    Isolation {
        #[command(flatten)]
        database: Database,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print what each role of a service may do
    Access {
        #[command(flatten)]
        database: Database,
    },
}

#[derive(clap::Args)]
struct Database {
    /// Postgres, as the owner of the schema; as a superuser to try rows that are there
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,
}

impl Database {
    async fn connect(&self) -> anyhow::Result<PgConnection> {
        PgConnection::connect(&self.database_url)
            .await
            .context("cannot connect to DATABASE_URL")
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().examination {
        Examination::Isolation { database, json } => {
            let mut db = database.connect().await?;
            let report = isolation::examine(&mut db).await?;
            print(&report, json)?;
            Ok(if report.is_healthy() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Examination::Access { database } => {
            let mut db = database.connect().await?;
            sqlx::query("SET search_path = ''").execute(&mut db).await?;
            for line in isolation::access::live(&mut db).await? {
                println!("{line}");
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn print(report: &Report, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(report)?);
        return Ok(());
    }
    for finding in &report.findings {
        println!("{finding}");
    }
    for note in &report.notes {
        println!("note: {note}");
    }
    let Report { rules, probes, .. } = report;
    let found = report.findings.len();
    println!("isolation: {rules} rules, {probes} probes, {found} findings");
    Ok(())
}
