//! Measures the booking engine: bookings a second through the gateway beside what pgbench reaches
//! with the same statements, and how long a month of slots takes, with few bookings and with many.

mod bookings;
mod fill;
mod pgbench;
mod slots;

use std::{
    fmt::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use sqlx::{Connection as _, PgConnection};

use crate::fleet::Fleet;

/// Turns of each arm; they alternate, so that what else the machine does meets both.
const TURNS: usize = 3;
/// Bookings in the database before each round.
const FILLS: [u32; 2] = [10_000, 1_000_000];

/// The texts of all turns take some minutes.
const LONGEST_UNREST: Duration = Duration::from_secs(900);

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
         arms of a row take turns, and each turn begins when all that was set off before is done.\n\n| bookings stored | through the gateway, a second | pgbench, a \
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
            await_rest(&mut owner).await?;
            through.add(bookings::run(fleet, &clinics, &mut owner).await?);
            await_rest(&mut owner).await?;
            bare.push(pgbench::run(&pgbench, database_url)?);
        }
        let (rate, bare) = (through.rate(), median(bare));
        let share = rate / bare * 100.0;
        writeln!(
            page,
            "| {stored} | {rate:.0} | {bare:.0} | {share:.0} % | ≥ 50 % | {}",
            through.quantiles()
        )?;
        await_rest(&mut owner).await?;
        let read = slots::read(fleet, &month).await?;
        writeln!(months, "| {stored} | {} | p99 ≤ 20 |", read.row())?;
    }
    Ok(page + &months)
}

/// Waits until what the bookings set off is done, texts above all: it would be measured with what
/// comes next.
async fn await_rest(owner: &mut PgConnection) -> anyhow::Result<()> {
    let deadline = Instant::now() + LONGEST_UNREST;
    loop {
        let busy: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM notification.message
                            WHERE state IN ('queued', 'sending', 'unknown'))
                 OR EXISTS (SELECT FROM events.progress JOIN events.counter USING (org_id)
                            WHERE progress.seq < counter.seq)",
        )
        .fetch_one(&mut *owner)
        .await?;
        if !busy {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "the fleet does not come to rest");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

pub(crate) fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

/// Where the statements are.
fn script() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/booking.sql"))
}
