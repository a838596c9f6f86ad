//! Measures the booking engine: bookings a second through the gateway beside what pgbench reaches
//! with the same statements, and how long a month of slots takes, with few bookings and with many.

mod bookings;
mod fill;
mod pgbench;
mod slots;

use std::{fmt::Write as _, path::Path};

use anyhow::Context as _;
use sqlx::{Connection as _, PgConnection};

use crate::fleet::Fleet;

/// Turns of each arm; they alternate, so that what else the machine does meets both.
const TURNS: usize = 3;
/// Bookings in the database before each round.
const FILLS: [u32; 2] = [10_000, 1_000_000];

/// Measures and renders Markdown. `scale` makes the larger fill smaller, for a trial.
pub(crate) async fn measure(
    fleet: &Fleet,
    database_url: &str,
    scale: u32,
) -> anyhow::Result<String> {
    let mut owner = PgConnection::connect(database_url)
        .await
        .context("the fleet's database")?;
    let (clinics, large) = bookings::open_clinics(fleet).await?;
    pgbench::prepare(&mut owner, &clinics).await?;
    let pgbench = pgbench::find()?;
    let mut page = String::from(
        "# The booking engine\n\nWritten by `cargo xtask bench -- --engine`. All on one machine; the two \
         arms of a row take turns.\n\n| bookings stored | through the gateway, a second | pgbench, a \
         second | share | goal | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|\n",
    );
    let mut months = String::from(
        "\n| bookings stored | 30 days of 20 providers: count | p50 ms | p95 ms | p99 ms | max ms | goal \
         |\n|---|---|---|---|---|---|---|\n",
    );
    let month = slots::enlarge(fleet, large, &mut owner).await?;
    for fill in FILLS {
        let stored = fill::reach(&mut owner, fill / scale.max(1)).await?;
        let (mut through, mut bare) = (bookings::Turn::default(), Vec::new());
        for _ in 0..TURNS {
            through.add(bookings::run(fleet, &clinics, &mut owner).await?);
            bare.push(pgbench::run(&pgbench, database_url)?);
        }
        let (rate, bare) = (through.rate(), median(bare));
        let share = rate / bare * 100.0;
        writeln!(
            page,
            "| {stored} | {rate:.0} | {bare:.0} | {share:.0} % | ≥ 50 % | {}",
            through.quantiles()
        )?;
        let read = slots::read(fleet, &month).await?;
        writeln!(months, "| {stored} | {} | p99 ≤ 20 |", read.row())?;
    }
    Ok(page + &months)
}

pub(crate) fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

/// Where the statements are.
fn script() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/booking.sql"))
}
