//! Finds what is due and sets somebody to work on it.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::sync::Semaphore;
use tracing::Instrument as _;
use voxanne_ids::OrgId;
use voxanne_pg::OrgTx;
use voxanne_problem::Problem;
use voxanne_runtime::Process;

use super::{Calendars, Link, store::work};
use crate::Error;

const POLL: Duration = Duration::from_millis(250);
/// Calls to Google at one time, and what one organisation is given of them in one round.
const OVERALL: usize = 16;
const PER_ORG: usize = 4;

/// Runs until the process stops; what is under way then is finished by tasks of the process.
pub(crate) async fn run(calendars: Calendars, process: Process) {
    let Some(link) = calendars.link.clone() else {
        return;
    };
    let places = Arc::new(Semaphore::new(OVERALL));
    while !process.shutdown.is_cancelled() {
        if let Err(problem) = round(&calendars, &link, &places, &process).await {
            problem.log();
            tracing::warn!(%problem, "calendars wait");
        }
        let pause = tokio::time::sleep(POLL);
        process.shutdown.run_until_cancelled(pause).await;
    }
}

async fn round(
    calendars: &Calendars,
    link: &Arc<Link>,
    places: &Arc<Semaphore>,
    process: &Process,
) -> Result<(), Problem> {
    let due = work::find_orgs(&calendars.pool, calendars.clock.now()).await;
    for org in due.map_err(Error::from)? {
        if let Err(problem) = begin(calendars, (link, org), places, process).await {
            // One clinic's trouble must not hold up the others.
            problem.log();
            tracing::warn!(org.id = %org, %problem, "calendars wait");
        }
    }
    Ok(())
}

/// Leases what there is room for, writing first: a patient may stand in the clinic before a
/// calendar has been read.
async fn begin(
    calendars: &Calendars,
    (link, org): (&Arc<Link>, OrgId),
    places: &Arc<Semaphore>,
    process: &Process,
) -> Result<(), Problem> {
    let now = calendars.clock.now();
    let until = now.saturating_add(link.timing.lease).unwrap_or(now);
    let room = || places.available_permits().min(PER_ORG);
    let limit = i64::try_from(room()).unwrap_or_default();
    if limit == 0 {
        return Ok(());
    }
    let job = Calendars::job(org);
    let mut tx = OrgTx::begin(&calendars.pool, &job)
        .await
        .map_err(Error::from)?;
    let events = work::lease_events(&mut tx, (now, until), limit).await;
    let events = events.map_err(Error::from)?;
    let left = limit - i64::try_from(events.len()).unwrap_or(limit);
    let readings = work::lease_calendars(&mut tx, (now, until), left).await;
    let readings = readings.map_err(Error::from)?;
    tx.commit().await.map_err(Error::from)?;
    let span = || tracing::info_span!("calendar.work", org.id = %org);
    for (connection, booking) in events {
        let (calendars, link) = (calendars.clone(), Arc::clone(link));
        let work = async move { calendars.write(&link, connection, booking).await };
        spawn(process, places, work.instrument(span()));
    }
    for connection in readings {
        let (calendars, link) = (calendars.clone(), Arc::clone(link));
        let work = async move { calendars.sync(&link, connection).await };
        spawn(process, places, work.instrument(span()));
    }
    Ok(())
}

/// Only the dispatcher takes places, and it has counted them.
fn spawn(
    process: &Process,
    places: &Arc<Semaphore>,
    work: impl Future<Output = Result<(), Problem>> + Send + 'static,
) {
    let place = Arc::clone(places).try_acquire_owned();
    let work = async move {
        // The lease runs out by itself after a failure of the database.
        if let Err(problem) = work.await {
            problem.log();
            tracing::warn!(%problem, "a calendar waits");
        }
        drop(place);
    };
    process.tasks.spawn(work.boxed());
}
