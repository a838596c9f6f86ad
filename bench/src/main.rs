//! Measures a running fleet: `cargo xtask bench` starts one in release and hands it over.
//!
//! Load is open-loop: a tool call leaves at its time whether or not earlier ones were answered, so
//! a slow answer cannot hide behind a late question.
#![expect(clippy::print_stdout, reason = "a command for people")]

mod cost;
mod engine;
mod fleet;
mod latencies;
mod listen;
mod load;
mod members;
mod memory;
mod report;
mod sign_in;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::Parser;

#[derive(Parser)]
struct Args {
    /// Tool calls a second.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// How long, in seconds.
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// The same load before it, which is not counted: connections and caches fill, in seconds.
    #[arg(long, default_value_t = 5)]
    warm_up: u32,
    /// Clinics that share the load.
    #[arg(long, default_value_t = 10)]
    clinics: usize,
    /// Measures the booking engine instead, and fills the database for it.
    #[arg(long)]
    engine: bool,
    /// Divides how many bookings the engine's database is filled with.
    #[arg(long, default_value_t = 1)]
    scale: u32,
    /// Where `cargo xtask up` wrote what runs.
    #[arg(long, env = "VOXANNE_DEV_JSON", default_value = ".voxanne/dev.json")]
    dev_json: PathBuf,
    /// Seconds from start to ready, when the runner measured it.
    #[arg(long, env = "VOXANNE_READY_SECONDS")]
    ready_seconds: Option<f64>,
    /// Writes the report here as well.
    #[arg(long)]
    report: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    // A second installation means that it is there already.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let fleet = fleet::Fleet::open(&args.dev_json)?;
    if args.engine {
        let page = engine::measure(&fleet, &fleet.database_url, args.scale).await?;
        return show(&page, args.report.as_deref());
    }
    let idle = memory::resident(&fleet.pids)?;
    println!("opening {} clinics", args.clinics);
    let clinics = fleet.open_clinics(args.clinics).await?;
    let listeners = listen::start(&fleet, &clinics).await?;
    println!("{} tool calls a second for {} s", args.rate, args.seconds);
    let warm = load::run(&fleet, &clinics, (args.rate, args.warm_up), 0).await;
    let callers = args.rate * args.warm_up / 2;
    let load = load::run(&fleet, &clinics, (args.rate, args.seconds), callers).await;
    let callers = callers + args.rate * args.seconds / 2;
    println!("a quarter of that, and members at work");
    let before = members::Verified::read(&fleet).await?;
    let (mixed, work) = tokio::join!(
        load::run(&fleet, &clinics, (args.rate / 4, args.seconds), callers),
        members::work(&fleet, &clinics, args.seconds),
    );
    let verified = members::Verified::read(&fleet).await?.since(before);
    let booked = warm.booked + load.booked + mixed.booked;
    let texts = fleet
        .await_texts(&clinics, booked, Duration::from_secs(60))
        .await?;
    let frames = listeners.finish().await;
    let busy = memory::resident(&fleet.pids)?;
    // Last, when the rest is still.
    let cost = match clinics.first() {
        Some(clinic) => cost::measure(&fleet, clinic).await?,
        None => cost::Cost::default(),
    };
    let sign_ins = sign_in::measure(&fleet).await?;
    let measured = report::Measured {
        rate: args.rate,
        seconds: args.seconds,
        clinics: args.clinics,
        warm_up: args.warm_up,
        ready_seconds: args.ready_seconds,
        load,
        work: work?,
        verified,
        cost,
        sign_ins,
        handovers: listen::handovers(&frames, &texts),
        frames,
        idle,
        busy,
    };
    show(&report::render(measured), args.report.as_deref())
}

fn show(page: &str, report: Option<&Path>) -> anyhow::Result<()> {
    println!("{page}");
    if let Some(path) = report {
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
