//! `doctor`: examines a live deployment and says what to do. It changes nothing.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command for people and for a Kubernetes job"
)]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use jiff::tz::TimeZone;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use voxanne_doctor::{Report, audit, isolation, zones};

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
    /// Whether the audit log is whole; prints where each organisation's chain ends
    Audit {
        #[command(flatten)]
        database: Database,
        /// What this printed at another time: each chain must still go through its head of then
        #[arg(long)]
        expect: Option<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Whether visits still begin at the time on the wall that was promised, by the rules of time
    /// zones that this release knows
    Zones {
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
    /// Postgres, as a superuser or as the role that docs/deployment.md makes for this
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
            let report = isolation::examine(&mut database.connect().await?).await?;
            if json {
                println!("{}", serde_json::to_string_pretty(&report)?);
            } else {
                print(&report);
                let Report { rules, probes, .. } = report;
                let found = report.findings.len();
                println!("isolation: {rules} rules, {probes} probes, {found} findings");
            }
            Ok(exit_code(&report))
        }
        Examination::Audit {
            database,
            expect,
            json,
        } => {
            let expected = expect.map(read_heads).transpose()?.unwrap_or_default();
            let mut db = database.connect().await?;
            let mut tx = db.begin_with(audit::BEGIN).await?;
            let (heads, report) = audit::examine(&mut tx, &expected).await?;
            tx.rollback().await?;
            if json {
                let all =
                    json!({ "heads": heads, "notes": report.notes, "findings": report.findings });
                println!("{all:#}");
            } else {
                // Only heads, so that the output can be kept as it is.
                print!("{heads}");
                explain(&report);
            }
            Ok(exit_code(&report))
        }
        Examination::Zones { database, json } => {
            let mut db = database.connect().await?;
            let mut tx = db.begin_with(audit::BEGIN).await?;
            let report = zones::examine(&mut tx, |name| TimeZone::get(name).ok()).await?;
            tx.rollback().await?;
            if json {
                println!("{}", serde_json::to_string_pretty(&report)?);
            } else {
                print(&report);
                let (visits, found) = (report.rules, report.findings.len());
                println!("zones: {visits} visits to come, {found} findings");
            }
            Ok(exit_code(&report))
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

fn read_heads(path: PathBuf) -> anyhow::Result<audit::Heads> {
    let text = std::fs::read_to_string(&path);
    text.with_context(|| format!("cannot read {}", path.display()))?
        .parse()
}

fn exit_code(report: &Report) -> ExitCode {
    if report.is_healthy() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print(report: &Report) {
    for finding in &report.findings {
        println!("{finding}");
    }
    for note in &report.notes {
        println!("note: {note}");
    }
}

fn explain(report: &Report) {
    for finding in &report.findings {
        eprintln!("{finding}");
    }
    for note in &report.notes {
        eprintln!("note: {note}");
    }
    let (chains, found) = (report.rules, report.findings.len());
    eprintln!("audit: {chains} chains, {found} findings");
}
